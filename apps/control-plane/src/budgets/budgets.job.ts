import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db, systemActor } from '@flotilla/persistence';
import { AlertDesk } from '../alerts/index.js';
import { Jobs, Log } from '../platform/index.js';
import { checkBudgets } from './budgets.alerts.js';

const LOOK_MS = 5 * 60_000;
/** Without budgets only lateness is learned. */
const QUIET_MS = 3_600_000;
/** A check that takes long is made less often: at most a twentieth of the time goes into it. */
const REST = 20;

/**
 * Checks the budgets of every tenant every five minutes: new charges, corrected ones of past days, changed rates and usage
 * are all seen by then, whatever wrote them.
 */
@Injectable()
export class BudgetsJob implements OnModuleInit {
  private readonly log: Log;
  /** Tenant → when this replica checked it last, and how long that took. */
  private readonly looked = new Map<string, { readonly atMs: number; readonly tookMs: number }>();

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    private readonly desk: AlertDesk,
    log: Log,
  ) {
    this.log = log.child('budgets');
  }

  onModuleInit(): void {
    this.jobs.every({ name: 'budgets.check', everyMs: LOOK_MS, exclusive: true, run: () => this.checkAll() });
  }

  private async checkAll(): Promise<void> {
    const tenants = await this.db.system((tx) => tx.rows<{ tenant_id: string; has_budgets: boolean }>(TENANTS));
    for (const { tenant_id: tenantId, has_budgets: hasBudgets } of tenants) {
      const last = this.looked.get(tenantId);
      const restMs = Math.min(QUIET_MS, hasBudgets ? (last?.tookMs ?? 0) * REST : QUIET_MS);
      if (!last || Date.now() - last.atMs >= restMs) await this.check(tenantId);
    }
  }

  /** A tenant whose check fails does not keep the others from theirs. */
  private async check(tenantId: string): Promise<void> {
    const began = performance.now();
    try {
      const actor = systemActor(tenantId, 'budgets');
      const { fired } = await this.db.write(actor, (tx) => checkBudgets(tx, this.desk, tenantId, new Date()));
      this.looked.set(tenantId, { atMs: Date.now(), tookMs: performance.now() - began });
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
  SELECT t.tenant_id, h.has_budgets
    FROM flotilla.tenants t
   CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM flotilla.budgets b WHERE b.tenant_id = t.tenant_id AND b.enabled) AS has_budgets) h
   WHERE t.status = 'active' AND (h.has_budgets OR EXISTS (SELECT FROM flotilla.costs c WHERE c.tenant_id = t.tenant_id))`;
