export * from './evidence.js';
export { EVIDENCE_FRESH_S, PROCESS_LIST_FRESH_S } from './activity-checks.js';
export { protectionTag } from './fact-checks.js';
export * from './judge.js';
export { BUSY_PERCENT, classifyMachine, EVIDENCE_KINDS, MACHINE_CLASSES } from './machine-class.js';
export type { Classified, EvidenceKind, MachineClass } from './machine-class.js';
export * from './settings.js';
export { spreadOf, sumOf } from './summarise.js';
