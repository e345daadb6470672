import { detectFlapping } from './flapping.js';
import type { Flapping, PolicyMove } from './flapping.js';
import { verbOf } from './policy.js';
import type { PowerAction, TagPattern } from './policy.js';
import { protectionOf } from './protection.js';
import { rankTargets, shareOf } from './targets.js';
import type { Candidate } from './targets.js';

/** What kept a policy from acting on an instance. */
export const POLICY_BLOCKS = [
  'schedule',
  'cooldown',
  'maintenance',
  'protection',
  'flapping',
  'gate',
  'cap_per_run',
  'cap_per_day',
  'open_action',
  'controller',
  'refused',
] as const;
export type PolicyBlock = (typeof POLICY_BLOCKS)[number];

/** An instance as a run sees it. */
export interface PolicyInstance extends Candidate {
  readonly state: string;
  /** null: nobody ever started or stopped only its workload. */
  readonly workloadState: 'running' | 'stopped' | null;
  readonly protected: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** Why a maintenance window keeps policies off; null: none does. */
  readonly maintenance: string | null;
  /** Why this policy is kept off after a fight with another; null: it is not. */
  readonly standoff: string | null;
  /** The action of it that is not finished; null: none. */
  readonly openAction: string | null;
  readonly moves: readonly PolicyMove[];
}

export interface Refusal {
  readonly instanceId: number;
  readonly by: PolicyBlock;
  readonly reason: string;
  /** Only with `flapping`, when it was found now. */
  readonly flapping?: Flapping;
}

export interface PowerPlan {
  readonly verb: 'start' | 'stop';
  /** Whom to take, first to last: where one falls out, the next one is taken. */
  readonly ranked: readonly number[];
  /** How many of them. */
  readonly quota: number;
  readonly refused: readonly Refusal[];
}

/**
 * Whom an action takes, of the instances that a run may act on: those that are in the other state, that nothing speaks
 * against, in the order of its target. The percentage is of these. Caps and the gate come after.
 *
 * @param nowMs when the run is decided
 */
export function planPower(
  action: PowerAction,
  policyId: number,
  protectTags: readonly TagPattern[],
  instances: readonly PolicyInstance[],
  nowMs: number,
): PowerPlan {
  const verb = verbOf(action);
  const refused: Refusal[] = [];
  const able = instances.filter((instance) => {
    if (!isOther(instance, verb)) return false;
    const refusal = speaksAgainst(instance, policyId, verb, protectTags, nowMs);
    if (refusal) refused.push({ instanceId: instance.instanceId, ...refusal });
    return !refusal;
  });
  const ranked = rankTargets(able, action.target ?? (verb === 'stop' ? 'lowest_utilization' : 'most_expensive'));
  // what is cheap is started first
  if (verb === 'start' && action.target === null) ranked.reverse();
  const quota = shareOf(able.length, action.percentage);
  return { verb, ranked: ranked.map(({ instanceId }) => instanceId), quota, refused };
}

/** Whether there is anything to do: a machine that runs can be stopped, one that is stopped (or whose work is) started. */
function isOther({ state, workloadState }: PolicyInstance, verb: 'start' | 'stop'): boolean {
  if (verb === 'stop') return state === 'running' && workloadState !== 'stopped';
  return state === 'stopped' || (state === 'running' && workloadState === 'stopped');
}

function speaksAgainst(
  instance: PolicyInstance,
  policyId: number,
  verb: 'start' | 'stop',
  protectTags: readonly TagPattern[],
  nowMs: number,
): Omit<Refusal, 'instanceId'> | null {
  const protection = protectionOf(instance, protectTags);
  if (protection) return { by: 'protection', reason: protection };
  if (instance.maintenance) return { by: 'maintenance', reason: instance.maintenance };
  if (instance.standoff) return { by: 'flapping', reason: instance.standoff };
  if (instance.openAction) {
    return { by: 'open_action', reason: `Action ${instance.openAction} of it is not finished.` };
  }
  const flapping = detectFlapping(instance.moves, { atMs: nowMs, verb, policyId });
  if (!flapping) return null;
  const hours = Math.round((nowMs - flapping.sinceMs) / 360_000) / 10;
  return {
    by: 'flapping',
    reason: `Policies ${flapping.policyIds.join(' and ')} would turn it on and off ${flapping.turns} times within ${hours} hours: they are kept off it until one of them is changed.`,
    flapping,
  };
}
