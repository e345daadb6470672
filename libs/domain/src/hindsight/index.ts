export * from './afterwards.js';
export * from './priced-time.js';
export * from './stops.js';
export * from './sweep.js';
export * from './caps-in-hindsight.js';
export * from './gate-in-hindsight.js';
export * from './sweep-tree.js';
