export * from './actions/control.js';
export * from './actions/outcome.js';
export * from './actions/status.js';
export * from './agents/agent-ref.js';
export * from './telemetry/catalogue.js';
export * from './telemetry/device-minute.js';
