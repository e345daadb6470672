export { METRICS_EXPORT } from './metrics.export.js';
export { IdleQueries } from './idle.queries.js';
export type { IdleInstance, IdleList, IdleQuery } from './idle.queries.js';
export { LIVE_CHANNEL, LiveStore } from './live.store.js';
export { SequenceGapError } from './ingest.types.js';
export type {
  BatchOutcome,
  LiveValues,
  MinuteBatch,
  MinuteOfDevice,
  RejectedMinute,
  SampleOutcome,
  UnreadableEntry,
} from './ingest.types.js';
export { FleetMetricsQueries } from './fleet-metrics.queries.js';
export { readGpuActivity } from './gpu-activity.queries.js';
export type { GpuActivityDay } from './gpu-activity.queries.js';
export type { TagHour } from './fleet-metrics.queries.js';
export type { TagStatistic } from './fleet-metrics.sql.js';
export { MetricsIngest } from './metrics.ingest.js';
export { MetricsModule } from './metrics.module.js';
export { MetricsPacking } from './metrics.packing.js';
export { MetricsRetention } from './metrics.retention.js';
