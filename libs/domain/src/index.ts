export * from './actions/status.js';
export * from './telemetry/catalogue.js';
export * from './telemetry/device-minute.js';
