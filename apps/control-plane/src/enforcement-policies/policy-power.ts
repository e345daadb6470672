import { allowance, capSentence, idleQuestion, planPower } from '@flotilla/domain';
import type { BlastRadius, Flapping, PolicyBlock, PowerAction, TagPattern } from '@flotilla/domain';
import type { Actor, WriteTx } from '@flotilla/persistence';
import type { ActionsService, Controllers } from '../actions/index.js';
import { AppError } from '../platform/index.js';
import { gateOnWire, StopGate } from '../stop-gate/index.js';
import type { RunInstance } from './policy-fleet.js';
import type { Outcome } from './policy-runs.store.js';
import type { WatchedPolicy } from './policy-watch.js';

/** Instances named one by one when a cap leaves them for later. */
const CAPPED_SHOWN = 20;

export interface PowerRun {
  readonly tenantId: string;
  readonly actor: Actor;
  readonly policy: WatchedPolicy;
  /** Unix minute of the trigger. */
  readonly minute: number;
  readonly now: Date;
  readonly instances: readonly RunInstance[];
  /** Of the policy and of its tenant. */
  readonly protectTags: readonly TagPattern[];
  readonly idleBelowPercent: number;
  readonly radius: { readonly fleet: number; readonly touched: ReadonlySet<number> };
  /** What the actions before this one took already; grows. */
  readonly taken: Set<number>;
}

/** The rooms whose doors a run goes through. */
export interface Doors {
  readonly actions: ActionsService;
  readonly controllers: Controllers;
}

export interface Fight {
  readonly instanceId: number;
  readonly flapping: Flapping;
}

/**
 * Starts or stops what an action of a run takes: past protection, windows, fights and open actions, in the order of its
 * target, each stop past the gate, as far as the caps go. Where the gate refuses one, the next one in order is looked at.
 */
export async function carryOut(
  tx: WriteTx,
  doors: Doors,
  action: PowerAction,
  run: PowerRun,
): Promise<{ outcomes: Outcome[]; fights: Fight[] }> {
  const { rules, row } = run.policy;
  const plan = planPower(action, row.id, run.protectTags, run.instances, run.now.getTime());
  const outcomes: Outcome[] = [];
  const say = (instanceId: number | null, outcome: Outcome['outcome'], reason: string, more: Partial<Outcome> = {}) =>
    outcomes.push({ actionType: action.type, instanceId, outcome, reason, blockedBy: null, actionId: null, ...more });
  const block = (instanceId: number | null, blockedBy: PolicyBlock, reason: string, details?: object) =>
    say(instanceId, 'blocked', reason, { blockedBy, details });
  for (const { instanceId, by, reason } of plan.refused) block(instanceId, by, reason);
  const byId = new Map(run.instances.map((one) => [one.instanceId, one]));
  let done = 0;
  for (const [at, id] of plan.ranked.entries()) {
    if (done >= plan.quota) break;
    if (run.taken.has(id)) continue;
    const cap = capOf(run, id);
    if (cap) {
      // nobody after it may be touched either, but for those that were touched today
      const rest = plan.ranked.slice(at, at + plan.quota - done);
      for (const left of rest.slice(0, CAPPED_SHOWN)) block(left, cap.which, cap.reason);
      if (rest.length > CAPPED_SHOWN) block(null, cap.which, `${rest.length - CAPPED_SHOWN} more: ${cap.reason}`);
      break;
    }
    const outcome = await take(tx, doors, action, run, byId.get(id)!, block);
    if (!outcome) continue;
    say(id, outcome.outcome, outcome.reason, { actionId: outcome.actionId, details: outcome.details });
    run.taken.add(id);
    done++;
  }
  const fights = plan.refused.flatMap(({ instanceId, flapping }) => (flapping ? [{ instanceId, flapping }] : []));
  return { outcomes, fights: rules.executionMode === 'notify_only' ? [] : fights };
}

/** Which cap keeps an instance from being touched now. */
function capOf(run: PowerRun, id: number): { which: 'cap_per_run' | 'cap_per_day'; reason: string } | null {
  const { fleet, touched } = run.radius;
  const all = new Set([...touched, ...run.taken]);
  const { capPerRunPercent, capPerDayPercent } = run.policy.rules;
  const of: BlastRadius = { fleet, touchedToday: all.size, capPerRunPercent, capPerDayPercent };
  const { run: perRun, day } = allowance(of);
  if (run.taken.size >= perRun) return { which: 'cap_per_run', reason: capSentence('run', of) };
  // what was touched today is counted already
  if (day === 0 && !all.has(id)) return { which: 'cap_per_day', reason: capSentence('day', of) };
  return null;
}

type Taken = Pick<Outcome, 'outcome' | 'reason' | 'actionId' | 'details'>;

/** @returns undefined when it was kept back, which is said */
async function take(
  tx: WriteTx,
  doors: Doors,
  action: PowerAction,
  run: PowerRun,
  instance: RunInstance,
  block: (id: number, by: PolicyBlock, reason: string, details?: object) => void,
): Promise<Taken | undefined> {
  const { row, rules } = run.policy;
  const verb = action.type === 'start_instances' ? 'start' : 'stop';
  const asked =
    verb === 'stop' && action.onlyWhenIdle ? idleQuestion(rules.conditions, run.minute, run.idleBelowPercent) : null;
  let details: object = {};
  if (verb === 'stop') {
    const { chosen } = await doors.controllers.best(tx, run.tenantId, instance.instanceId, verb);
    const answer = await StopGate.judge(tx, {
      tenantId: run.tenantId,
      instanceId: instance.instanceId,
      reason: 'policy',
      idleSinceMs: asked?.sinceMs ?? null,
      belowPercent: asked?.belowPercent ?? null,
      evenBusy: !action.onlyWhenIdle,
      workload: chosen?.level === 'workload',
    });
    if (!answer) return undefined;
    details = { gate: gateOnWire(answer) };
    if (!answer.allowed) {
      const against = answer.checks.filter(({ blocks }) => blocks);
      block(instance.instanceId, 'gate', against.map(({ reason }) => reason).join(' '), details);
      return undefined;
    }
  }
  if (rules.executionMode === 'notify_only') {
    const reason = `Would ${verb} ${instance.label}; the policy only tells.`;
    return { outcome: 'would_act', reason, actionId: null, details };
  }
  try {
    const queued = await doors.actions.request(tx, run.actor, instance.instanceId, {
      verb,
      reason: `Policy ${row.definition.policy_name} (version ${row.version})`,
      force: false,
      evenBusy: verb === 'stop' && !action.onlyWhenIdle,
      policy: { id: row.id, version: row.version },
      needsApproval: rules.executionMode === 'approval_required',
      ...(asked && { idle: asked }),
    });
    const waits = queued.status === 'pending_approval';
    return {
      outcome: waits ? 'awaits_approval' : 'requested',
      reason: waits
        ? `Asked to ${verb} ${instance.label}; a person has to agree.`
        : `Asked to ${verb} ${instance.label}.`,
      actionId: queued.action_id,
      details,
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const field = error.details?.field;
    block(
      instance.instanceId,
      field === 'controller' ? 'controller' : field === 'instance' ? 'open_action' : 'refused',
      error.message,
      details,
    );
    return undefined;
  }
}
