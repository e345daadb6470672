export { gateOnWire, StopGate } from './stop-gate.js';
export type { StopGateAnswer, StopGateQuestion } from './stop-gate.js';
export { StopGateModule } from './stop-gate.module.js';
