import { pace } from '@flotilla/domain';
import type { NoticeSeverity } from '@flotilla/domain';
import type { ChannelType, NotificationTemplate } from '@flotilla/contracts';
import type { SystemTx } from '@flotilla/persistence';
import { isQuiet, passes } from './quiet-hours.js';
import type { Quiet } from './quiet-hours.js';

/** How long a message that is being sent is nobody else's; longer than any attempt lasts. */
export const LEASE_S = 45;
/** At once to one channel and one tenant, so that a slow one does not take all places. */
const MOST_OF_CHANNEL = 4;
const MOST_OF_TENANT = 12;
const MOST_CHANNELS = 20;

export interface ClaimedChannel extends Quiet {
  readonly tenant_id: string;
  readonly channel_id: number;
  readonly name: string;
  readonly paced_until: Date | null;
  readonly failures_in_a_row: number;
  readonly channel_type: ChannelType;
  readonly config: Record<string, unknown>;
  readonly sealed: Buffer | null;
  readonly template: NotificationTemplate | null;
  readonly policy_template: NotificationTemplate | null;
  readonly rate_per_minute: number;
  readonly email_domains: string[] | null;
  readonly now_ms: number;
}

export interface OutboxRow {
  readonly id: number;
  readonly message_id: string;
  readonly kind: 'trigger' | 'acknowledge' | 'resolve' | 'escalate' | 'message' | 'digest';
  readonly alert_id: number | null;
  readonly alert_type: string;
  readonly rule_name: string | null;
  readonly severity: NoticeSeverity;
  readonly dedup_key: string;
  readonly title: string;
  readonly body: string;
  readonly fields: [string, string][];
  readonly link: string | null;
  readonly happened_at: Date;
  readonly simulated: boolean;
  readonly attempts: number;
  readonly trying_since: Date;
}

/** A message that this replica sends now; nobody else does until its lease ends. */
export interface Claimed {
  readonly channel: ClaimedChannel;
  readonly row: OutboxRow;
}

export interface Busy {
  /** How many more this replica can send. */
  readonly free: number;
  /** By channel id and tenant id, what it sends now. */
  readonly ofChannel: ReadonlyMap<number, number>;
  readonly ofTenant: ReadonlyMap<string, number>;
}

/**
 * Leases what is due. The lock on a channel's state lets one replica at a time choose for it, so that its limit holds over
 * all of them; within one dedup key nothing overtakes.
 *
 * @returns what to send, and whether quiet hours took something away (then there may be more to look at)
 */
export async function claim(
  tx: SystemTx,
  replicaId: string,
  busy: Busy,
): Promise<{ claimed: Claimed[]; held: number }> {
  const full = [...busy.ofChannel].filter(([, count]) => count >= MOST_OF_CHANNEL).map(([id]) => id);
  const fullTenants = [...busy.ofTenant].filter(([, count]) => count >= MOST_OF_TENANT).map(([id]) => id);
  const channels = await tx.rows<ClaimedChannel & Record<string, unknown>>(CHANNELS, [
    full,
    fullTenants,
    MOST_CHANNELS,
  ]);
  const claimed: Claimed[] = [];
  const ofTenant = new Map(busy.ofTenant);
  let held = 0;
  for (const channel of channels) {
    const room = Math.min(
      busy.free - claimed.length,
      MOST_OF_CHANNEL - (busy.ofChannel.get(channel.channel_id) ?? 0),
      MOST_OF_TENANT - (ofTenant.get(channel.tenant_id) ?? 0),
      channel.failures_in_a_row > 0 ? 1 : MOST_OF_CHANNEL, // one tries whether a broken channel works again
    );
    if (room <= 0) continue;
    held += await hold(tx, channel);
    const used = channel.paced_until?.getTime() ?? null;
    const { allowed } = pace(channel.rate_per_minute, used, channel.now_ms, room);
    const rows = await tx.rows<OutboxRow & Record<string, unknown>>(TAKE, [
      channel.tenant_id,
      channel.channel_id,
      allowed,
      replicaId,
    ]);
    if (rows.length === 0) continue;
    const { usedUntilMs } = pace(channel.rate_per_minute, used, channel.now_ms, rows.length);
    await tx.rows(PACED, [channel.tenant_id, channel.channel_id, new Date(usedUntilMs)]);
    ofTenant.set(channel.tenant_id, (ofTenant.get(channel.tenant_id) ?? 0) + rows.length);
    claimed.push(...rows.sort((a, b) => a.id - b.id).map((row) => ({ channel, row })));
  }
  return { claimed, held };
}

