import { Injectable } from '@nestjs/common';
import { isNotice, isPower, isTagging, policySubject, inScope } from '@flotilla/domain';
import type { TagAction } from '@flotilla/domain';
import { Db, systemActor } from '@flotilla/persistence';
import type { WriteTx } from '@flotilla/persistence';
import { ActionsService, Controllers, FLEET_CHANGES_CHANNEL } from '../actions/index.js';
import type { DecisionRound } from '../decisions/index.js';
import { tagInstance } from '../instances/index.js';
import { conditionsMet } from './conditions-met.js';
import { blastRadius, loadInstances } from './policy-fleet.js';
import type { RunInstance } from './policy-fleet.js';
import { PolicyNotices } from './policy-notices.js';
import { carryOut } from './policy-power.js';
import type { Fight, PowerRun } from './policy-power.js';
import { runsStore } from './policy-runs.store.js';
import type { Outcome } from './policy-runs.store.js';
import { enforcementSettings } from './enforcement-settings.js';
import type { EnforcementSettings } from './enforcement-settings.js';
import { standoffs } from './policy-standoffs.js';
import { TENANT } from './policy-watch.js';
import type { PolicyDecision, PolicyMinute, WatchedPolicy } from './policy-watch.js';

/** Instances whose numbers a run keeps; the others are counted. */
const MATCHED_KEPT = 100;

/** Carries out what a policy decided about a minute: the history and every effect in one transaction. */
@Injectable()
export class PolicyRunner {
  constructor(
    private readonly db: Db,
    readonly actions: ActionsService,
    readonly controllers: Controllers,
    private readonly notices: PolicyNotices,
  ) {}

  /**
   * @param at place of the policy in the minute
   * @param isOver the conditions hold for nobody any more
   */
  async run(
    round: DecisionRound,
    seen: PolicyMinute,
    at: number,
    decision: PolicyDecision,
    isOver: boolean,
  ): Promise<void> {
    const policy = seen.policies[at]!;
    const { tenantId } = round;
    await this.db.write(policyActor(tenantId, policy), async (tx) => {
      tx.withoutAudit('a run that was decided before, or kept back by its schedule; what acts is recorded');
      await round.hold(tx);
      // changed or switched off a moment ago: that decides from the next minute on
      if (!(await isCurrent(tx, tenantId, policy))) return;
      if (isOver) await this.notices.over(tx, tenantId, policy, round.at);
      const { outsideSchedule, inCooldown, triggered } = decision;
      await this.keepBack(tx, tenantId, seen, at, 'schedule', outsideSchedule);
      await this.keepBack(tx, tenantId, seen, at, 'cooldown', inCooldown);
      if (triggered.length > 0) await this.act(tx, round, seen, at, triggered);
    });
  }

  private async keepBack(
    tx: WriteTx,
    tenantId: string,
    seen: PolicyMinute,
    at: number,
    kind: 'schedule' | 'cooldown',
    ids: readonly number[],
  ): Promise<void> {
    if (ids.length > 0) await runsStore.insert(tx, { tenantId }, newRun(seen, at, kind, ids));
  }

  private async act(
    tx: WriteTx,
    round: DecisionRound,
    seen: PolicyMinute,
    at: number,
    triggered: readonly number[],
  ): Promise<void> {
    const { tenantId } = round;
    const policy = seen.policies[at]!;
    const { row, rules } = policy;
    const run = newRun(seen, at, 'triggered', triggered);
    const runId = await runsStore.insert(tx, { tenantId }, run);
    if (runId === null) return;
    const settings = await enforcementSettings.read(tx, { tenantId });
    const now = settings.now;
    const instances = await instancesOf(tx, tenantId, policy, triggered, settings);
    const power: PowerRun = {
      tenantId,
      actor: policyActor(tenantId, policy),
      policy,
      minute: seen.minute,
      now,
      instances,
      protectTags: [...rules.protectTags, ...settings.protectionTags],
      idleBelowPercent: settings.idleBelowPercent,
      radius: await blastRadius(tx, { tenantId }),
      taken: new Set(),
    };
    const outcomes: Outcome[] = [];
    const fights: Fight[] = [];
    for (const action of rules.actions) {
      if (isPower(action)) {
        const done = await carryOut(tx, this, action, power);
        outcomes.push(...done.outcomes);
        fights.push(...done.fights);
      } else if (isTagging(action)) {
        outcomes.push(...(await tagAll(tx, tenantId, action, instances, rules.executionMode === 'notify_only')));
      }
    }
    await standoffs.keep(tx, tenantId, fights, now);
    const telling = { tenantId, policy, run, runId, at: round.at, instances, outcomes, fights };
    outcomes.push(...(await this.notices.tell(tx, telling, rules.actions.filter(isNotice))));
    await runsStore.addOutcomes(tx, { tenantId }, runId, outcomes);
    await tx.record(
      'policy.triggered',
      { type: 'enforcement_policy', id: row.id },
      {
        policy_name: row.definition.policy_name,
        version: row.version,
        written_by: row.updated_by,
        minute: new Date(seen.minute * 60_000).toISOString(),
        run_id: runId,
        execution_mode: rules.executionMode,
        instances: triggered[0] === TENANT ? 0 : triggered.length,
        outcomes: countBy(outcomes),
        action_ids: outcomes.flatMap(({ actionId }) => actionId ?? []).slice(0, 100),
      },
    );
  }
}

