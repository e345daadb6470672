export * from './normalize.js';
export * from './usage.js';
