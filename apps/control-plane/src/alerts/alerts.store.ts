import type { AlertState, EscalationStep, Severity } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';
import type { RaisedAlert } from './raised-alert.js';

/** An alert as it is stored. */
export interface AlertRow extends Record<string, unknown> {
  readonly id: number;
  readonly identity: string;
  readonly alert_type: string;
  readonly source: RaisedAlert['source'];
  readonly rule_id: number | null;
  readonly rule_name: string | null;
  readonly built_in: string | null;
  readonly subject_type: RaisedAlert['subject']['type'];
  readonly subject_id: string;
  readonly subject_label: string;
  readonly instance_id: number | null;
  readonly severity: Severity;
  readonly status: AlertState['status'];
  readonly title: string;
  readonly message: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly occurrences: number;
  readonly first_fired_at: Date;
  readonly last_fired_at: Date;
  readonly ended_at: Date | null;
  readonly acknowledged_at: Date | null;
  readonly quiet_until: Date | null;
  readonly cooldown_minutes: number;
  /** As the database's text. */
  readonly channel_ids: readonly (number | string)[] | null;
  readonly escalation: readonly { readonly after_minutes: number; readonly notification_channel_ids: number[] }[];
  readonly notification_key: string | null;
  readonly group_notifications: boolean;
  readonly triggered_at: Date | null;
  readonly announced: boolean;
  readonly suppressed: Readonly<Record<string, unknown>> | null;
  readonly escalation_step: number;
  readonly announce_at: Date | null;
  readonly escalate_at: Date | null;
  readonly simulated: boolean;
}

const ms = (date: Date | null) => (date === null ? null : date.getTime());
const at = (value: number | null) => (value === null ? null : new Date(value).toISOString());

export const stateOf = (row: AlertRow): AlertState => ({
  status: row.status,
  endedAtMs: ms(row.ended_at),
  occurrences: row.occurrences,
  firstFiredAtMs: row.first_fired_at.getTime(),
  lastFiredAtMs: row.last_fired_at.getTime(),
  acknowledgedAtMs: ms(row.acknowledged_at),
  quietUntilMs: ms(row.quiet_until),
  triggeredAtMs: ms(row.triggered_at),
  announced: row.announced,
  announceAtMs: ms(row.announce_at),
  escalationStep: row.escalation_step,
  escalateAtMs: ms(row.escalate_at),
});

export const escalationOf = (row: AlertRow): EscalationStep[] =>
  row.escalation.map((step) => ({ afterMinutes: step.after_minutes, channelIds: step.notification_channel_ids }));

const columnsOf = (state: AlertState) => ({
  status: state.status,
  ended_at: at(state.endedAtMs),
  occurrences: state.occurrences,
  first_fired_at: at(state.firstFiredAtMs),
  last_fired_at: at(state.lastFiredAtMs),
  acknowledged_at: at(state.acknowledgedAtMs),
  quiet_until: at(state.quietUntilMs),
  triggered_at: at(state.triggeredAtMs),
  announced: state.announced,
  announce_at: at(state.announceAtMs),
  escalation_step: state.escalationStep,
  escalate_at: at(state.escalateAtMs),
});

/** What firing again changes of the words of an alert. */
export type Words = Pick<AlertRow, 'severity' | 'title' | 'message' | 'evidence'>;

export interface Change {
  readonly row: AlertRow;
  readonly state: AlertState;
  readonly words?: Words | undefined;
  readonly suppressed?: Readonly<Record<string, unknown>> | null | undefined;
  readonly notificationKey?: string | undefined;
  /** Who acknowledged, resolved or ignored it; and what they said. */
  readonly person?: { readonly by: string; readonly comment: string | null } | undefined;
}