/** Those that triggered; of a policy about the tenant every instance in its scope. */
async function instancesOf(
  tx: WriteTx,
  tenantId: string,
  { row, rules }: WatchedPolicy,
  triggered: readonly number[],
  settings: EnforcementSettings,
): Promise<RunInstance[]> {
  const ids = triggered[0] === TENANT ? null : triggered;
  const all = await loadInstances(tx, { tenantId }, row, ids, settings.idleBelowPercent, settings.now);
  return all.filter(({ instanceId: id, tags }) => inScope(rules.scope, { id, tags }));
}

const policyActor = (tenantId: string, { row }: WatchedPolicy) =>
  systemActor(tenantId, `policy ${row.definition.policy_name} (version ${row.version})`);

async function isCurrent(tx: WriteTx, tenantId: string, { row }: WatchedPolicy): Promise<boolean> {
  const same = await tx.row(
    `SELECT 1 AS same FROM flotilla.enforcement_policies p
      WHERE p.tenant_id = $1 AND p.id = $2 AND p.version = $3 AND p.enabled AND p.deleted_at IS NULL FOR SHARE`,
    [tenantId, row.id, row.version],
  );
  return same !== undefined;
}

function newRun(seen: PolicyMinute, at: number, kind: 'triggered' | 'schedule' | 'cooldown', ids: readonly number[]) {
  const { row, rules } = seen.policies[at]!;
  const subject = policySubject(rules.conditions);
  const places = new Map(seen.fleet.instances.map((one, i) => [one.id, i]));
  const placeOf = (id: number) => (id === TENANT ? 0 : places.get(id)!);
  const concerned = ids[0] === TENANT ? seen.fleet.instances : ids.map((id) => seen.fleet.instances[placeOf(id)]!);
  return {
    policyId: row.id,
    version: row.version,
    minute: seen.minute,
    kind,
    subject,
    executionMode: rules.executionMode,
    instanceIds: ids.filter((id) => id !== TENANT),
    matched: ids.slice(0, MATCHED_KEPT).map((id) => ({
      instance_id: id === TENANT ? null : id,
      conditions_met: conditionsMet(seen.state, at, placeOf(id), seen.columns),
    })),
    simulated: concerned.length > 0 && concerned.every(({ simulated }) => simulated),
  } as const;
}

async function tagAll(
  tx: WriteTx,
  tenantId: string,
  action: TagAction,
  instances: readonly RunInstance[],
  onlyTell: boolean,
): Promise<Outcome[]> {
  const words = Object.entries(action.tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
  const outcomes: Outcome[] = [];
  for (const { instanceId, label, maintenance } of instances) {
    const base = { actionType: action.type, instanceId, actionId: null };
    if (maintenance) outcomes.push({ ...base, outcome: 'blocked', blockedBy: 'maintenance', reason: maintenance });
    else if (onlyTell) {
      outcomes.push({
        ...base,
        outcome: 'would_act',
        blockedBy: null,
        reason: `Would tag ${label} ${words}; the policy only tells.`,
      });
    } else if (await tagInstance(tx, { tenantId }, instanceId, action.tags)) {
      outcomes.push({ ...base, outcome: 'tagged', blockedBy: null, reason: `Tagged ${label} ${words}.` });
      await tx.notify(FLEET_CHANGES_CHANNEL, JSON.stringify({ tenant_id: tenantId, kind: 'instance', id: instanceId }));
    }
  }
  return outcomes;
}

function countBy(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome, blockedBy } of outcomes) {
    const key = blockedBy ? `blocked by ${blockedBy}` : outcome;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
