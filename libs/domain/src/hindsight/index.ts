export * from './afterwards.js';
export * from './priced-time.js';
export * from './stops.js';
export * from './sweep.js';
