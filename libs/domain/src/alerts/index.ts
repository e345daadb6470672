export * from './alert-state.js';
export * from './rule-condition.js';
export * from './built-in-rules.js';
export * from './rule-replay.js';
