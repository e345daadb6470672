export * from './alert-state.js';
