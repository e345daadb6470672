export * from './schedule.js';
export { isTimeZone } from './zone.js';
