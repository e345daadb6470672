import { isGroup, isLess } from '../decisions/condition.js';
import type { ConditionTree, LeafCondition } from '../decisions/condition.js';
import type { SweepGrid } from './sweep.js';

/** Thresholds in percent and durations in minutes between which people choose. */
export const SWEEP_GRID: SweepGrid = {
  thresholds: [1, 2, 3, 5, 8, 10, 15, 20, 30],
  durations: [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240],
};

/** A tree taken apart for a sweep: the condition on idleness, and everything else that has to hold. */
export interface SweptTree {
  readonly leaf: LeafCondition;
  /** null: there is nothing else. */
  readonly rest: ConditionTree | null;
}

/**
 * The condition of a tree whose threshold and duration can be swept: the first that says that all GPUs are little used and that
 * must hold (alone or under AND). null: there is none, and a sweep of something else would not tell what this policy does.
 */
export function sweptTree(tree: ConditionTree): SweptTree | null {
  if (!isGroup(tree)) return saysIdle(tree) ? { leaf: tree, rest: null } : null;
  if (tree.operator === 'NOT' || (tree.operator === 'OR' && tree.rules.length > 1)) return null;
  for (const [at, rule] of tree.rules.entries()) {
    const found = sweptTree(rule);
    if (!found) continue;
    const others = [...tree.rules.slice(0, at), ...(found.rest ? [found.rest] : []), ...tree.rules.slice(at + 1)];
    return { leaf: found.leaf, rest: others.length === 0 ? null : { operator: 'AND', rules: others } };
  }
  return null;
}

function saysIdle({ metric, operator, acrossGpus, statistic }: LeafCondition): boolean {
  if (metric === 'idle_minutes') return operator === 'gt' || operator === 'gte';
  return (
    metric === 'gpu_utilization' &&
    isLess(operator) &&
    (acrossGpus ?? 'all') === 'all' &&
    (statistic ?? 'max') === 'max'
  );
}

/** The grid with the tree's own threshold and duration in it, so that the curve goes through where the policy is. */
export function gridWith(grid: SweepGrid, leaf: LeafCondition, idleBelowPercent: number): SweepGrid {
  const isIdle = leaf.metric === 'idle_minutes';
  const threshold = isIdle ? idleBelowPercent : leaf.threshold;
  const duration = isIdle ? Math.ceil(leaf.threshold) : Math.ceil(leaf.durationMinutes ?? 1);
  const merged = (numbers: readonly number[], own: number, least: number) =>
    [...new Set([...numbers, ...(own >= least ? [own] : [])])].sort((a, b) => a - b);
  return { thresholds: merged(grid.thresholds, threshold, 0), durations: merged(grid.durations, duration, 1) };
}
