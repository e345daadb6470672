export { everythingOf, FILTER_VALUES as COUNTED_USAGE_VALUES } from './ai-spend.filter.js';
export { COUNTED_USAGE } from './ai-spend.sql.js';
export { AI_SPEND_EXPORT } from './ai-spend.export.js';
export { AiSpendModule } from './ai-spend.module.js';
export { reportedUsage, spendTypeOf } from './reported-usage.js';
export { UsageLedger } from './usage-ledger.js';
export type { UsageOutcome } from './usage-ledger.js';
export type { UsageOf, UsageRecord } from './usage-record.js';
