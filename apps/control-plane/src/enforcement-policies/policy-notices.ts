import { Injectable } from '@nestjs/common';
import { describeConditions } from '@flotilla/domain';
import type { NotifyAction } from '@flotilla/domain';
import type { WriteTx } from '@flotilla/persistence';
import { AlertDesk } from '../alerts/index.js';
import type { AlertSubject } from '../alerts/index.js';
import { EventLog } from '../events/index.js';
import { NotificationOutbox } from '../notification-channels/index.js';
import type { RunInstance } from './policy-fleet.js';
import type { Fight } from './policy-power.js';
import type { NewRun, Outcome } from './policy-runs.store.js';
import type { WatchedPolicy } from './policy-watch.js';

export interface Telling {
  readonly tenantId: string;
  readonly policy: WatchedPolicy;
  readonly run: NewRun;
  readonly runId: number;
  readonly at: Date;
  readonly instances: readonly RunInstance[];
  readonly outcomes: readonly Outcome[];
  readonly fights: readonly Fight[];
}

/** An event carries so many; the history has all. */
const SHOWN = 50;

/** What a policy tells: an alert of its own, events, and word of every further run. */
@Injectable()
export class PolicyNotices {
  constructor(
    private readonly desk: AlertDesk,
    private readonly outbox: NotificationOutbox,
  ) {}

  /** @returns one outcome for each notice */
  async tell(tx: WriteTx, telling: Telling, notices: readonly NotifyAction[]): Promise<Outcome[]> {
    await EventLog.addAll(tx, [eventOf(telling), ...telling.fights.map((fight) => pausedEvent(telling, fight))]);
    for (const fight of telling.fights) await this.raiseFight(tx, telling, fight);
    // who is told nothing has to look; a policy that only tells tells in any case
    const wanted: readonly NotifyAction[] =
      notices.length === 0 && telling.policy.rules.executionMode === 'notify_only'
        ? [{ type: 'notify_all', channels: null, message: null }]
        : notices;
    const outcomes: Outcome[] = [];
    const tenant = await tx.row<{ currency: string }>(
      'SELECT t.currency FROM flotilla.tenants t WHERE t.tenant_id = $1',
      [telling.tenantId],
    );
    for (const notice of wanted) outcomes.push(await this.notify(tx, telling, notice, tenant!.currency));
    return outcomes;
  }

  /** The conditions hold for nobody any more. */
  async over(tx: WriteTx, tenantId: string, { row }: WatchedPolicy, at: Date): Promise<void> {
    const keys = row.definition.actions
      .map(({ type }) => type)
      .concat('notify_all')
      .filter((type) => type.startsWith('notify_'))
      .map((key) => ({ ...ORIGIN, key, subject: { type: 'policy' as const, id: String(row.id) }, at }));
    await this.desk.resolve(tx, tenantId, keys);
  }

  private async notify(tx: WriteTx, telling: Telling, notice: NotifyAction, currency: string): Promise<Outcome> {
    const { tenantId, policy, run, runId, at } = telling;
    const { row } = policy;
    const channelIds = await channelsOf(tx, tenantId, notice.channels);
    const base = { actionType: notice.type, instanceId: null, actionId: null };
    const title = `Policy ${row.definition.policy_name}`;
    const message = [notice.message, sentenceOf(telling, currency)].filter(Boolean).join('. ');
    const evidence = {
      policy_id: row.id,
      policy_version: row.version,
      run_id: runId,
      matched: run.matched.slice(0, SHOWN),
    };
    const alert = {
      tenantId,
      ...ORIGIN,
      source: 'policy' as const,
      key: notice.type,
      channelIds,
      subject: subjectOf(policy),
      severity: row.definition.severity,
      title,
      message,
      evidence,
      at,
      simulated: run.simulated,
    };
    const raised = await this.desk.raise(tx, alert);
    // an alert that is open already tells nobody again; what a policy does, it says each time
    if (raised?.outcome === 'again' && channelIds?.length !== 0) {
      await this.outbox.add(tx, {
        tenantId,
        kind: 'message',
        alertId: raised.alertId,
        alertType: ORIGIN.alertType,
        severity: alert.severity,
        ruleName: row.definition.policy_name,
        dedupKey: `policy:${row.id}:run:${runId}:${notice.type}`,
        title,
        text: message,
        fields: [],
        link: `/enforcement-policies/${row.id}`,
        channelIds,
        at,
        simulated: run.simulated,
      });
    }
    if (channelIds?.length === 0) {
      const reason = `Alert ${raised?.alertId} stands, and nobody was told: there is no channel ${notice.channels!.join(' or ')} that is switched on. Add one, or name another.`;
      return { ...base, outcome: 'blocked', blockedBy: 'refused', reason };
    }
    return { ...base, outcome: 'notified', blockedBy: null, reason: message.slice(0, 2000) };
  }

