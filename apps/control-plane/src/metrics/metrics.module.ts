import { Module } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { IdleQueries } from './idle.queries.js';
import { LiveStore } from './live.store.js';
import { writeMetricNames } from './metric-names.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsIngest } from './metrics.ingest.js';
import { MetricsQueries } from './metrics.queries.js';

@Module({
  controllers: [MetricsController],
  providers: [IdleQueries, LiveStore, MetricsIngest, MetricsQueries],
  exports: [IdleQueries, MetricsIngest],
})
export class MetricsModule implements OnModuleInit {
  constructor(private readonly db: Db) {}

  onModuleInit(): Promise<void> {
    return writeMetricNames(this.db);
  }
}
