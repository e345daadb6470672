import { decisionMetric, FALSE, TRUE } from '@flotilla/domain';
import type { DecisionPlan, FleetState, LeafCondition, MinuteColumns, PlannedTree } from '@flotilla/domain';

/** A condition that held when a policy triggered, with its numbers, in wire names. */
export interface ConditionMet {
  readonly metric: string;
  readonly operator: string;
  readonly threshold: number;
  /** Minutes that it had to hold. */
  readonly duration: number;
  /** Of the minute that triggered; of several GPUs the one that decides. null: not known, or one that must not hold. */
  readonly value: number | null;
  /** First minute of the run that it holds for, as far as it was looked back. */
  readonly since: string | null;
}

/** Every comparison of a tree that speaks for its trigger: those that hold, and under NOT those that do not. */
export function conditionsMet(
  state: FleetState,
  tree: number,
  instance: number,
  columns: MinuteColumns,
): ConditionMet[] {
  const { plan } = state;
  const places = new Set<number>();
  collect(plan.trees[tree]!, false, places, (leaf) => state.leafTruth(leaf, instance));
  return [...places].map((at) => {
    const { source, durationMinutes } = plan.leaves[at]!;
    const since = state.leafSince(at, instance);
    return {
      metric: source.metric,
      operator: source.operator,
      threshold: source.threshold,
      duration: durationMinutes,
      value: valueOf(plan, at, state, instance, columns, since),
      since: since === null ? null : new Date(since * 60_000).toISOString(),
    };
  });
}

function collect(tree: PlannedTree, negated: boolean, into: Set<number>, truth: (leaf: number) => number): void {
  if (tree.kind === 'leaf') {
    if (truth(tree.leaf) === (negated ? FALSE : TRUE)) into.add(tree.leaf);
    return;
  }
  for (const rule of tree.rules) collect(rule, tree.kind === 'NOT' ? !negated : negated, into, truth);
}

function valueOf(
  plan: DecisionPlan,
  leaf: number,
  { fleet, minute }: FleetState,
  instance: number,
  columns: MinuteColumns,
  since: number | null,
): number | null {
  const { condition, source } = plan.leaves[leaf]!;
  const { series, level } = plan.conditions[condition]!;
  // minutes idle are counted on from the minute in which they reached the threshold
  if (decisionMetric(source.metric)?.source === 'activity') return idleValue(source, since, minute);
  const column = columns[series];
  if (!column) return null;
  const [from, to] =
    level === 'gpu'
      ? [fleet.gpuStart[instance]!, fleet.gpuStart[instance + 1]!]
      : level === 'instance'
        ? [instance, instance + 1]
        : [0, 1];
  let value = NaN;
  // "all below" is decided by the highest, "any above" too
  for (let i = from; i < to; i++) if (!(column[i]! <= value)) value = Number.isNaN(column[i]!) ? value : column[i]!;
  return Number.isNaN(value) ? null : Math.round(value * 1e4) / 1e4;
}

function idleValue({ operator, threshold }: LeafCondition, since: number | null, minute: number | null): number | null {
  if (since === null || minute === null) return null;
  const first = operator === 'gt' ? Math.floor(threshold) + 1 : operator === 'gte' ? Math.ceil(threshold) : null;
  return first === null ? null : first + minute - since;
}
