import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { Jobs, Log } from '../platform/index.js';
import { CostSnapshots } from './cost-snapshots.service.js';
import { FORGET, TENANTS } from './cost-snapshots.sql.js';

/** Oftener than the hour, so that no hour is left out when a run comes late; an hour that has its snapshot is passed over. */
const EVERY_MS = 10 * 60_000;
const KEPT_DAYS = 400;

/** Takes the snapshot of every tenant with charges once an hour, and forgets those that are too old. */
@Injectable()
export class CostSnapshotsJob implements OnModuleInit {
  private readonly log: Log;

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    private readonly snapshots: CostSnapshots,
    log: Log,
  ) {
    this.log = log.child('cost-snapshots');
  }

  onModuleInit(): void {
    this.jobs.every({ name: 'cost-snapshots.take', everyMs: EVERY_MS, exclusive: true, run: () => this.run() });
  }

  /** A tenant whose snapshot fails is told and tried again within the hour, and keeps nobody else from theirs. */
  async run(): Promise<void> {
    const tenants = await this.db.system((tx) => tx.rows<{ tenant_id: string }>(TENANTS));
    for (const { tenant_id: tenantId } of tenants) {
      await this.snapshots.take(tenantId, new Date()).catch((error: unknown) => {
        this.log.error({ err: error, tenant_id: tenantId }, 'costs could not be kept; the next run tries again');
      });
    }
    await this.db.system((tx) => tx.rows(FORGET, [KEPT_DAYS]));
  }
}
