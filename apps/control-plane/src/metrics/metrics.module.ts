import { Module } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { LiveStore } from './live.store.js';
import { writeMetricNames } from './metric-names.js';
import { MetricsIngest } from './metrics.ingest.js';

@Module({
  providers: [LiveStore, MetricsIngest],
  exports: [MetricsIngest],
})
export class MetricsModule implements OnModuleInit {
  constructor(private readonly db: Db) {}

  onModuleInit(): Promise<void> {
    return writeMetricNames(this.db);
  }
}
