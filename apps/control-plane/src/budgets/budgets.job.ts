import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db, systemActor } from '@flotilla/persistence';
import { Jobs, Log } from '../platform/index.js';
import { checkBudgets } from './budgets.alerts.js';

/** Charges that came in are looked at this soon; a quiet tenant once an hour. */
const LOOK_MS = 5 * 60_000;
const QUIET_MS = 3_600_000;

/** Checks the budgets of every tenant: every hour, and within minutes where new charges came in. */
@Injectable()
export class BudgetsJob implements OnModuleInit {
  private readonly log: Log;
  /** Tenant → when this replica checked it last, and the newest charge that it had then. */
  private readonly looked = new Map<string, { readonly atMs: number; readonly newest: string | null }>();

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    log: Log,
  ) {
    this.log = log.child('budgets');
  }

  onModuleInit(): void {
    this.jobs.every({ name: 'budgets.check', everyMs: LOOK_MS, exclusive: true, run: () => this.checkAll() });
  }

  private async checkAll(): Promise<void> {
    const tenants = await this.db.system((tx) => tx.rows<{ tenant_id: string; newest: string | null }>(TENANTS));
    for (const { tenant_id: tenantId, newest } of tenants) {
      const last = this.looked.get(tenantId);
      if (last && last.newest === newest && Date.now() - last.atMs < QUIET_MS) continue;
      await this.check(tenantId, newest);
    }
  }

  /** A tenant whose check fails does not keep the others from theirs. */
  private async check(tenantId: string, newest: string | null): Promise<void> {
    try {
      const actor = systemActor(tenantId, 'budgets');
      const { fired } = await this.db.write(actor, (tx) => checkBudgets(tx, tenantId, new Date()));
      this.looked.set(tenantId, { atMs: Date.now(), newest });
      if (fired.length > 0) this.log.info({ tenantId, fired: fired.length }, 'thresholds of budgets were reached');
    } catch (error) {
      this.log.error(
        { err: error, tenantId },
        'the budgets of a tenant could not be checked; the next run tries again',
      );
    }
  }
}

/** Tenants that have charges or budgets: lateness is learned before the first budget is made. */
const TENANTS = `
  SELECT t.tenant_id, 
         (SELECT max(c.id)::text FROM flotilla.costs c WHERE c.tenant_id = t.tenant_id) AS newest
    FROM flotilla.tenants t WHERE t.status = 'active'
     AND (EXISTS (SELECT FROM flotilla.budgets b WHERE b.tenant_id = t.tenant_id)
       OR EXISTS (SELECT FROM flotilla.costs c WHERE c.tenant_id = t.tenant_id))`;
