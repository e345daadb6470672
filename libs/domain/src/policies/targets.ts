import type { PolicyTarget } from './policy.js';

/** What is known of an instance when targets are chosen. NaN: not known. */
export interface Candidate {
  readonly instanceId: number;
  /** Percent, of its busiest GPU. */
  readonly utilization: number;
  readonly idleMinutes: number;
  readonly hourlyCost: number;
}

/**
 * Candidates in the order in which they are taken.
 *
 * What is not known comes last: nobody is stopped first for want of data. Equal ones: the more expensive first, then the one
 * with the lower id, so that the same fleet always gives the same order.
 */
export function rankTargets<C extends Candidate>(candidates: readonly C[], target: PolicyTarget): C[] {
  const key = KEYS[target];
  return [...candidates].sort(
    (a, b) => ascending(key(a), key(b)) || ascending(-a.hourlyCost, -b.hourlyCost) || a.instanceId - b.instanceId,
  );
}

const KEYS: Readonly<Record<PolicyTarget, (candidate: Candidate) => number>> = {
  lowest_utilization: ({ utilization }) => utilization,
  longest_idle: ({ idleMinutes }) => -idleMinutes,
  most_expensive: ({ hourlyCost }) => -hourlyCost,
};

/** NaN after everything. */
function ascending(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * How many of `count` instances a percentage is: rounded down, so that a policy never does more than it says; but at least
 * one, or a policy would do nothing in a small fleet.
 */
export function shareOf(count: number, percentage: number): number {
  if (count <= 0 || percentage <= 0) return 0;
  // 0.29 × 100 is 28.999999999999996
  return Math.min(count, Math.max(1, Math.floor((count * percentage) / 100 + 1e-9)));
}