  private async raiseFight(tx: WriteTx, telling: Telling, { instanceId, flapping }: Fight): Promise<void> {
    const { tenantId, policy, at, run, instances } = telling;
    const label = instances.find((one) => one.instanceId === instanceId)!.label;
    await this.desk.raise(tx, {
      tenantId,
      alertType: 'policy_flapping',
      source: 'policy',
      ruleId: null,
      builtIn: null,
      subject: { type: 'instance', id: String(instanceId), label, instanceId },
      severity: 'high',
      title: `Policies fight over ${label}`,
      message: `Policies ${flapping.policyIds.join(' and ')} turn ${label} on and off again and again. They are kept off it until one of them is changed, or for a day.`,
      evidence: {
        policy_ids: flapping.policyIds,
        turns: flapping.turns,
        since: new Date(flapping.sinceMs).toISOString(),
        held_back: policy.row.id,
      },
      at,
      channelIds: null,
      simulated: run.simulated,
    });
  }
}

const ORIGIN = { alertType: 'policy_triggered', ruleId: null, builtIn: null } as const;

const subjectOf = ({ row }: WatchedPolicy): AlertSubject => ({
  type: 'policy',
  id: String(row.id),
  label: row.definition.policy_name,
  instanceId: null,
});

/** What happened, in a sentence or two. */
function sentenceOf({ policy, run, outcomes, instances }: Telling, currency: string): string {
  const names = new Map(instances.map(({ instanceId, label }) => [instanceId, label]));
  const list = (of: readonly Outcome[]) => {
    const known = of.flatMap(({ instanceId }) => (instanceId === null ? [] : (names.get(instanceId) ?? [])));
    return known.length > 5 ? `${known.slice(0, 5).join(', ')} and ${known.length - 5} more` : known.join(', ');
  };
  const parts = [
    `${capital(describeConditions(policy.rules.conditions, currency))}${run.subject === 'tenant' ? '' : ` on ${run.instanceIds.length} instance${run.instanceIds.length === 1 ? '' : 's'}`}.`,
  ];
  const said = (outcome: Outcome['outcome'], words: string) => {
    const of = outcomes.filter((one) => one.outcome === outcome && one.instanceId !== null);
    if (of.length > 0) parts.push(`${words}: ${list(of)}.`);
  };
  said('requested', policy.rules.actions.some(({ type }) => type === 'start_instances') ? 'Starting' : 'Stopping');
  said('awaits_approval', 'Waiting for a person to agree');
  said('would_act', 'Would act on');
  said('tagged', 'Tagged');
  const blocked = outcomes.filter((one) => one.outcome === 'blocked');
  if (blocked.length > 0) parts.push(`Left alone: ${blocked.length}; first: ${blocked[0]!.reason}`);
  return parts.join(' ');
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function eventOf({ tenantId, policy, run, runId, at, outcomes }: Telling) {
  const { row, rules } = policy;
  const blocked = outcomes.filter((one) => one.outcome === 'blocked');
  const allBlocked = blocked.length > 0 && blocked.length === outcomes.length;
  return {
    tenantId,
    subjectType: 'policy',
    subjectId: row.id,
    at,
    simulated: run.simulated,
    type: allBlocked ? ('policy.blocked' as const) : ('policy.triggered' as const),
    data: {
      policy_id: row.id,
      name: row.definition.policy_name,
      policy_type: row.definition.policy_type,
      severity: row.definition.severity,
      execution_mode: rules.executionMode,
      instance_ids: run.instanceIds.slice(0, SHOWN),
      action_ids: outcomes.flatMap(({ actionId }) => actionId ?? []).slice(0, SHOWN),
      blocked: blocked
        .slice(0, SHOWN)
        .map((one) => ({ instance_id: one.instanceId, by: one.blockedBy!, reason: one.reason })),
      evidence: { run_id: runId, version: row.version, matched: run.matched.slice(0, SHOWN) },
    },
  };
}

function pausedEvent({ tenantId, policy, run, at }: Telling, { instanceId, flapping }: Fight) {
  const { row, rules } = policy;
  return {
    tenantId,
    subjectType: 'policy',
    subjectId: row.id,
    at,
    simulated: run.simulated,
    type: 'policy.paused' as const,
    data: {
      policy_id: row.id,
      name: row.definition.policy_name,
      policy_type: row.definition.policy_type,
      severity: row.definition.severity,
      execution_mode: rules.executionMode,
      instance_ids: [instanceId],
      action_ids: [],
      blocked: [
        {
          instance_id: instanceId,
          by: 'flapping',
          reason: `Policies ${flapping.policyIds.join(' and ')} turn it on and off.`,
        },
      ],
      evidence: { policy_ids: flapping.policyIds, turns: flapping.turns },
    },
  };
}

/** Channels by number, name or type; only those that are switched on. null: as each channel wants. */
async function channelsOf(tx: WriteTx, tenantId: string, wanted: NotifyAction['channels']): Promise<number[] | null> {
  if (wanted === null) return null;
  const words = wanted.map(String);
  const rows = await tx.rows<{ id: number }>(
    `SELECT c.id FROM flotilla.notification_channels c
      WHERE c.tenant_id = $1 AND c.enabled AND (c.id::text = ANY ($2) OR c.channel_type = ANY ($2) OR c.name = ANY ($2))
      ORDER BY c.id`,
    [tenantId, words],
  );
  return rows.map(({ id }) => id);
}
