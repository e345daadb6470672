import { Injectable } from '@nestjs/common';
import type { ReadTx } from '@flotilla/persistence';
import type { Notice } from './notice.js';

/** NOTIFY channel: something stands in the outbox. No payload. */
export const NOTIFICATIONS_CHANNEL = 'flotilla_notifications';

/** A transaction that may write: a command's or the system's. */
type OutboxTx = ReadTx & { notify(channel: string, payload: string): Promise<void> };

/**
 * The door to notifications: what is put in here leaves within a second or two of the commit, and is not lost when a
 * process dies at any point after it. A receiver may get it twice, with the same message id.
 */
@Injectable()
export class NotificationOutbox {
  /**
   * Puts a notice into the outbox of each channel that it concerns, in the caller's transaction.
   *
   * @returns how many channels are told; 0 where none fits
   */
  add(tx: OutboxTx, notice: Notice): Promise<number> {
    return this.addAll(tx, [notice]);
  }

  /** The same for many at once; what concerns one dedupKey is told in the order given here. */
  async addAll(tx: OutboxTx, notices: readonly Notice[]): Promise<number> {
    let told = 0;
    for (const run of runsOf(notices)) {
      const rows = await tx.rows<{ told: number }>(ADD, [JSON.stringify(run.map(toRow))]);
      told += rows[0]?.told ?? 0;
    }
    if (told > 0) await tx.notify(NOTIFICATIONS_CHANNEL, '');
    return told;
  }
}

const follows = (notice: Notice) => notice.kind === 'acknowledge' || notice.kind === 'resolve';

/** News of something is addressed by what was told before, which one statement would not see of itself. */
function runsOf(notices: readonly Notice[]): Notice[][] {
  const runs: Notice[][] = [];
  for (const notice of notices) {
    const last = runs.at(-1);
    if (last && follows(last[0]!) === follows(notice)) last.push(notice);
    else runs.push([notice]);
  }
  return runs;
}

/** PostgreSQL keeps neither NUL nor half a character, and a machine's name must not undo the alert about it. */
const keepable = (text: string) => text.replaceAll('\u0000', '').replace(/\p{Surrogate}/gu, '\uFFFD');

const toRow = (notice: Notice, index: number) => ({
  index,
  tenant_id: notice.tenantId,
  kind: notice.kind,
  alert_id: notice.alertId,
  alert_type: keepable(notice.alertType),
  rule_name: notice.ruleName == null ? null : keepable(notice.ruleName),
  severity: notice.severity,
  dedup_key: keepable(notice.dedupKey),
  title: keepable(notice.title),
  body: keepable(notice.text),
  fields: notice.fields.map(([label, value]) => [keepable(label), keepable(value)]),
  link: notice.link === null ? null : keepable(notice.link),
  channel_ids: notice.channelIds,
  happened_at: notice.at.toISOString(),
  simulated: notice.simulated,
});

const rank = (severity: string) => `array_position(ARRAY['low', 'medium', 'high', 'critical'], ${severity})`;

// A batched channel's digest is due one interval after the first that waits for it. Incident tools follow each alert by
// itself, so nothing is ever batched for them.
const ADD = `
  WITH notice AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS n(index integer, tenant_id uuid, kind text, alert_id bigint, alert_type text,
      rule_name text, severity text, dedup_key text, title text, body text, fields jsonb, link text, channel_ids bigint[],
      happened_at timestamptz, simulated boolean)
  ), target AS (
    SELECT n.*, c.id AS channel_id,
           coalesce(c.digest_interval_minutes, p.digest_interval_minutes, 30) AS digest_minutes,
           c.channel_type NOT IN ('pagerduty', 'opsgenie') AND coalesce(c.digest_mode, p.digest_mode, 'instant') = 'batched' AS batched
      FROM notice n
      JOIN flotilla.notification_channels c ON c.tenant_id = n.tenant_id AND c.enabled
      LEFT JOIN flotilla.notification_policies p ON p.tenant_id = n.tenant_id
     WHERE CASE
       WHEN n.kind IN ('acknowledge', 'resolve') THEN EXISTS (
         SELECT 1 FROM flotilla.notification_outbox o
          WHERE o.tenant_id = n.tenant_id AND o.dedup_key = n.dedup_key AND o.channel_id = c.id)
       WHEN n.channel_ids IS NOT NULL THEN c.id = ANY (n.channel_ids)
       ELSE (c.alert_types = '{}' OR n.alert_type = ANY (c.alert_types))
        AND ${rank('n.severity')} >= ${rank('c.min_priority')}
        AND ${rank('n.severity')} >= ${rank(`coalesce(p.min_priority, 'low')`)}
     END
  ), told AS (
    INSERT INTO flotilla.notification_outbox (tenant_id, channel_id, kind, alert_id, alert_type, rule_name, severity, dedup_key,
      title, body, fields, link, happened_at, simulated, state, due_at)
    SELECT t.tenant_id, t.channel_id, t.kind, t.alert_id, t.alert_type, t.rule_name, t.severity, t.dedup_key, t.title, t.body,
           t.fields, t.link, t.happened_at, t.simulated,
           CASE WHEN t.batched THEN 'waiting' ELSE 'pending' END,
           CASE WHEN t.batched THEN coalesce(
             (SELECT min(o.due_at) FROM flotilla.notification_outbox o
               WHERE o.tenant_id = t.tenant_id AND o.channel_id = t.channel_id AND o.state = 'waiting'),
             now() + t.digest_minutes * interval '1 minute') ELSE now() END
      FROM target t ORDER BY t.index, t.channel_id
    RETURNING 1
  )
  SELECT count(*)::integer AS told FROM told`;
