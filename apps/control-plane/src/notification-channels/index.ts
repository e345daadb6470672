export { SEVERITIES } from './notice.js';
export type { Notice, Severity } from './notice.js';
export { NotificationChannelsModule } from './notification-channels.module.js';
export { NotificationChannelsService } from './notification-channels.service.js';
export { NotificationOutbox } from './notification-outbox.js';
