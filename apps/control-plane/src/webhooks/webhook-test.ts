import { Injectable } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { notFound, Outbound, TenantSecrets } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { attempt } from './webhook-sending.js';

interface Row extends Record<string, unknown> {
  readonly url: string;
  readonly secret_sealed: Buffer;
  readonly previous_sealed: Buffer | null;
}

/** Sends a test and tells what came of it. */
@Injectable()
export class WebhookTest {
  constructor(
    private readonly db: Db,
    private readonly outbound: Outbound,
    private readonly secrets: TenantSecrets,
  ) {}

  /** One attempt, now, also to a webhook that is turned off. @returns the delivery @throws AppError NOT_FOUND */
  async run(actor: RequestActor, id: number): Promise<number> {
    const claimed = await this.db.write(actor, async (tx) => {
      const row = await tx.row<Row>(
        `SELECT w.url, w.secret_sealed, CASE WHEN w.previous_until > now() THEN w.previous_sealed END AS previous_sealed
           FROM flotilla.webhooks w WHERE w.tenant_id = $1 AND w.id = $2`,
        [actor.tenantId, id],
      );
      if (!row) throw notFound('webhook', id);
      // nobody else takes it: it is done when it is written
      const made = await tx.row<{ id: number; created_at: Date }>(
        `INSERT INTO flotilla.webhook_deliveries (tenant_id, webhook_id, event_type, body, status, attempts)
         VALUES ($1, $2, 'webhook.test', '', 'failed', 1) RETURNING id, created_at`,
        [actor.tenantId, id],
      );
      const eventId = `evt_test_${made!.id}`;
      const body = JSON.stringify({
        id: eventId,
        sequence: 0,
        type: 'webhook.test',
        timestamp: made!.created_at,
        subject: { type: 'webhook', id: String(id) },
        data: { webhook_id: id, message: 'Flotilla reaches you.' },
        simulated: false,
      });
      await tx.record('webhook.tested', { type: 'webhook', id });
      const place = { tenantId: actor.tenantId, table: 'webhooks', id };
      const secrets = [await this.secrets.unseal(tx, place, row.secret_sealed)];
      if (row.previous_sealed) secrets.push(await this.secrets.unseal(tx, place, row.previous_sealed));
      const { tenantId } = actor;
      const [deliveryId, url] = [made!.id, row.url];
      return {
        tenantId,
        webhookId: id,
        deliveryId,
        attempt: 1,
        url,
        eventId,
        eventType: 'webhook.test',
        body,
        secrets,
      };
    });
    const made = await attempt(this.outbound, claimed);
    const entry = {
      attempt: 1,
      at: new Date(made.startedMs).toISOString(),
      duration_ms: made.durationMs,
      status: made.status,
      error: made.error,
    };
    await this.db.write(actor, async (tx) => {
      tx.withoutAudit('the test itself is recorded');
      await tx.rows(
        `UPDATE flotilla.webhook_deliveries SET status = $3, body = $4, log = $5, finished_at = now() WHERE tenant_id = $1 AND id = $2`,
        [
          actor.tenantId,
          claimed.deliveryId,
          made.error === null ? 'delivered' : 'failed',
          claimed.body,
          JSON.stringify([entry]),
        ],
      );
    });
    return claimed.deliveryId;
  }
}
