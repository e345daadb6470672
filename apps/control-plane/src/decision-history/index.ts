export { DecisionHistory } from './decision-history.js';
export type { HistoryQuestion, InstancePast } from './decision-history.js';
export { DecisionHistoryModule } from './decision-history.module.js';
export { derivedSeries, readDerived } from './derived-series.js';
export type { DerivedSeries, MinuteSpan } from './derived-series.js';
export { readInstances } from './history-instances.js';
export type { HistoryGpu, HistoryInstance } from './history-instances.js';
