import { Inject, Injectable } from '@nestjs/common';
import type { CreateWebhookBody, RotateWebhookSecretBody, UpdateWebhookBody } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { WriteTx } from '@flotilla/persistence';
import { AppError, CONFIG, newWebhookSecret, notFound, TenantSecrets, webhookSecretIssue } from '../platform/index.js';
import type { Config, RequestActor } from '../platform/index.js';

interface LockedRow extends Record<string, unknown> {
  readonly id: number;
  readonly url: string;
  readonly enabled: boolean;
  readonly disabled_at: Date | null;
  readonly secret_sealed: Buffer;
}

/** Webhooks: made, changed, deleted, their secrets rotated. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly db: Db,
    private readonly secrets: TenantSecrets,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @returns its number, and the secret that is shown this once @throws AppError VALIDATION_ERROR */
  async create(actor: RequestActor, body: CreateWebhookBody): Promise<{ id: number; secret: string }> {
    this.assertAddress(body.url);
    const secret = secretOf(body.secret);
    const types = patternsOf(body) ?? ['*'];
    const enabled = body.enabled ?? body.is_active ?? true;
    return this.db.write(actor, async (tx) => {
      const row = await tx.row<{ id: number }>(
        `INSERT INTO flotilla.webhooks (tenant_id, url, description, event_types, enabled, secret_sealed, cursor, created_by)
         VALUES ($1, $2, $3, $4, $5, '', coalesce((SELECT h.seq FROM flotilla.event_heads h WHERE h.tenant_id = $1), 0), $6)
         RETURNING id`,
        [actor.tenantId, body.url, body.description, types, enabled, actor.label],
      );
      const id = row!.id;
      await tx.rows('UPDATE flotilla.webhooks SET secret_sealed = $3 WHERE tenant_id = $1 AND id = $2', [
        actor.tenantId,
        id,
        await this.secrets.seal(tx, { tenantId: actor.tenantId, table: 'webhooks', id }, secret),
      ]);
      await tx.record('webhook.created', { type: 'webhook', id }, { url: body.url, event_types: types, enabled });
      return { id, secret };
    });
  }

  /** @throws AppError NOT_FOUND, VALIDATION_ERROR */
  async update(actor: RequestActor, id: number, body: UpdateWebhookBody): Promise<void> {
    if (body.url !== undefined) this.assertAddress(body.url);
    const types = patternsOf(body);
    const enabled = body.enabled ?? body.is_active;
    await this.db.write(actor, async (tx) => {
      const before = await lock(tx, actor, id);
      await tx.rows(
        `UPDATE flotilla.webhooks SET url = coalesce($3, url), description = coalesce($4, description),
                event_types = coalesce($5, event_types), enabled = coalesce($6, enabled), updated_at = now()
          WHERE tenant_id = $1 AND id = $2`,
        [actor.tenantId, id, body.url ?? null, body.description ?? null, types ?? null, enabled ?? null],
      );
      if (enabled === true) await tx.rows(RESUME, [actor.tenantId, id]);
      if (enabled === true && body.skip_missed && (before.disabled_at || !before.enabled)) {
        for (const sql of SKIP) await tx.rows(sql, [actor.tenantId, id]);
      }
      const given = { url: body.url, description: body.description, event_types: types, enabled };
      const changed = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
      await tx.record('webhook.changed', { type: 'webhook', id }, changed);
    });
  }

  /** With its deliveries. @throws AppError NOT_FOUND */
  async remove(actor: RequestActor, id: number): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const { url } = await lock(tx, actor, id);
      await tx.rows('DELETE FROM flotilla.webhooks WHERE tenant_id = $1 AND id = $2', [actor.tenantId, id]);
      await tx.record('webhook.deleted', { type: 'webhook', id }, { url });
    });
  }

  /** A new secret; the one before signs as well until the overlap is over. @throws AppError NOT_FOUND, VALIDATION_ERROR */
  async rotate(
    actor: RequestActor,
    id: number,
    body: RotateWebhookSecretBody,
  ): Promise<{ id: number; secret: string }> {
    const secret = secretOf(body.secret);
    return this.db.write(actor, async (tx) => {
      const { secret_sealed: before } = await lock(tx, actor, id);
      await tx.rows(
        `UPDATE flotilla.webhooks SET secret_sealed = $3, previous_sealed = $4, previous_until = now() + $5 * interval '1 minute',
                updated_at = now() WHERE tenant_id = $1 AND id = $2`,
        [
          actor.tenantId,
          id,
          await this.secrets.seal(tx, { tenantId: actor.tenantId, table: 'webhooks', id }, secret),
          body.overlap_minutes === 0 ? null : before,
          body.overlap_minutes,
        ],
      );
      const details = { overlap_minutes: body.overlap_minutes };
      await tx.record('webhook.secret_rotated', { type: 'webhook', id }, details);
      return { id, secret };
    });
  }

  /** Sends an event once more, under its old id. @returns the new delivery @throws AppError NOT_FOUND, CONFLICT */
  async redeliver(actor: RequestActor, id: number, deliveryId: number): Promise<number> {
    return this.db.write(actor, async (tx) => {
      const webhook = await lock(tx, actor, id);
      if (!webhook.enabled || webhook.disabled_at) {
        throw new AppError('CONFLICT', 'The webhook is turned off. Turn it on with PATCH {"enabled": true} first.', {
          field: 'id',
          value: id,
        });
      }
      const found = await tx.row<{ event_id: number | null }>(
        'SELECT d.event_id FROM flotilla.webhook_deliveries d WHERE d.tenant_id = $1 AND d.webhook_id = $2 AND d.id = $3',
        [actor.tenantId, id, deliveryId],
      );
      if (!found) throw notFound('delivery', deliveryId);
      const made = await tx.row<{ id: number }>(REDELIVER, [actor.tenantId, id, found.event_id]);
      if (!made) {
        throw new AppError(
          'CONFLICT',
          'The event is not kept any more, or it was a test. Ask for a new test instead.',
          {
            field: 'deliveryId',
            value: deliveryId,
          },
        );
      }
      await tx.record('webhook.redelivered', { type: 'webhook', id }, { delivery_id: deliveryId, again: made.id });
      await tx.notify(DELIVERIES_CHANNEL, '');
      return made.id;
    });
  }

  /** What the address leads to is checked at each call; here only what is plain to see. */
  private assertAddress(url: string): void {
    if (new URL(url).protocol === 'https:' || this.config.outboundAllow.length > 0) return;
    throw new AppError('VALIDATION_ERROR', 'Webhooks go to https:// only: what they tell is nobody else’s business.', {
      field: 'url',
      value: url,
      expected: 'https://…, or an http:// address that the operator opened with FLOTILLA_OUTBOUND_ALLOW',
    });
  }
}

