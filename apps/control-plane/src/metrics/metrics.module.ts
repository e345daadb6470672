import { Module } from '@nestjs/common';
import { FleetMetricsQueries } from './fleet-metrics.queries.js';
import { IdleQueries } from './idle.queries.js';
import { LiveStore } from './live.store.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsIngest } from './metrics.ingest.js';
import { MetricsJob } from './metrics.job.js';
import { MetricsPacking } from './metrics.packing.js';
import { MetricsQueries } from './metrics.queries.js';
import { MetricsRetention } from './metrics.retention.js';

@Module({
  controllers: [MetricsController],
  providers: [
    FleetMetricsQueries,
    IdleQueries,
    LiveStore,
    MetricsIngest,
    MetricsJob,
    MetricsPacking,
    MetricsQueries,
    MetricsRetention,
  ],
  exports: [FleetMetricsQueries, IdleQueries, MetricsIngest],
})
export class MetricsModule {}
