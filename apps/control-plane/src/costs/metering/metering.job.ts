import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { Jobs, Log } from '../../platform/index.js';
import { Metering } from './metering.service.js';
import { TENANTS } from './metering.sql.js';

const EVERY_MS = 5 * 60_000;

/** Keeps the metered charges of every tenant up with the time. */
@Injectable()
export class MeteringJob implements OnModuleInit {
  private readonly log: Log;

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    private readonly metering: Metering,
    log: Log,
  ) {
    this.log = log.child('metering');
  }

  onModuleInit(): void {
    this.jobs.every({ name: 'costs.meter', everyMs: EVERY_MS, exclusive: true, run: () => this.meterAll() });
  }

  /** A tenant whose metering fails is told and tried again, and keeps nobody else from being metered. */
  private async meterAll(): Promise<void> {
    const tenants = await this.db.system((tx) => tx.rows<{ tenant_id: string }>(TENANTS));
    for (const { tenant_id: tenantId } of tenants) {
      await this.metering.meter(tenantId).catch((error: unknown) => {
        this.log.error({ err: error, tenant_id: tenantId }, 'a tenant could not be metered; the next run tries again');
      });
    }
  }
}
