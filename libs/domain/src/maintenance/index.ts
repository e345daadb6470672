export { readRecurrence, RecurrenceError } from './recurrence.js';
export { covers, nextOpenings, openingsBetween, windowAt } from './window.js';
export type { MaintenanceScope, MaintenanceSubject, MaintenanceTimes, Opening } from './window.js';
