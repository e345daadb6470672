export { SyncModule } from './sync.module.js';
export { SyncSections } from './sync.sections.js';
export type { SectionOutcome } from './sync.sections.js';
