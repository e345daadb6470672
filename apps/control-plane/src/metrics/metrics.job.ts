import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { Jobs, Log } from '../platform/index.js';
import { writeMetricNames } from './metric-names.js';
import { MetricsPacking } from './metrics.packing.js';
import { MetricsRetention } from './metrics.retention.js';

const MINUTE_MS = 60_000;

/** What the telemetry does on a timer, and what must be there before the first sample comes. */
@Injectable()
export class MetricsJob implements OnModuleInit {
  private readonly log: Log;

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    private readonly packing: MetricsPacking,
    private readonly retention: MetricsRetention,
    log: Log,
  ) {
    this.log = log.child('metrics');
  }

  async onModuleInit(): Promise<void> {
    await writeMetricNames(this.db);
    // the control plane may have been off for longer than partitions were made ahead
    await this.retention.makePartitions();
    this.jobs.every({ name: 'metrics.pack', everyMs: 5 * MINUTE_MS, exclusive: true, run: () => this.packing.pack() });
    this.jobs.every({ name: 'metrics.retention', everyMs: 60 * MINUTE_MS, exclusive: true, run: () => this.retain() });
  }

  private async retain(): Promise<void> {
    const made = await this.retention.makePartitions();
    const dropped = await this.retention.dropOld();
    if (made > 0 || dropped.length > 0) this.log.info({ made, dropped }, 'partitions were made ahead and dropped');
  }
}