/** @returns how many were put aside until the quiet hours end */
async function hold(tx: SystemTx, channel: ClaimedChannel): Promise<number> {
  if (!isQuiet(channel, channel.now_ms)) return 0;
  const rows = await tx.rows(HOLD, [channel.tenant_id, channel.channel_id, passes(channel, 'critical')]);
  return rows.length;
}

// Whoever deletes or changes a channel locks it, then its state, then its messages; nobody goes the other way round.
const CHANNELS = `
  SELECT s.tenant_id, s.channel_id, c.name, s.paced_until, s.failures_in_a_row, c.channel_type, c.config, c.sealed, c.template,
         c.rate_per_minute, p.quiet_hours, coalesce(p.critical_passes, true) AS critical_passes,
         p.template AS policy_template, p.email_domains, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms
    FROM flotilla.notification_channel_states s
    JOIN flotilla.notification_channels c ON c.tenant_id = s.tenant_id AND c.id = s.channel_id AND c.enabled
    JOIN flotilla.tenants t ON t.tenant_id = s.tenant_id AND t.status = 'active'
    LEFT JOIN flotilla.notification_policies p ON p.tenant_id = s.tenant_id
    CROSS JOIN LATERAL (
      SELECT o.due_at FROM flotilla.notification_outbox o
       WHERE o.tenant_id = s.tenant_id AND o.channel_id = s.channel_id AND o.state = 'pending'
       ORDER BY o.due_at LIMIT 1) d
   WHERE d.due_at <= clock_timestamp() AND NOT s.channel_id = ANY ($1::bigint[]) AND NOT s.tenant_id = ANY ($2::uuid[])
     AND coalesce(s.blocked_until <= clock_timestamp(), true)
     AND coalesce(s.paced_until <= clock_timestamp()
           + (greatest(1, floor(c.rate_per_minute / 10.0)) - 1) * 60 / c.rate_per_minute * interval '1 second', true)
   ORDER BY d.due_at LIMIT $3
   FOR KEY SHARE OF c SKIP LOCKED FOR UPDATE OF s SKIP LOCKED`;

// Whom an incident tool was not told of, it must not be told the end of: what follows a held message is held with it.
const HOLD = `
  UPDATE flotilla.notification_outbox o SET state = 'held'
   WHERE o.tenant_id = $1 AND o.channel_id = $2 AND o.state = 'pending' AND o.due_at <= clock_timestamp() AND o.attempts = 0
     AND o.kind <> 'digest'
     AND (NOT $3::boolean OR o.severity <> 'critical' OR o.kind IN ('acknowledge', 'resolve') AND EXISTS (
           SELECT 1 FROM flotilla.notification_outbox e
            WHERE e.tenant_id = o.tenant_id AND e.channel_id = o.channel_id AND e.dedup_key = o.dedup_key
              AND e.id < o.id
              AND (e.state = 'held' OR e.state = 'pending' AND e.attempts = 0 AND (NOT $3::boolean OR e.severity <> 'critical'))))
  RETURNING o.id`;

const TAKE = `
  UPDATE flotilla.notification_outbox o
     SET state = 'sending', attempts = o.attempts + 1, leased_by = $4, lease_until = clock_timestamp() + ${LEASE_S} * interval '1 second'
   WHERE o.tenant_id = $1 AND o.id IN (
     SELECT n.id FROM flotilla.notification_outbox n
      WHERE n.tenant_id = $1 AND n.channel_id = $2 AND n.state = 'pending' AND n.due_at <= clock_timestamp()
        AND NOT EXISTS (
          SELECT 1 FROM flotilla.notification_outbox e
           WHERE e.tenant_id = n.tenant_id AND e.channel_id = n.channel_id AND e.dedup_key = n.dedup_key AND e.id < n.id
             AND e.state IN ('pending', 'sending'))
      ORDER BY n.due_at, n.id LIMIT $3)
  RETURNING o.id, o.message_id, o.kind, o.alert_id, o.alert_type, o.rule_name, o.severity, o.dedup_key, o.title, o.body, o.fields,
    o.link, o.happened_at, o.simulated, o.attempts, o.trying_since`;

const PACED = `
  UPDATE flotilla.notification_channel_states SET paced_until = $3 WHERE tenant_id = $1 AND channel_id = $2`;
