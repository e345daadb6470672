/** What every source of costs and AI usage has in common. Pure but for the types: importing it costs nothing. */
export { addAmounts, exactAmount, isNegative } from './amount.js';
export { Gathering } from './collect.js';
export { DAY_MS, dayOf, HOUR_MS, isoOf, wholeBuckets } from './dataset.js';
export type { SpendDataset, SpendWindow } from './dataset.js';
export { recordId, tokenFields, withdrawn } from './record.js';
export type { AiSpendRecord, CostRecord, Normalized, SpendRecord } from './record.js';
export { passes, ProviderError } from '../ask/index.js';
export type { CallerOptions, ProviderFault } from '../ask/index.js';
