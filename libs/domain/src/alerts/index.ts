export * from './alert-state.js';
export * from './rule-condition.js';
