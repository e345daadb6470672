export { CostAllocationRulesModule } from './cost-allocation-rules.module.js';
