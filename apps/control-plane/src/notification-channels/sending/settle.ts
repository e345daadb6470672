import { GIVE_UP_AFTER_MS, retryWaitMs } from '@flotilla/domain';
import type { SystemTx } from '@flotilla/persistence';
import type { Sent } from '../http-request.js';
import type { NotificationOutbox } from '../notification-outbox.js';
import type { Claimed } from './claim.js';

/** A channel that has failed for this long is unhealthy; shorter is a hiccup. */
const UNHEALTHY_AFTER_MINUTES = 10;

export interface Attempt {
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly replicaId: string;
}

/** Writes down what came of an attempt: the log, the message's way on, and what it says of the channel. */
export async function settle(
  tx: SystemTx,
  outbox: NotificationOutbox,
  { channel, row }: Claimed,
  sent: Sent,
  attempt: Attempt,
): Promise<void> {
  const kept = await tx.rows(KEPT, [channel.tenant_id, channel.channel_id]);
  if (kept.length === 0) return; // deleted meanwhile, with all that was told there
  const place = [channel.tenant_id, row.id] as const;
  const old = attempt.startedAt.getTime() - row.trying_since.getTime() > GIVE_UP_AFTER_MS;
  const outcome = sent.outcome === 'retry' && old ? 'dead' : sent.outcome;
  const reason =
    outcome !== sent.outcome ? `Given up after three days and ${row.attempts} attempts. ${sent.reason}` : sent.reason;
  await tx.rows(LOG, [...place, row.attempts, attempt.startedAt, attempt.durationMs, outcome, sent.statusCode, reason]);
  if (outcome === 'delivered') {
    await tx.rows(SENT, [...place, row.attempts]);
    await tx.rows(WORKS, [channel.tenant_id, channel.channel_id]);
    return;
  }
  const wait = (failures: number) => Math.max(retryWaitMs(failures, Math.random()), sent.retryAfterMs ?? 0);
  if (outcome === 'retry')
    await tx.rows(AGAIN, [...place, row.attempts, attempt.replicaId, wait(row.attempts), reason]);
  else await tx.rows(DEAD, [...place, row.attempts, reason]);
  const blockedMs = outcome === 'retry' ? wait(channel.failures_in_a_row + 1) : null;
  if (sent.gone) await switchOff(tx, channel.tenant_id, channel.channel_id, reason);
  const state = await tx.row<{ announce: boolean }>(FAILED, [
    channel.tenant_id,
    channel.channel_id,
    reason,
    blockedMs,
    outcome === 'dead',
  ]);
  if (state?.announce) await announce(tx, outbox, { channel, row }, reason ?? '');
}

/** The other side is gone for good. What waits for it is kept as failed, for a redelivery after it was mended. */
async function switchOff(tx: SystemTx, tenantId: string, channelId: number, reason: string | null): Promise<void> {
  await tx.rows('UPDATE flotilla.notification_channels SET enabled = false WHERE tenant_id = $1 AND id = $2', [
    tenantId,
    channelId,
  ]);
  await tx.rows(GIVE_UP_ALL, [tenantId, channelId, reason]);
  const subject = { type: 'notification_channel', id: channelId };
  await tx.record(tenantId, 'notifications', 'notification_channel.switched_off', subject, { reason });
}

/** Once per outage, over the channels that work: a channel cannot say of itself that it is broken. */
async function announce(tx: SystemTx, outbox: NotificationOutbox, { channel }: Claimed, reason: string): Promise<void> {
  const { tenant_id: tenantId, channel_id: id, name } = channel;
  await tx.record(
    tenantId,
    'notifications',
    'notification_channel.unhealthy',
    { type: 'notification_channel', id },
    { reason },
  );
  const others = await tx.rows<{ channel_id: number }>(OTHERS, [tenantId, id]);
  await outbox.add(tx, {
    tenantId,
    kind: 'message',
    alertId: null,
    alertType: 'notification_channel_unhealthy',
    severity: 'high',
    dedupKey: `notification_channel:${id}`,
    title: `Notifications to ${name} do not arrive`,
    text: reason,
    fields: [['Channel', name]],
    link: null,
    channelIds: others.map((other) => other.channel_id),
    at: new Date(),
    simulated: false,
  });
}

// first of all, as whoever deletes or changes a channel does
const KEPT = `
  SELECT 1 FROM flotilla.notification_channels c WHERE c.tenant_id = $1 AND c.id = $2 FOR KEY SHARE`;

const LOG = `
  INSERT INTO flotilla.notification_deliveries (tenant_id, outbox_id, attempt, started_at, duration_ms, outcome, status_code, reason)
  SELECT o.tenant_id, o.id, $3, $4, $5, $6, $7, $8 FROM flotilla.notification_outbox o WHERE o.tenant_id = $1 AND o.id = $2`;

// also when the lease ended meanwhile: it was told, and needs no second telling that has not begun yet
const SENT = `
  UPDATE flotilla.notification_outbox
     SET state = 'sent', settled_at = clock_timestamp(), lease_until = NULL, leased_by = NULL, last_error = NULL
   WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state IN ('sending', 'pending')`;

const AGAIN = `
  UPDATE flotilla.notification_outbox
     SET state = 'pending', due_at = clock_timestamp() + $5 * interval '1 millisecond', lease_until = NULL, leased_by = NULL, last_error = $6
   WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state = 'sending' AND leased_by = $4`;

const DEAD = `
  UPDATE flotilla.notification_outbox
     SET state = 'dead', settled_at = clock_timestamp(), lease_until = NULL, leased_by = NULL, last_error = $4
   WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state IN ('sending', 'pending')`;

const GIVE_UP_ALL = `
  UPDATE flotilla.notification_outbox SET state = 'dead', settled_at = clock_timestamp(), last_error = $3
   WHERE tenant_id = $1 AND channel_id = $2 AND state IN ('pending', 'waiting', 'held')`;

const WORKS = `
  UPDATE flotilla.notification_channel_states
     SET failures_in_a_row = 0, failing_since = NULL, unhealthy_since = NULL, blocked_until = NULL, last_success_at = clock_timestamp()
   WHERE tenant_id = $1 AND channel_id = $2`;

const FAILED = `
  WITH before AS (
    SELECT s.unhealthy_since FROM flotilla.notification_channel_states s WHERE s.tenant_id = $1 AND s.channel_id = $2 FOR UPDATE
  )
  UPDATE flotilla.notification_channel_states s
     SET failures_in_a_row = s.failures_in_a_row + 1,
         failing_since = coalesce(s.failing_since, clock_timestamp()),
         last_failure_at = clock_timestamp(), last_failure = $3,
         blocked_until = CASE WHEN $4::float8 IS NULL THEN s.blocked_until ELSE clock_timestamp() + $4 * interval '1 millisecond' END,
         unhealthy_since = CASE
           WHEN s.unhealthy_since IS NOT NULL THEN s.unhealthy_since
           WHEN $5::boolean OR s.failing_since <= clock_timestamp() - interval '${UNHEALTHY_AFTER_MINUTES} minutes' THEN clock_timestamp()
         END
    FROM before b
   WHERE s.tenant_id = $1 AND s.channel_id = $2
  RETURNING b.unhealthy_since IS NULL AND s.unhealthy_since IS NOT NULL AS announce`;

const OTHERS = `
  SELECT s.channel_id FROM flotilla.notification_channel_states s
   WHERE s.tenant_id = $1 AND s.channel_id <> $2 AND s.unhealthy_since IS NULL`;
