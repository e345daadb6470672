export * from './useful-gpu-hours.js';
export * from './own-models.js';
