import type { Event } from '@flotilla/contracts';
import { isWebhookDead, retryAfterMs, webhookPauseMs, webhookRetryMs } from '@flotilla/domain';
import type { SystemTx } from '@flotilla/persistence';
import { EVENT_COLUMNS, eventBody, EventLog } from '../events/index.js';
import { OutboundError, UnsealError, webhookHeaders } from '../platform/index.js';
import type { Outbound, TenantSecrets } from '../platform/index.js';

/** Sent at once to one receiver by one replica: a slow one holds up itself only. */
export const AT_ONCE_PER_WEBHOOK = 4;
/** Longer than an attempt may take: a lease that has ended belongs to a replica that is gone. */
const LEASE_S = 60;
const TIMEOUT_MS = 15_000;
/** What receivers answer is not looked at. */
const MOST_ANSWER_BYTES = 256 * 1024;

/** A delivery that this replica has to send now. */
export interface Claimed {
  readonly tenantId: string;
  readonly webhookId: number;
  readonly deliveryId: number;
  readonly attempt: number;
  readonly url: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly body: string;
  readonly secrets: readonly string[];
}

export interface Attempt {
  readonly startedMs: number;
  readonly durationMs: number;
  readonly status: number | null;
  readonly error: string | null;
  readonly retryAfterMs: number | null;
}

interface ClaimRow extends Event, Record<string, unknown> {
  readonly tenant_id: string;
  readonly webhook_id: number;
  readonly delivery_id: number;
  readonly attempts: number;
  readonly url: string;
  readonly event_type: string;
  readonly event_row: number | null;
  readonly body: string | null;
  readonly secret_sealed: Buffer;
  readonly previous_sealed: Buffer | null;
}

/**
 * Takes deliveries that are due, for this replica alone.
 *
 * @param busy webhooks to which as much is on its way as may be
 */
export async function claim(
  tx: SystemTx,
  secrets: TenantSecrets,
  most: number,
  busy: readonly number[],
): Promise<Claimed[]> {
  const rows = await tx.rows<ClaimRow>(CLAIM, [most, busy]);
  const claimed: Claimed[] = [];
  for (const row of rows) {
    const place = { tenantId: row.tenant_id, table: 'webhooks', id: row.webhook_id };
    const sealed = [row.secret_sealed, row.previous_sealed].filter((one) => one !== null);
    const opened: string[] = [];
    try {
      for (const one of sealed) opened.push(await secrets.unseal(tx, place, one));
    } catch (error) {
      if (!(error instanceof UnsealError)) throw error;
      opened.length = 0; // it fails as an attempt, and holds up no other webhook
    }
    claimed.push({
      tenantId: row.tenant_id,
      webhookId: row.webhook_id,
      deliveryId: row.delivery_id,
      attempt: row.attempts,
      url: row.url,
      eventId: row.event_row === null ? `evt_test_${row.delivery_id}` : row.id,
      eventType: row.event_type,
      body: row.body ?? eventBody(row),
      secrets: opened,
    });
  }
  return claimed;
}

/** One attempt. Never throws: what goes wrong is part of the answer. */
export async function attempt(outbound: Outbound, claimed: Claimed): Promise<Attempt> {
  const startedMs = Date.now();
  const began = performance.now();
  const made = (status: number | null, error: string | null, asked: number | null): Attempt => ({
    startedMs,
    durationMs: Math.round(performance.now() - began),
    status,
    error,
    retryAfterMs: asked,
  });
  const { eventId, eventType, body, secrets, url } = claimed;
  if (secrets.length === 0)
    return made(null, 'The signing secret cannot be opened: was FLOTILLA_MASTER_KEY_FILE replaced?', null);
  try {
    const signed = { id: eventId, event: eventType, atS: Math.floor(startedMs / 1000), body, secrets };
    const answer = await outbound.call(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...webhookHeaders(signed) },
      body,
      timeoutMs: TIMEOUT_MS,
      maxBytes: MOST_ANSWER_BYTES,
    });
    if (answer.status >= 200 && answer.status < 300) return made(answer.status, null, null);
    const asked = retryAfterMs([answer.headers['retry-after']].flat()[0], Date.now());
    return made(answer.status, `${new URL(url).host} answered ${answer.status}.`, asked);
  } catch (error) {
    const message =
      error instanceof OutboundError ? error.message : 'The call failed for a reason of our own; see the log.';
    return made(null, message, null);
  }
}

