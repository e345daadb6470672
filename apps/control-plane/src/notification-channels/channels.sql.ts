import type { NotificationChannel, NotificationDelivery } from '@flotilla/contracts';
import type { z } from 'zod';

type Channel = z.input<typeof NotificationChannel>;
export type ChannelRow = Channel & Record<string, unknown>;
export type DeliveryRow = z.input<typeof NotificationDelivery> & Record<string, unknown>;

const iso = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** A channel as it is shown. What is open for it is little; what failed is counted up to a bound. */
export const CHANNEL_COLUMNS = `c.id, c.name, c.channel_type, c.config, c.enabled, c.alert_types, c.min_priority, c.digest_mode,
  c.digest_interval_minutes, c.template, c.rate_per_minute, c.created_by, c.created_at, c.updated_at, NULL::text AS signing_secret,
  jsonb_build_object(
    'status', CASE WHEN s.unhealthy_since IS NOT NULL THEN 'unhealthy' WHEN s.failures_in_a_row > 0 THEN 'failing'
                   WHEN s.last_success_at IS NOT NULL THEN 'healthy' ELSE 'untested' END,
    'waiting', (SELECT count(*) FROM flotilla.notification_outbox o WHERE o.tenant_id = c.tenant_id AND o.channel_id = c.id
                   AND o.state IN ('pending', 'waiting', 'held', 'sending')),
    'failed', (SELECT count(*) FROM flotilla.notification_outbox o WHERE o.tenant_id = c.tenant_id AND o.channel_id = c.id
                   AND o.state = 'dead'),
    'failures_in_a_row', s.failures_in_a_row, 'failing_since', ${iso('s.failing_since')}, 'last_failure', s.last_failure,
    'last_failure_at', ${iso('s.last_failure_at')}, 'last_success_at', ${iso('s.last_success_at')},
    'next_attempt_at', CASE WHEN s.blocked_until > clock_timestamp() THEN ${iso('s.blocked_until')} END) AS health`;

export const CHANNEL_FROM = `flotilla.notification_channels c
  JOIN flotilla.notification_channel_states s ON s.tenant_id = c.tenant_id AND s.channel_id = c.id`;

const STATUS_OF_STATE = {
  pending: 'queued',
  sending: 'sending',
  held: 'held',
  waiting: 'waiting_for_digest',
  digested: 'in_digest',
  sent: 'delivered',
  dead: 'failed',
} as const;

/** The column's word for a status of the API. */
export const stateOf = (status: (typeof STATUS_OF_STATE)[keyof typeof STATUS_OF_STATE]): string =>
  Object.entries(STATUS_OF_STATE).find(([, one]) => one === status)![0];

const CASES = Object.entries(STATUS_OF_STATE).map(([state, status]) => `WHEN '${state}' THEN '${status}'`);

export const DELIVERY_COLUMNS = `o.id, o.message_id, o.kind, o.alert_id, o.alert_type, o.severity, o.title, o.simulated,
  CASE o.state ${CASES.join(' ')} END AS status, o.attempts, o.created_at,
  CASE WHEN o.state IN ('pending', 'waiting') THEN o.due_at END AS next_attempt_at,
  CASE WHEN o.state IN ('sent', 'dead', 'digested') THEN o.settled_at END AS settled_at, o.last_error, o.digest_id,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('attempt', d.attempt, 'started_at', ${iso('d.started_at')},
            'duration_ms', d.duration_ms, 'outcome', d.outcome, 'status_code', d.status_code, 'reason', d.reason) ORDER BY d.id DESC), '[]')
     FROM (SELECT * FROM flotilla.notification_deliveries l WHERE l.tenant_id = o.tenant_id AND l.outbox_id = o.id
            ORDER BY l.id DESC LIMIT 20) d) AS log`;
