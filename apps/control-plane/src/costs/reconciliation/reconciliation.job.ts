import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db, systemActor } from '@flotilla/persistence';
import { Jobs, Log } from '../../platform/index.js';
import { Reconciliation } from './reconciliation.service.js';

const EVERY_MS = 6 * 3_600_000;
/** Bills of a month are corrected until about the middle of the next one. */
const DAYS = 62;

/** Looks again at what counts: at what was linked to its instance later, or moved to another day. */
@Injectable()
export class ReconciliationJob implements OnModuleInit {
  private readonly log: Log;

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    private readonly reconciliation: Reconciliation,
    log: Log,
  ) {
    this.log = log.child('reconciliation');
  }

  onModuleInit(): void {
    this.jobs.every({ name: 'costs.settle', everyMs: EVERY_MS, exclusive: true, run: () => this.settleAll() });
  }

  private async settleAll(): Promise<void> {
    const rows = await this.db.system((tx) =>
      tx.rows<{ tenant_id: string; first_day: string; last_day: string }>(
        `SELECT t.tenant_id, (current_date - $1::integer)::text AS first_day, (current_date + 1)::text AS last_day
           FROM flotilla.tenants t WHERE t.status = 'active'`,
        [DAYS],
      ),
    );
    for (const { tenant_id: tenantId, first_day: first, last_day: last } of rows) {
      const settled = await this.db.write(systemActor(tenantId, 'reconciliation'), (tx) => {
        tx.withoutAudit('which charges count follows from the charges');
        return this.reconciliation.settle(tx, tenantId, first, last);
      });
      if (settled.replaced + settled.restored > 0) {
        this.log.info({ tenant_id: tenantId, ...settled }, 'charges were replaced by better ones, or count again');
      }
    }
  }
}
