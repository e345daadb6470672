export * from './burn.js';
export * from './completion.js';
export * from './coverage.js';
export { dayNumber, dayText } from './days.js';
export * from './forecast.js';
export * from './period.js';
export * from './projection.js';
export * from './seeded.js';
export * from './thresholds.js';
