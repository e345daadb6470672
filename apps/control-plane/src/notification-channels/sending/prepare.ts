import { digestOf } from '@flotilla/domain';
import type { DigestPart } from '@flotilla/domain';
import type { SystemTx } from '@flotilla/persistence';
import { isQuiet, passes } from './quiet-hours.js';
import type { Quiet } from './quiet-hours.js';

const MOST_AT_ONCE = 500;
const MOST_DIGESTS = 50;
/** A digest of more would say no more. */
const MOST_PARTS = 5_000;

interface DigestDue extends Quiet {
  readonly tenant_id: string;
  readonly channel_id: number;
}
interface PartRow {
  readonly id: number;
  readonly kind: DigestPart['kind'];
  readonly severity: DigestPart['severity'];
  readonly rule_name: string | null;
  readonly alert_type: string;
  readonly dedup_key: string;
  readonly title: string;
  readonly simulated: boolean;
}

/** Takes back what a replica that is gone was sending: whether it was heard nobody knows, so it is told again. */
export async function takeBack(tx: SystemTx): Promise<number> {
  return (await tx.rows(TAKE_BACK, [MOST_AT_ONCE])).length;
}

/**
 * Lets go what quiet hours held and hold no more: as a digest, and for incident tools each by itself.
 *
 * @returns how many
 */
export async function release(tx: SystemTx, nowMs: number): Promise<number> {
  const tenants = await tx.rows<Quiet & { tenant_id: string }>(HOLDING);
  const over = tenants.filter((tenant) => !isQuiet(tenant, nowMs)).map((tenant) => tenant.tenant_id);
  if (over.length === 0) return 0;
  return (await tx.rows(RELEASE, [over])).length;
}

/**
 * Makes one message of what waited for a channel's digest. A single one stays itself.
 *
 * @returns how many channels have something to be told now
 */
export async function formDigests(tx: SystemTx, nowMs: number): Promise<number> {
  const due = await tx.rows<DigestDue & Record<string, unknown>>(DUE, [MOST_DIGESTS]);
  let formed = 0;
  for (const channel of due) {
    const urgentOnly = isQuiet(channel, nowMs);
    if (urgentOnly && !passes(channel, 'critical')) continue;
    const values = [channel.tenant_id, channel.channel_id];
    const parts = await tx.rows<PartRow & Record<string, unknown>>(PARTS, [...values, urgentOnly, MOST_PARTS]);
    if (parts.length === 0) continue;
    formed++;
    if (parts.length === 1) {
      await tx.rows(SINGLE, [channel.tenant_id, parts[0]!.id]);
      continue;
    }
    const { title, text, fields, severity, simulated } = digestOf(
      parts.map((part) => ({
        kind: part.kind,
        severity: part.severity,
        ruleName: part.rule_name,
        alertType: part.alert_type,
        dedupKey: part.dedup_key,
        title: part.title,
        simulated: part.simulated,
      })),
    );
    await tx.rows(FORM, [
      ...values,
      severity,
      title,
      text,
      JSON.stringify(fields),
      simulated,
      parts.map((part) => part.id),
    ]);
  }
  return formed;
}

const TAKE_BACK = `
  WITH lost AS (
    UPDATE flotilla.notification_outbox o SET state = 'pending', due_at = clock_timestamp(), leased_by = NULL, lease_until = NULL
     WHERE (o.tenant_id, o.id) IN (
       SELECT l.tenant_id, l.id FROM flotilla.notification_outbox l
        WHERE l.state = 'sending' AND l.lease_until <= clock_timestamp() LIMIT $1 FOR UPDATE SKIP LOCKED)
    RETURNING o.tenant_id, o.id, o.attempts
  )
  INSERT INTO flotilla.notification_deliveries (tenant_id, outbox_id, attempt, started_at, duration_ms, outcome, reason)
  SELECT l.tenant_id, l.id, l.attempts, clock_timestamp(), 0, 'retry',
         'The process that was sending it is gone, and nobody knows what came of it: it is sent again, with the same id.'
    FROM lost l
  RETURNING id`;

const HOLDING = `
  SELECT h.tenant_id, p.quiet_hours, coalesce(p.critical_passes, true) AS critical_passes
    FROM (SELECT DISTINCT o.tenant_id FROM flotilla.notification_outbox o WHERE o.state = 'held') h
    LEFT JOIN flotilla.notification_policies p ON p.tenant_id = h.tenant_id`;

const RELEASE = `
  UPDATE flotilla.notification_outbox o
     SET state = CASE WHEN c.channel_type IN ('pagerduty', 'opsgenie') THEN 'pending' ELSE 'waiting' END, due_at = clock_timestamp()
    FROM flotilla.notification_channels c
   WHERE o.state = 'held' AND o.tenant_id = ANY ($1::uuid[]) AND c.tenant_id = o.tenant_id AND c.id = o.channel_id
  RETURNING o.id`;

const DUE = `
  SELECT s.tenant_id, s.channel_id, p.quiet_hours, coalesce(p.critical_passes, true) AS critical_passes
    FROM flotilla.notification_channel_states s
    JOIN flotilla.notification_channels c ON c.tenant_id = s.tenant_id AND c.id = s.channel_id
    LEFT JOIN flotilla.notification_policies p ON p.tenant_id = s.tenant_id
   WHERE (s.tenant_id, s.channel_id) IN (
     SELECT o.tenant_id, o.channel_id FROM flotilla.notification_outbox o
      WHERE o.state = 'waiting' AND o.due_at <= clock_timestamp())
   LIMIT $1
   FOR KEY SHARE OF c SKIP LOCKED FOR UPDATE OF s SKIP LOCKED`;

const PARTS = `
  SELECT o.id, o.kind, o.severity, o.rule_name, o.alert_type, o.dedup_key, o.title, o.simulated
    FROM flotilla.notification_outbox o
   WHERE o.tenant_id = $1 AND o.channel_id = $2 AND o.state = 'waiting' AND (NOT $3::boolean OR o.severity = 'critical')
   ORDER BY o.id LIMIT $4
   FOR UPDATE`;

const SINGLE = `
  UPDATE flotilla.notification_outbox SET state = 'pending', due_at = clock_timestamp() WHERE tenant_id = $1 AND id = $2`;

const FORM = `
  WITH digest AS (
    INSERT INTO flotilla.notification_outbox (tenant_id, channel_id, kind, alert_type, severity, dedup_key, title, body, fields, link,
      happened_at, simulated, state)
    VALUES ($1, $2, 'digest', 'digest', $3, 'digest:' || gen_random_uuid(), $4, $5, $6, '/alerts', clock_timestamp(), $7, 'pending')
    RETURNING id
  )
  UPDATE flotilla.notification_outbox o SET state = 'digested', digest_id = d.id, settled_at = clock_timestamp()
    FROM digest d WHERE o.tenant_id = $1 AND o.id = ANY ($8::bigint[])`;
