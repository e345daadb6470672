export * from './useful-gpu-hours.js';
