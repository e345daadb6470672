export * from './useful-gpu-hours.js';
export * from './own-models.js';
export * from './decimals.js';
export * from './charged.js';
