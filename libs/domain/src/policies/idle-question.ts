import { isGroup } from '../decisions/condition.js';
import type { ConditionTree, LeafCondition } from '../decisions/condition.js';

const MINUTE_MS = 60_000;
/** Hosts remember a day of minutes. */
const REMEMBERED_MINUTES = 1_430;

/** What the host is asked again right before it stops: below `belowPercent` ever since. */
export interface IdleQuestion {
  readonly sinceMs: number;
  readonly belowPercent: number;
}

/**
 * The part of a policy's evidence that the host itself can look up again, or null where the policy says nothing about
 * idleness. Of several such conditions the longest; of equal ones the strictest.
 *
 * Only what must hold counts: leaves under AND (or alone), never those of which one would do (OR) or whose contrary is meant
 * (NOT). A mean below the threshold says nothing of the highest reading, which is what hosts look at.
 *
 * @param minute Unix minute of the trigger: the newest one that was looked at
 */
export function idleQuestion(tree: ConditionTree, minute: number, tenantIdleBelowPercent: number): IdleQuestion | null {
  const asked = required(tree).flatMap((leaf): IdleQuestion[] => {
    const minutes = minutesOf(leaf);
    if (minutes === null) return [];
    const belowPercent = leaf.metric === 'idle_minutes' ? tenantIdleBelowPercent : below(leaf);
    return [{ sinceMs: (minute + 1 - Math.min(minutes, REMEMBERED_MINUTES)) * MINUTE_MS, belowPercent }];
  });
  asked.sort((a, b) => a.sinceMs - b.sinceMs || a.belowPercent - b.belowPercent);
  return asked[0] ?? null;
}

function required(tree: ConditionTree): LeafCondition[] {
  if (!isGroup(tree)) return [tree];
  return tree.operator === 'AND' || (tree.operator === 'OR' && tree.rules.length === 1)
    ? tree.rules.flatMap(required)
    : [];
}

/** Minutes that a leaf says its instance has idled; null: it says nothing of the kind. */
function minutesOf({
  metric,
  operator,
  threshold,
  durationMinutes,
  acrossGpus,
  statistic,
}: LeafCondition): number | null {
  const forMinutes = Math.max(1, Math.ceil(durationMinutes ?? 1));
  if (metric === 'gpu_utilization' && (operator === 'lt' || operator === 'lte')) {
    return (acrossGpus ?? 'all') === 'all' && (statistic ?? 'max') === 'max' ? forMinutes : null;
  }
  if (metric !== 'idle_minutes' || (operator !== 'gt' && operator !== 'gte')) return null;
  const idle = operator === 'gt' ? Math.floor(threshold) + 1 : Math.ceil(threshold);
  return Math.max(1, idle) + forMinutes - 1;
}

/** A reading at the number counts as busy, so "at most 5" is "below a little more than 5". */
const below = ({ operator, threshold }: LeafCondition): number =>
  operator === 'lt' ? threshold : Math.fround(threshold + Math.max(1e-4, threshold * 1e-6));