/** NOTIFY channel: deliveries are there to be sent. */
export const DELIVERIES_CHANNEL = 'flotilla_webhook_deliveries';

const patternsOf = (body: { event_types?: string[] | undefined; events?: string[] | undefined }) =>
  body.event_types ?? body.events;

function secretOf(given: string | undefined): string {
  if (given === undefined) return newWebhookSecret();
  const issue = webhookSecretIssue(given);
  if (issue === null) return given;
  throw new AppError('VALIDATION_ERROR', 'The secret is too weak to sign with.', { field: 'secret', expected: issue });
}

async function lock(tx: WriteTx, actor: RequestActor, id: number): Promise<LockedRow> {
  const row = await tx.row<LockedRow>(
    `SELECT w.id, w.url, w.enabled, w.disabled_at, w.secret_sealed FROM flotilla.webhooks w
      WHERE w.tenant_id = $1 AND w.id = $2 FOR UPDATE`,
    [actor.tenantId, id],
  );
  if (!row) throw notFound('webhook', id);
  return row;
}

const RESUME = `
  UPDATE flotilla.webhooks SET disabled_at = NULL, disabled_reason = NULL, failures_in_a_row = 0, failing_since = NULL, blocked_until = NULL
   WHERE tenant_id = $1 AND id = $2`;
const SKIP = [
  `UPDATE flotilla.webhooks SET cursor = greatest(cursor, coalesce((SELECT h.seq FROM flotilla.event_heads h WHERE h.tenant_id = $1), 0))
    WHERE tenant_id = $1 AND id = $2`,
  `UPDATE flotilla.webhook_deliveries SET status = 'failed', finished_at = now()
    WHERE tenant_id = $1 AND webhook_id = $2 AND status = 'pending'`,
];
const REDELIVER = `
  INSERT INTO flotilla.webhook_deliveries (tenant_id, webhook_id, event_id, event_type, redelivery)
  SELECT e.tenant_id, $2, e.id, e.type, true FROM flotilla.events e WHERE e.tenant_id = $1 AND e.id = $3
  RETURNING id`;
