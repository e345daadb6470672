import { allowance } from '../policies/caps.js';
import type { PolicyTarget } from '../policies/policy.js';
import { rankTargets, shareOf } from '../policies/targets.js';
import type { Candidate } from '../policies/targets.js';
import type { WouldBeStop } from './stops.js';

const DAY_MINUTES = 1_440;

/** A trigger that nothing but the rest of the fleet could keep from a stop. */
export interface StopCandidate extends Candidate {
  readonly stop: WouldBeStop;
}

export interface CapRules {
  readonly target: PolicyTarget;
  /** Of the candidates of a run, percent. */
  readonly percentage: number;
  readonly capPerRunPercent: number;
  readonly capPerDayPercent: number;
}

export interface Carried<C extends StopCandidate> {
  readonly stops: readonly C[];
  readonly overQuota: number;
  readonly overRunCap: number;
  readonly overDayCap: number;
}

/**
 * Which of the triggers of a fleet would have been stops: run by run (one a minute), in the order of the target, within the
 * percentage of the action and the caps, and none of an instance that is off already.
 *
 * @param candidates in any order
 * @param fleetAt running instances of the tenant at a minute
 */
export function carryOut<C extends StopCandidate>(
  candidates: readonly C[],
  rules: CapRules,
  fleetAt: (minute: number) => number,
): Carried<C> {
  const sorted = [...candidates].sort((a, b) => a.stop.triggerMinute - b.stop.triggerMinute);
  const stops: C[] = [];
  const offUntil = new Map<number, number>();
  let [overQuota, overRunCap, overDayCap] = [0, 0, 0];
  let dayBegin = 0;
  for (let at = 0; at < sorted.length;) {
    const minute = sorted[at]!.stop.triggerMinute;
    let end = at;
    while (end < sorted.length && sorted[end]!.stop.triggerMinute === minute) end++;
    const run = sorted.slice(at, end).filter(({ instanceId }) => minute >= (offUntil.get(instanceId) ?? -1));
    at = end;
    if (run.length === 0) continue;
    const ranked = rankTargets(run, rules.target);
    const quota = shareOf(run.length, rules.percentage);
    overQuota += ranked.length - quota;
    while (dayBegin < stops.length && stops[dayBegin]!.stop.triggerMinute <= minute - DAY_MINUTES) dayBegin++;
    const touchedToday = new Set(stops.slice(dayBegin).map(({ instanceId }) => instanceId)).size;
    const may = allowance({ ...rules, fleet: fleetAt(minute), touchedToday });
    const taken = Math.min(quota, may.run, may.day);
    if (may.run <= may.day) overRunCap += quota - taken;
    else overDayCap += quota - taken;
    for (const candidate of ranked.slice(0, taken)) {
      stops.push(candidate);
      offUntil.set(candidate.instanceId, candidate.stop.offUntil);
    }
  }
  return { stops, overQuota, overRunCap, overDayCap };
}