/** Writes down what came of an attempt: done, another time, or given up; and what it says of the webhook. */
export async function settle(tx: SystemTx, claimed: Claimed, made: Attempt, random: number): Promise<void> {
  const { tenantId, webhookId, deliveryId } = claimed;
  const entry = {
    attempt: claimed.attempt,
    at: new Date(made.startedMs).toISOString(),
    duration_ms: made.durationMs,
    status: made.status,
    error: made.error,
  };
  const gone = made.status === 410;
  const waitMs = made.error === null || gone ? null : webhookRetryMs(claimed.attempt, random, made.retryAfterMs);
  const status = made.error === null ? 'delivered' : waitMs === null ? 'failed' : 'pending';
  // the webhook first: who deletes it takes the locks in this order too
  await tx.rows('SELECT 1 FROM flotilla.webhooks WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE', [
    tenantId,
    webhookId,
  ]);
  await tx.rows(SETTLE, [tenantId, deliveryId, status, waitMs ?? 0, JSON.stringify([entry])]);
  if (made.error === null) return void (await tx.rows(SUCCEEDED, [tenantId, webhookId]));
  const row = await tx.row<{ failures: number; failing_ms: number; url: string; simulated: boolean }>(FAILED, [
    tenantId,
    webhookId,
    made.error,
  ]);
  if (!row) return; // deleted meanwhile, or disabled
  const dead = gone || isWebhookDead(row.failures, row.failing_ms);
  if (!dead) {
    const pauseMs = webhookPauseMs(row.failures, random, made.retryAfterMs);
    return void (await tx.rows(PAUSE, [tenantId, webhookId, pauseMs]));
  }
  const reason = gone
    ? `${new URL(row.url).host} answered 410: it does not want these any more.`
    : `Nothing was taken for a day, in ${row.failures} attempts. The last one: ${made.error}`;
  await tx.rows(DISABLE, [tenantId, webhookId, reason]);
  await tx.record(tenantId, 'webhooks', 'webhook.disabled', { type: 'webhook', id: webhookId }, { reason });
  await EventLog.add(tx, {
    tenantId,
    type: 'webhook.disabled',
    subjectType: 'webhook',
    subjectId: webhookId,
    data: { webhook_id: webhookId, url: row.url, reason },
    simulated: false,
  });
}

const CLAIM = `
  WITH due AS MATERIALIZED (
    SELECT d.tenant_id, d.id
      FROM (SELECT w.tenant_id, w.id FROM flotilla.webhooks w JOIN flotilla.tenants t ON t.tenant_id = w.tenant_id AND t.status = 'active'
             WHERE w.enabled AND w.disabled_at IS NULL AND coalesce(w.blocked_until <= now(), true) AND w.id <> ALL ($2::bigint[])) w
      CROSS JOIN LATERAL (
        SELECT x.tenant_id, x.id FROM flotilla.webhook_deliveries x
         WHERE x.tenant_id = w.tenant_id AND x.webhook_id = w.id AND x.status = 'pending' AND x.next_at <= now()
           AND coalesce(x.leased_until < now(), true)
         ORDER BY x.next_at LIMIT ${AT_ONCE_PER_WEBHOOK} FOR UPDATE SKIP LOCKED) d
     LIMIT $1
  ), taken AS (
    UPDATE flotilla.webhook_deliveries d SET attempts = d.attempts + 1, leased_until = now() + interval '${LEASE_S} seconds'
      FROM due WHERE d.tenant_id = due.tenant_id AND d.id = due.id
    RETURNING d.tenant_id, d.webhook_id, d.id AS delivery_id, d.attempts, d.event_id, d.event_type, d.body
  )
  SELECT k.tenant_id, k.webhook_id, k.delivery_id, k.attempts, k.event_id AS event_row, k.event_type, k.body, w.url, w.secret_sealed,
         CASE WHEN w.previous_until > now() THEN w.previous_sealed END AS previous_sealed, ${EVENT_COLUMNS}
    FROM taken k
    JOIN flotilla.webhooks w ON w.tenant_id = k.tenant_id AND w.id = k.webhook_id
    LEFT JOIN flotilla.events e ON e.tenant_id = k.tenant_id AND e.id = k.event_id
   WHERE k.body IS NOT NULL OR e.id IS NOT NULL`;

const SETTLE = `
  UPDATE flotilla.webhook_deliveries SET status = $3, next_at = now() + $4::double precision * interval '1 millisecond', leased_until = NULL,
         log = log || $5::jsonb, finished_at = CASE WHEN $3 <> 'pending' THEN now() END
   WHERE tenant_id = $1 AND id = $2`;
const SUCCEEDED = `
  UPDATE flotilla.webhooks SET last_success_at = now(), failures_in_a_row = 0, failing_since = NULL, blocked_until = NULL
   WHERE tenant_id = $1 AND id = $2`;
const FAILED = `
  UPDATE flotilla.webhooks SET failures_in_a_row = failures_in_a_row + 1, failing_since = coalesce(failing_since, now()),
         last_failure_at = now(), last_failure = $3
   WHERE tenant_id = $1 AND id = $2 AND disabled_at IS NULL
  RETURNING failures_in_a_row AS failures, url, (extract(epoch FROM now() - failing_since) * 1000)::double precision AS failing_ms`;
const PAUSE = `
  UPDATE flotilla.webhooks SET blocked_until = greatest(blocked_until, now() + $3::double precision * interval '1 millisecond')
   WHERE tenant_id = $1 AND id = $2 AND $3::double precision > 0`;
const DISABLE = `UPDATE flotilla.webhooks SET disabled_at = now(), disabled_reason = $3 WHERE tenant_id = $1 AND id = $2`;
