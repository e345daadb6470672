export { EventLog } from './event-log.js';
export type { NewEvent } from './event-log.js';
export { EVENT_RETENTION_DAYS, EventsJob } from './events.job.js';
export { EventsModule } from './events.module.js';
export { EVENT_COLUMNS, eventBody, EventReader, EVENTS_SEALED_CHANNEL } from './events.reader.js';
