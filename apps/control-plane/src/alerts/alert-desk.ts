import { Injectable } from '@nestjs/common';
import { stepAlert } from '@flotilla/domain';
import type { AlertPolicy } from '@flotilla/domain';
import type { WriteTx } from '@flotilla/persistence';
import { FLEET_CHANGES_CHANNEL } from '../actions/index.js';
import { AlertTeller } from './alert-teller.js';
import type { Telling } from './alert-teller.js';
import { alertsStore, escalationOf, stateOf } from './alerts.store.js';
import type { AlertRow, Change, HistoryLine } from './alerts.store.js';
import { identityOf } from './raised-alert.js';
import type { AlertKey, RaisedAlert } from './raised-alert.js';
import { asTenantWants } from './built-in-settings.js';

/** What became of something that fired. */
export interface Raised {
  readonly alertId: number;
  /** new: an alert of its own. again: one more occurrence of an open alert. reopened: of one that was over. */
  readonly outcome: 'new' | 'again' | 'reopened';
}

/** Another replica may begin the same alert at the same moment; then it is theirs and this is one more occurrence. */
const TRIES = 3;

/**
 * Where everything that fires comes to: rules, what is built in, budgets, policies and agents. One open alert per rule and
 * subject; the outside is told in the same transaction.
 */
@Injectable()
export class AlertDesk {
  constructor(private readonly teller: AlertTeller) {}

  /** @returns null: the tenant switched this built-in rule off */
  async raise(tx: WriteTx, alert: RaisedAlert): Promise<Raised | null> {
    return (await this.raiseAll(tx, alert.tenantId, [alert]))[0] ?? null;
  }

  /**
   * Many at once, of one tenant. Those of one rule that begin together are told of together.
   *
   * @returns in the order of `alerts`; null where the tenant switched the built-in rule off
   */
  async raiseAll(tx: WriteTx, tenantId: string, alerts: readonly RaisedAlert[]): Promise<(Raised | null)[]> {
    const wanted = await asTenantWants(tx, tenantId, alerts);
    tx.withoutAudit('that alerts began is recorded by recordFirings; one that was switched off changes nothing');
    const outcome = new Map<string, Raised>();
    let waiting = new Map<string, RaisedAlert>();
    for (const alert of wanted) if (alert) waiting.set(identityOf(alert), alert);
    for (let tries = 1; waiting.size > 0 && tries <= TRIES; tries++) {
      const raised = await this.raiseOnce(tx, tenantId, waiting);
      waiting = new Map([...waiting].filter(([identity]) => !raised.has(identity)));
      for (const [identity, result] of raised) outcome.set(identity, result);
    }
    return wanted.map((alert) => (alert && outcome.get(identityOf(alert))) ?? null);
  }

  /** The conditions of these alerts are over. Safe to call for what never fired. @returns the alerts that ended now */
  async resolve(tx: WriteTx, tenantId: string, keys: readonly (AlertKey & { readonly at: Date })[]): Promise<number[]> {
    const ends = new Map(keys.map((key) => [identityOf(key), key.at]));
    const rows = await alertsStore.lockNewest(tx, tenantId, [...ends.keys()].sort());
    const open = [...rows.values()].filter((row) => row.ended_at === null);
    await this.step(tx, tenantId, open, (row) => ({ kind: 'end', atMs: ends.get(row.identity)!.getTime() }), null);
    return open.map(({ id }) => id);
  }

  /** Moves alerts on by one event each, saves them, and tells whom it concerns. The rows are locked. */
  async step(
    tx: WriteTx,
    tenantId: string,
    rows: readonly AlertRow[],
    eventOf: (row: AlertRow) => StepEvent,
    person: { readonly by: string; readonly comment: string | null } | null,
  ): Promise<Change[]> {
    const changes: Change[] = [];
    const tellings: Telling[] = [];
    const lines: HistoryLine[] = [];
    for (const row of rows) {
      const event = eventOf(row);
      const before = stateOf(row);
      const { state, effects } = stepAlert(before, event, policyOf(row));
      changes.push({ row, state, person: person ?? undefined });
      const at = new Date(event.atMs);
      const line = { alertId: row.id, ruleId: row.rule_id, at, actor: person?.by ?? null };
      const kind = kindOf(event.kind, before, state);
      if (kind) lines.push({ ...line, kind, details: person?.comment ? { comment: person.comment } : {} });
      for (const effect of effects) {
        tellings.push({ row, effect, at, by: person?.by ?? null });
        if (effect.kind === 'escalate') {
          const details = { step: effect.step + 1, notification_channel_ids: effect.channelIds };
          lines.push({ ...line, kind: 'escalated', details });
        }
      }
    }
    const keys = await this.teller.tell(tx, tenantId, tellings);
    const keyed = changes.map((change) => ({ ...change, notificationKey: keys.get(change.row.id) }));
    await this.save(tx, tenantId, keyed, lines);
    return keyed;
  }

