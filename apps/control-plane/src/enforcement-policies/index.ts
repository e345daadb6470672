export { EnforcementPoliciesModule } from './enforcement-policies.module.js';
export { EnforcementPoliciesService } from './enforcement-policies.service.js';
export { conditionsOf, rulesOf, scheduleOf } from './policy-wire.js';
export type { PolicyDefinition } from './policy-wire.js';
