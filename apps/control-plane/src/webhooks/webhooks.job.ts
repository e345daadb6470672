import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import type { SystemTx } from '@flotilla/persistence';
import { EVENTS_SEALED_CHANNEL } from '../events/index.js';
import { Jobs, Log, Outbound, TenantSecrets } from '../platform/index.js';
import { attempt, AT_ONCE_PER_WEBHOOK, claim, settle } from './webhook-sending.js';
import type { Claimed } from './webhook-sending.js';
import { DELIVERIES_CHANNEL } from './webhooks.service.js';

const LOOK_MS = 1_000;
const EVENTS_AT_ONCE = 1_000;
const WEBHOOKS_AT_ONCE = 50;
/** On their way at once, by one replica. */
const MOST_IN_FLIGHT = 32;
const KEEP_DELIVERIES_DAYS = 30;

/**
 * Tells webhooks what happened. Every replica works: a webhook's place in the order of events is moved on, together with
 * the deliveries that this makes, in one transaction; deliveries are sent under a lease. So a replica may die anywhere:
 * at worst something is sent twice, under the same id.
 */
@Injectable()
export class WebhooksJob implements OnModuleInit, OnApplicationShutdown {
  private readonly log: Log;
  private readonly inFlight = new Map<number, number>();
  private readonly sending = new Set<Promise<void>>();
  private working: Promise<void> | undefined;
  private again = false;
  private stopped = false;

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    private readonly outbound: Outbound,
    private readonly secrets: TenantSecrets,
    log: Log,
  ) {
    this.log = log.child('webhooks');
  }

  async onModuleInit(): Promise<void> {
    await this.db.listen(EVENTS_SEALED_CHANNEL, () => this.wake());
    await this.db.listen(DELIVERIES_CHANNEL, () => this.wake());
    this.jobs.every({ name: 'webhooks.send', everyMs: LOOK_MS, exclusive: false, run: () => this.work() });
    this.jobs.every({ name: 'webhooks.forget', everyMs: 3_600_000, exclusive: true, run: () => this.forget() });
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    await this.working;
    await Promise.allSettled(this.sending);
  }

  private wake(): void {
    this.work().catch((error: unknown) =>
      this.log.warn({ err: error }, 'webhooks could not be looked at; the next second tries again'),
    );
  }

  private work(): Promise<void> {
    this.again = true;
    this.working ??= this.loop().finally(() => (this.working = undefined));
    return this.working;
  }

  private async loop(): Promise<void> {
    while (this.again && !this.stopped) {
      this.again = false;
      if ((await this.db.system(derive)) > 0) this.again = true;
      if (await this.sendSome()) this.again = true;
    }
  }

  /** @returns whether there may be more that could be sent now */
  private async sendSome(): Promise<boolean> {
    const free = MOST_IN_FLIGHT - this.sending.size;
    if (free <= 0) return false; // the one that ends next looks again
    const busy = [...this.inFlight].filter(([, count]) => count >= AT_ONCE_PER_WEBHOOK).map(([id]) => id);
    const claimed = await this.db.system((tx) => claim(tx, this.secrets, free, busy));
    for (const one of claimed) {
      this.inFlight.set(one.webhookId, (this.inFlight.get(one.webhookId) ?? 0) + 1);
      const run = this.send(one).finally(() => {
        this.sending.delete(run);
        const left = this.inFlight.get(one.webhookId)! - 1;
        if (left > 0) this.inFlight.set(one.webhookId, left);
        else this.inFlight.delete(one.webhookId);
        if (!this.stopped) this.wake();
      });
      this.sending.add(run);
    }
    return claimed.length > 0;
  }

  private async send(one: Claimed): Promise<void> {
    try {
      const made = await attempt(this.outbound, one);
      await this.db.system((tx) => settle(tx, one, made, Math.random()));
    } catch (error) {
      // its lease ends, and it is sent again under the same id
      const { tenantId, webhookId, deliveryId } = one;
      this.log.error(
        { err: error, tenantId, webhookId, deliveryId },
        'what came of a webhook could not be written down',
      );
    }
  }

  private async forget(): Promise<void> {
    await this.db.system((tx) =>
      tx.rows(`DELETE FROM flotilla.webhook_deliveries WHERE created_at < now() - $1 * interval '1 day'`, [
        KEEP_DELIVERIES_DAYS,
      ]),
    );
  }
}

/**
 * Makes deliveries of the events that webhooks have not been looked through for.
 *
 * @returns how many webhooks got on
 */
async function derive(tx: SystemTx): Promise<number> {
  const behind = await tx.rows<{ tenant_id: string; id: number; cursor: number; event_types: string[] }>(BEHIND);
  for (const { tenant_id, id, cursor, event_types } of behind) {
    const patterns = event_types.map((one) => one.replaceAll('_', '\\_').replace(/\*$/, '%'));
    await tx.rows(DERIVE, [tenant_id, id, cursor, patterns]);
  }
  return behind.length;
}

const BEHIND = `
  SELECT w.tenant_id, w.id, w.cursor, w.event_types
    FROM flotilla.webhooks w
    JOIN flotilla.event_heads h ON h.tenant_id = w.tenant_id AND h.seq > w.cursor
    JOIN flotilla.tenants t ON t.tenant_id = w.tenant_id AND t.status = 'active'
   WHERE w.enabled AND w.disabled_at IS NULL
   ORDER BY w.tenant_id, w.id LIMIT ${WEBHOOKS_AT_ONCE} FOR UPDATE OF w SKIP LOCKED`;

const DERIVE = `
  WITH next AS MATERIALIZED (
    SELECT e.tenant_id, e.id, e.seq, e.type FROM flotilla.events e
     WHERE e.tenant_id = $1 AND e.seq > $3 ORDER BY e.seq LIMIT ${EVENTS_AT_ONCE}
  ), made AS (
    INSERT INTO flotilla.webhook_deliveries (tenant_id, webhook_id, event_id, event_type)
    SELECT n.tenant_id, $2, n.id, n.type FROM next n WHERE n.type LIKE ANY ($4::text[]) ORDER BY n.seq
  )
  UPDATE flotilla.webhooks w
     SET cursor = coalesce((SELECT max(n.seq) FROM next n),
                           (SELECT h.seq FROM flotilla.event_heads h WHERE h.tenant_id = $1))
   WHERE w.tenant_id = $1 AND w.id = $2`;