  private async raiseOnce(tx: WriteTx, tenantId: string, alerts: ReadonlyMap<string, RaisedAlert>) {
    const raised = new Map<string, Raised>();
    const newest = await alertsStore.lockNewest(tx, tenantId, [...alerts.keys()].sort());
    const now = [...alerts.values()].reduce((latest, { at }) => Math.max(latest, at.getTime()), 0);
    const instances = [...alerts.values()].map(({ subject }) => subject.instanceId);
    const heldBack = await this.teller.heldBack(tx, tenantId, new Date(now), instances);
    const ended: Change[] = [];
    const again: Change[] = [];
    const begun: { identity: string; alert: RaisedAlert; state: Change['state']; told: boolean }[] = [];
    const lines: HistoryLine[] = [];
    for (const [identity, alert] of alerts) {
      const row = newest.get(identity);
      const held = heldBack(alert.subject.instanceId);
      const event = { kind: 'fire', atMs: alert.at.getTime(), heldBackUntilMs: held?.untilMs ?? null } as const;
      const policy = { cooldownMinutes: alert.cooldownMinutes ?? 0, escalation: alert.escalation ?? [] };
      const { state, effects, fresh } = stepAlert(row ? stateOf(row) : null, event, policy);
      if (!fresh) {
        const reopened = row!.status !== 'active' && state.status === 'active';
        raised.set(identity, { alertId: row!.id, outcome: reopened ? 'reopened' : 'again' });
        const { severity, title, message, evidence } = alert;
        again.push({ row: row!, state, words: { severity, title, message, evidence }, suppressed: held?.why });
        lines.push(lineOf(row!.id, alert, 'fired_again'));
        continue;
      }
      if (row && row.ended_at === null) ended.push({ row, state: { ...stateOf(row), endedAtMs: alert.at.getTime() } });
      begun.push({ identity, alert, state, told: effects.length > 0 });
    }
    await alertsStore.save(tx, tenantId, ended);
    const made = await alertsStore.begin(tx, tenantId, begun);
    const tellings: Telling[] = [];
    const suppressed: Change[] = [];
    for (const { identity, alert, state, told } of begun) {
      const row = made.get(identity);
      if (!row) continue;
      raised.set(identity, { alertId: row.id, outcome: 'new' });
      lines.push(lineOf(row.id, alert, 'fired'));
      if (told) tellings.push({ row, effect: { kind: 'trigger' }, at: alert.at, by: null });
      else {
        const held = heldBack(alert.subject.instanceId);
        suppressed.push({ row, state, suppressed: held?.why ?? null });
        lines.push({ ...lineOf(row.id, alert, 'suppressed'), details: held?.why ?? {} });
        await this.teller.eventOnly(tx, tenantId, row, alert.at, held);
      }
    }
    const keys = await this.teller.tell(tx, tenantId, tellings);
    const keyed = tellings.map(({ row }) => ({ row, state: stateOf(row), notificationKey: keys.get(row.id) }));
    await this.save(tx, tenantId, [...again, ...suppressed, ...keyed], lines);
    await recordFirings(tx, [...made.values()]);
    return raised;
  }

  private async save(tx: WriteTx, tenantId: string, changes: readonly Change[], lines: readonly HistoryLine[]) {
    await alertsStore.save(tx, tenantId, changes);
    await alertsStore.remember(tx, tenantId, lines);
    await tx.rows(NOTIFY, [tenantId, changes.map(({ row }) => row.id)]);
    tx.withoutAudit('what people do to alerts is recorded by their commands, and that alerts began by recordFirings');
  }
}

export type StepEvent = Parameters<typeof stepAlert>[1];

const policyOf = (row: AlertRow): AlertPolicy => ({
  cooldownMinutes: row.cooldown_minutes,
  escalation: escalationOf(row),
});

function kindOf(event: StepEvent['kind'], before: Change['state'], after: Change['state']): HistoryLine['kind'] | null {
  if (event === 'end') return before.endedAtMs === null ? (before.status === 'active' ? 'resolved' : 'ended') : null;
  if (event === 'acknowledge') return after.acknowledgedAtMs !== before.acknowledgedAtMs ? 'acknowledged' : null;
  if (event === 'tick') return after.announced && !before.announced ? 'notified' : null;
  return after.status !== before.status ? (after.status === 'ignored' ? 'ignored' : 'resolved') : null;
}

const lineOf = (alertId: number, alert: RaisedAlert, kind: HistoryLine['kind']): HistoryLine => ({
  alertId,
  ruleId: alert.ruleId,
  at: alert.at,
  kind,
  actor: null,
  details: alert.evidence,
});

/** Of many that began at once, one line in the audit: each has its own history. */
async function recordFirings(tx: WriteTx, rows: readonly AlertRow[]): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const ids = rows.slice(0, 100).map(({ id }) => id);
  const details = { alerts: rows.length, alert_ids: ids, alert_type: first.alert_type, title: first.title };
  await tx.record('alert.fired', { type: 'alert', id: first.id }, details);
}

const NOTIFY = `
  SELECT pg_notify('${FLEET_CHANGES_CHANNEL}', json_build_object('tenant_id', $1::text, 'kind', 'alert', 'id', i)::text)
    FROM unnest($2::bigint[]) AS i`;
