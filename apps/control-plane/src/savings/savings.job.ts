import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { Jobs, Log } from '../platform/index.js';
import { SavingsService } from './savings.service.js';
import { TENANTS_WITH_STOPS } from './savings.sql.js';

const EVERY_MS = 5 * 60_000;

/** Keeps every tenant's ledger of savings up with the time, and with bills that come late. */
@Injectable()
export class SavingsJob implements OnModuleInit {
  private readonly log: Log;

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    private readonly savings: SavingsService,
    log: Log,
  ) {
    this.log = log.child('savings');
  }

  onModuleInit(): void {
    this.jobs.every({ name: 'savings.advance', everyMs: EVERY_MS, exclusive: true, run: () => this.advanceAll() });
  }

  /** A tenant whose ledger cannot be advanced is told and tried again, and holds up nobody else. */
  private async advanceAll(): Promise<void> {
    const tenants = await this.db.system((tx) => tx.rows<{ tenant_id: string }>(TENANTS_WITH_STOPS));
    for (const { tenant_id: tenantId } of tenants) {
      await this.savings.advance(tenantId, Date.now()).catch((error: unknown) => {
        this.log.error({ err: error, tenant_id: tenantId }, 'savings could not be advanced; the next run tries again');
      });
    }
  }
}
