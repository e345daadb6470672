export { COSTS_EXPORT } from './costs.export.js';
export { COUNTED_COSTS, costFilter, RATE } from './costs.filter.js';
export type { CostFilter } from './costs.filter.js';
export { CostLedger } from './cost-ledger.js';
export type { CostOrigins, LedgerOutcome } from './cost-ledger.js';
export { CostsModule } from './costs.module.js';
export { reportedCost } from './reported-cost.js';
export type { ReportContext } from './reported-cost.js';
