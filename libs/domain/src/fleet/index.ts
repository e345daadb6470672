export * from './gpu-now.js';
export * from './daily-waste.js';
