import { Injectable } from '@nestjs/common';
import type {
  Event,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryDetails,
  WebhookDeliveryQuery,
  WebhookQuery,
} from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { EVENT_COLUMNS, eventBody } from '../events/index.js';
import { decodeCursor, encodeCursor, notFound, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';

type Wire = z.input<typeof Webhook>;
type Delivery = z.input<typeof WebhookDelivery>;
type DeliveryDetails = z.input<typeof WebhookDeliveryDetails>;
const SCOPE = 'webhooks:id';
const DELIVERIES = 'webhook-deliveries:-id';

@Injectable()
export class WebhooksQueries {
  constructor(private readonly db: Db) {}

  async list(actor: TenantRef, query: WebhookQuery): Promise<Page<Wire>> {
    const { offset, limit } = pageWindow(query);
    const [after] = query.cursor === undefined ? [null] : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.int()]));
    return this.db.read(actor, async (tx) => {
      const counted = await tx.row<{ total: number }>(
        'SELECT count(*) AS total FROM flotilla.webhooks w WHERE w.tenant_id = $1',
        [actor.tenantId],
      );
      const rows = await tx.rows<Wire & Record<string, unknown>>(
        `${SELECT} AND ($2::bigint IS NULL OR w.id > $2) ORDER BY w.id LIMIT $3 OFFSET $4`,
        [actor.tenantId, after, limit + 1, offset],
      );
      return pageOf(rows, query, counted!.total, (last) => encodeCursor(actor, SCOPE, [last.id]));
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(actor: TenantRef, id: number): Promise<Wire> {
    return this.db.read(actor, (tx) => one(tx, actor, id));
  }

  /** What was sent and is to be sent, newest first. @throws AppError NOT_FOUND */
  async deliveries(actor: TenantRef, id: number, query: WebhookDeliveryQuery): Promise<Page<Delivery>> {
    const { offset, limit } = pageWindow(query);
    const scope = `${DELIVERIES}:${id}`;
    const [before] = query.cursor === undefined ? [null] : decodeCursor(actor, scope, query.cursor, z.tuple([z.int()]));
    return this.db.read(actor, async (tx) => {
      await one(tx, actor, id);
      const rows = await tx.rows<Delivery & Record<string, unknown>>(
        `${DELIVERY} AND ($4::text IS NULL OR d.status = $4) AND ($3::bigint IS NULL OR d.id < $3)
          ORDER BY d.id DESC LIMIT $5 OFFSET $6`,
        [actor.tenantId, id, before, query.status ?? null, limit + 1, offset],
      );
      return pageOf(rows, query, null, (last) => encodeCursor(actor, scope, [last.id]));
    });
  }

  /** @throws AppError NOT_FOUND */
  async delivery(actor: TenantRef, id: number, deliveryId: number): Promise<Delivery> {
    const row = await this.db.read(actor, (tx) =>
      tx.row<Delivery & Record<string, unknown>>(`${DELIVERY} AND d.id = $3`, [actor.tenantId, id, deliveryId]),
    );
    if (!row) throw notFound('delivery', deliveryId);
    return row;
  }

  /** The same with the bytes that are posted. @throws AppError NOT_FOUND */
  async deliveryDetails(actor: TenantRef, id: number, deliveryId: number): Promise<DeliveryDetails> {
    const delivery = await this.delivery(actor, id, deliveryId);
    const row = await this.db.read(actor, (tx) =>
      tx.row<Event & { url: string; stored: string | null; is_kept: boolean }>(POSTED, [
        actor.tenantId,
        id,
        deliveryId,
      ]),
    );
    if (!row) throw notFound('delivery', deliveryId);
    const body = row.stored ?? (row.is_kept ? eventBody(row) : null);
    return { ...delivery, request: { url: row.url, body } };
  }
}

async function one(tx: ReadTx, actor: TenantRef, id: number): Promise<Wire> {
  const row = await tx.row<Wire & Record<string, unknown>>(`${SELECT} AND w.id = $2`, [actor.tenantId, id]);
  if (!row) throw notFound('webhook', id);
  return row;
}

const SELECT = `
  SELECT w.id, w.url, w.description, w.event_types, w.enabled, w.disabled_reason, w.disabled_at, w.failures_in_a_row,
         CASE WHEN w.disabled_at IS NOT NULL THEN 'disabled' WHEN NOT w.enabled THEN 'paused'
              WHEN w.failures_in_a_row > 0 THEN 'failing' ELSE 'healthy' END AS status,
         CASE WHEN w.previous_until > now() THEN w.previous_until END AS rotating_until,
         (SELECT count(*) FROM flotilla.webhook_deliveries d
           WHERE d.tenant_id = w.tenant_id AND d.webhook_id = w.id AND d.status = 'pending') AS pending,
         w.last_success_at, w.last_failure_at, w.last_failure, w.created_by, w.created_at, w.updated_at
    FROM flotilla.webhooks w WHERE w.tenant_id = $1`;

const DELIVERY = `
  SELECT d.id, coalesce('evt_' || d.event_id, 'evt_test_' || d.id) AS event_id, d.event_type, d.status, d.attempts,
         CASE WHEN d.status = 'pending' THEN d.next_at END AS next_attempt_at, (d.log -> -1 ->> 'status')::integer AS last_status,
         d.log, d.redelivery, d.created_at, d.finished_at
    FROM flotilla.webhook_deliveries d WHERE d.tenant_id = $1 AND d.webhook_id = $2`;

const POSTED = `
  SELECT w.url, d.body AS stored, e.id IS NOT NULL AS is_kept, ${EVENT_COLUMNS}
    FROM flotilla.webhook_deliveries d
    JOIN flotilla.webhooks w ON w.tenant_id = d.tenant_id AND w.id = d.webhook_id
    LEFT JOIN flotilla.events e ON e.tenant_id = d.tenant_id AND e.id = d.event_id
   WHERE d.tenant_id = $1 AND d.webhook_id = $2 AND d.id = $3`;
