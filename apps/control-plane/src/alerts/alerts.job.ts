import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db, systemActor } from '@flotilla/persistence';
import { Jobs, Log } from '../platform/index.js';
import { AlertDesk } from './alert-desk.js';
import { AlertTeller } from './alert-teller.js';
import type { AlertRow } from './alerts.store.js';

const LOOK_MS = 10_000;
/** Of one tenant in one transaction. */
const AT_ONCE = 500;
/** Alerts that are over are forgotten after this. */
const KEPT = '400 days';
const FORGET_MS = 6 * 3_600_000;

/**
 * What time brings: tells of what waited for the end of a cooldown or of a maintenance window, and escalates what nobody
 * acknowledged. Moments are the database's, so that replicas with wrong clocks do the same.
 */
@Injectable()
export class AlertsJob implements OnModuleInit {
  private readonly log: Log;

  constructor(
    private readonly db: Db,
    private readonly desk: AlertDesk,
    private readonly teller: AlertTeller,
    private readonly jobs: Jobs,
    log: Log,
  ) {
    this.log = log.child('alerts');
  }

  onModuleInit(): void {
    this.jobs.every({ name: 'alerts.due', everyMs: LOOK_MS, exclusive: true, run: () => this.tellDue() });
    this.jobs.every({ name: 'alerts.forget', everyMs: FORGET_MS, exclusive: true, run: () => this.forget() });
  }

  private async tellDue(): Promise<void> {
    const tenants = await this.db.system((tx) => tx.rows<{ tenant_id: string }>(TENANTS));
    for (const { tenant_id: tenantId } of tenants) {
      try {
        await this.tellDueOf(tenantId);
      } catch (error) {
        this.log.error({ err: error, tenantId }, 'alerts that are due could not be told of; the next run tries again');
      }
    }
  }

  private tellDueOf(tenantId: string): Promise<void> {
    return this.db.write(systemActor(tenantId, 'alerts'), async (tx) => {
      tx.withoutAudit('that an alert began was recorded then');
      const rows = await tx.rows<AlertRow & { readonly now: Date }>(DUE, [tenantId, AT_ONCE]);
      if (rows.length === 0) return;
      const { now } = rows[0]!;
      const instances = rows.map((row) => row.instance_id);
      const heldBack = await this.teller.heldBack(tx, tenantId, now, instances);
      const eventOf = (row: AlertRow) => {
        const heldBackUntilMs = heldBack(row.instance_id)?.untilMs ?? null;
        return { kind: 'tick', atMs: now.getTime(), heldBackUntilMs } as const;
      };
      await this.desk.step(tx, tenantId, rows, eventOf, null);
    });
  }

  private async forget(): Promise<void> {
    await this.db.system(async (tx) => {
      await tx.rows(`DELETE FROM flotilla.alerts a WHERE a.ended_at < now() - interval '${KEPT}'`);
      // a spool holds a month at most
      await tx.rows(`DELETE FROM flotilla.agent_alerts a WHERE a.at < now() - interval '60 days'`);
    });
  }
}

const TENANTS = `
  SELECT DISTINCT a.tenant_id FROM flotilla.alerts a
   WHERE (a.announce_at IS NOT NULL OR a.escalate_at IS NOT NULL) AND least(a.announce_at, a.escalate_at) <= now()`;

const DUE = `
  SELECT a.*, clock_timestamp() AS now FROM flotilla.alerts a
   WHERE a.tenant_id = $1 AND (a.announce_at IS NOT NULL OR a.escalate_at IS NOT NULL)
     AND least(a.announce_at, a.escalate_at) <= now()
   ORDER BY a.identity, a.id LIMIT $2 FOR UPDATE OF a`;
