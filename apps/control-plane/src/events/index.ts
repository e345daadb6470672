export { EventLog } from './event-log.js';
export type { NewEvent } from './event-log.js';
export { EventsModule } from './events.module.js';
