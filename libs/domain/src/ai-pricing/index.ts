export * from './cost.js';
export * from './providers.js';
export * from './sheet.js';