/** Something that happened to an alert. */
export interface HistoryLine {
  readonly alertId: number;
  readonly ruleId: number | null;
  readonly at: Date;
  readonly kind:
    | 'fired'
    | 'fired_again'
    | 'notified'
    | 'suppressed'
    | 'escalated'
    | 'acknowledged'
    | 'ignored'
    | 'resolved'
    | 'ended';
  readonly actor: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The rows of alerts; always locked in the order of their identities. */
export const alertsStore = {
  /** The newest alert of each identity that has one. */
  async lockNewest(tx: ReadTx, tenantId: string, identities: readonly string[]): Promise<Map<string, AlertRow>> {
    const rows = await tx.rows<AlertRow>(
      `SELECT a.* FROM unnest($2::text[]) AS k (identity)
        CROSS JOIN LATERAL (SELECT n.id FROM flotilla.alerts n
                             WHERE n.tenant_id = $1 AND n.identity = k.identity ORDER BY n.id DESC LIMIT 1) newest
         JOIN flotilla.alerts a ON a.tenant_id = $1 AND a.id = newest.id
        ORDER BY a.identity FOR UPDATE OF a`,
      [tenantId, identities],
    );
    return new Map(rows.map((row) => [row.identity, row]));
  },

  /** Alerts by number, in the order of their identities; those that are not there are left out. */
  async lock(tx: ReadTx, tenantId: string, ids: readonly number[]): Promise<AlertRow[]> {
    return tx.rows<AlertRow>(
      `SELECT a.* FROM flotilla.alerts a WHERE a.tenant_id = $1 AND a.id = ANY ($2::bigint[])
        ORDER BY a.identity, a.id FOR UPDATE`,
      [tenantId, ids],
    );
  },

  /** @returns what was begun; what another replica began at the same moment is missing */
  async begin(
    tx: ReadTx,
    tenantId: string,
    begun: readonly { readonly identity: string; readonly alert: RaisedAlert; readonly state: AlertState }[],
  ): Promise<Map<string, AlertRow>> {
    if (begun.length === 0) return new Map();
    const rows = await tx.rows<AlertRow>(BEGIN, [
      tenantId,
      JSON.stringify(begun.map(({ identity, alert, state }) => ({ identity, ...factsOf(alert), ...columnsOf(state) }))),
    ]);
    return new Map(rows.map((row) => [row.identity, row]));
  },

  async save(tx: ReadTx, tenantId: string, changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    const rows = changes.map(({ row, state, words, suppressed, notificationKey, person }) => ({
      id: row.id,
      ...columnsOf(state),
      severity: words?.severity ?? null,
      title: words?.title ?? null,
      message: words?.message ?? null,
      evidence: words?.evidence ?? null,
      suppressed: suppressed === undefined ? row.suppressed : suppressed,
      notification_key: notificationKey ?? null,
      by: person?.by ?? null,
      comment: person?.comment ?? null,
      acknowledged: person !== undefined && row.acknowledged_at === null && state.acknowledgedAtMs !== null,
      resolved: row.status !== 'resolved' && state.status === 'resolved',
      ignored: row.status !== 'ignored' && state.status === 'ignored',
      reopened: row.status !== 'active' && state.status === 'active',
    }));
    await tx.rows(SAVE, [tenantId, JSON.stringify(rows)]);
  },

  async remember(tx: ReadTx, tenantId: string, lines: readonly HistoryLine[]): Promise<void> {
    if (lines.length === 0) return;
    await tx.rows(
      `INSERT INTO flotilla.alert_history (tenant_id, alert_id, rule_id, at, kind, actor, details)
       SELECT $1, l.* FROM jsonb_to_recordset($2::jsonb)
         AS l (alert_id bigint, rule_id bigint, at timestamptz, kind text, actor text, details jsonb)`,
      [
        tenantId,
        JSON.stringify(lines.map(({ alertId, ruleId, ...line }) => ({ alert_id: alertId, rule_id: ruleId, ...line }))),
      ],
    );
  },
};

const factsOf = (alert: RaisedAlert) => ({
  alert_type: alert.alertType,
  source: alert.source,
  rule_id: alert.ruleId,
  rule_name: alert.ruleName ?? null,
  built_in: alert.builtIn,
  subject_type: alert.subject.type,
  subject_id: alert.subject.id,
  subject_label: alert.subject.label,
  instance_id: alert.subject.instanceId,
  severity: alert.severity,
  title: alert.title,
  message: alert.message,
  evidence: alert.evidence,
  cooldown_minutes: alert.cooldownMinutes ?? 0,
  channel_ids: alert.channelIds,
  escalation: (alert.escalation ?? []).map((step) => ({
    after_minutes: step.afterMinutes,
    notification_channel_ids: step.channelIds,
  })),
  group_notifications: alert.group ?? false,
  simulated: alert.simulated,
});

const STATE = `status text, ended_at timestamptz, occurrences integer, first_fired_at timestamptz, last_fired_at timestamptz,
  acknowledged_at timestamptz, quiet_until timestamptz, triggered_at timestamptz, announced boolean, announce_at timestamptz,
  escalation_step integer, escalate_at timestamptz`;
const STATE_NAMES = STATE.replace(/ (text|timestamptz|integer|boolean)/g, '');
const FACTS = `identity, alert_type, source, rule_id, rule_name, built_in, subject_type, subject_id, subject_label, instance_id,
  severity, title, message, evidence, cooldown_minutes, escalation, group_notifications, simulated`;

// a subject or rule that went away meanwhile is no reason to say nothing
const BEGIN = `
  INSERT INTO flotilla.alerts AS a (tenant_id, channel_ids, ${FACTS}, ${STATE_NAMES})
  SELECT $1, CASE WHEN jsonb_typeof(r.channel_ids) = 'array'
                  THEN ARRAY(SELECT c::bigint FROM jsonb_array_elements_text(r.channel_ids) AS c) END,
         r.identity, r.alert_type, r.source, u.id, r.rule_name, r.built_in, r.subject_type, r.subject_id, r.subject_label,
         i.id, r.severity, r.title, r.message, r.evidence, r.cooldown_minutes, r.escalation, r.group_notifications,
         r.simulated, ${STATE_NAMES.replace(/(\w+)/g, 'r.$1')}
    FROM jsonb_to_recordset($2::jsonb) AS r (
      identity text, alert_type text, source text, rule_id bigint, rule_name text, built_in text, subject_type text,
      subject_id text, subject_label text, instance_id bigint, severity text, title text, message text, evidence jsonb,
      cooldown_minutes integer, channel_ids jsonb, escalation jsonb, group_notifications boolean, simulated boolean, ${STATE})
    LEFT JOIN flotilla.instances i ON i.tenant_id = $1 AND i.id = r.instance_id
    LEFT JOIN flotilla.alert_rules u ON u.tenant_id = $1 AND u.id = r.rule_id
   ORDER BY r.identity
  ON CONFLICT (tenant_id, identity) WHERE ended_at IS NULL DO NOTHING
  RETURNING a.*`;

const SAVE = `
  UPDATE flotilla.alerts a SET
    (${STATE_NAMES}) = (${STATE_NAMES.replace(/(\w+)/g, 'r.$1')}),
    severity = coalesce(r.severity, a.severity), title = coalesce(r.title, a.title),
    message = coalesce(r.message, a.message), evidence = coalesce(r.evidence, a.evidence),
    suppressed = r.suppressed, notification_key = coalesce(r.notification_key, a.notification_key),
    acknowledged_by = CASE WHEN r.acknowledged THEN r.by WHEN NOT r.reopened THEN a.acknowledged_by END,
    resolved_at = CASE WHEN r.resolved THEN now() WHEN NOT r.reopened THEN a.resolved_at END,
    resolved_by = CASE WHEN r.resolved THEN r.by WHEN NOT r.reopened THEN a.resolved_by END,
    ignored_at = CASE WHEN r.ignored THEN now() WHEN NOT r.reopened THEN a.ignored_at END,
    ignored_by = CASE WHEN r.ignored THEN r.by WHEN NOT r.reopened THEN a.ignored_by END,
    comment = coalesce(r.comment, a.comment), updated_at = now()
   FROM jsonb_to_recordset($2::jsonb) AS r (
      id bigint, ${STATE}, severity text, title text, message text, evidence jsonb, suppressed jsonb, notification_key text,
      by text, comment text, acknowledged boolean, resolved boolean, ignored boolean, reopened boolean)
   WHERE a.tenant_id = $1 AND a.id = r.id`;
