import { idleMinutes } from './fleet-state.js';
import { emptyHolds, holdMinute, holdsOver, not, TRUE, FALSE, UNKNOWN } from './hold.js';
import type { Holds, Truth } from './hold.js';
import { IDLE_SERIES } from './plan.js';
import type { DecisionPlan, PlannedCondition, PlannedTree } from './plan.js';
import { MET, MISSING, NOT_MET, verdictOf, verdictsOf } from './verdict.js';
import type { MinuteVerdict } from './verdict.js';

/** The past of one instance, minute by minute without a hole: a minute without data is NaN. */
export interface InstanceHistory {
  /** Unix minute of the first value. */
  readonly firstMinute: number;
  readonly minutes: number;
  /** In the order of `plan.series`: one array per GPU, or a single one for metrics of the instance or the tenant. */
  readonly series: readonly (readonly ArrayLike<number>[])[];
}

/**
 * The bulk front end: the same steps as FleetState over the whole past of one instance after the other. Its buffers are used
 * again for each instance, so that a fleet costs the memory of one.
 */
export class HistoryEvaluator {
  private readonly verdicts: Uint8Array;
  private readonly leaves: Uint8Array[];
  private readonly spare: Uint8Array[] = [];
  private readonly leavesOf: number[][];

  /** @param minutesMax of the longest history */
  constructor(
    readonly plan: DecisionPlan,
    private readonly minutesMax: number,
  ) {
    this.verdicts = new Uint8Array(minutesMax);
    this.leaves = plan.leaves.map(() => new Uint8Array(minutesMax));
    this.leavesOf = plan.conditions.map((_, c) =>
      plan.leaves.flatMap((leaf, at) => (leaf.condition === c ? [at] : [])),
    );
  }

  /** Evaluates every leaf; then `truths` and `leafTruths` tell of this instance, until the next call. */
  load(history: InstanceHistory): void {
    if (history.minutes > this.minutesMax) {
      throw new RangeError(`a history of ${history.minutes} minutes is longer than ${this.minutesMax}`);
    }
    const { conditions, idleCondition } = this.plan;
    let quiet: ArrayLike<number> | null = null;
    if (idleCondition !== null) quiet = this.idleSeries(conditions[idleCondition]!, history);
    for (let c = 0; c < conditions.length; c++) {
      if (this.leavesOf[c]!.length === 0) continue;
      const condition = conditions[c]!;
      const series = condition.series === IDLE_SERIES ? [quiet!] : history.series[condition.series]!;
      this.judge(condition, series, history.minutes);
      this.hold(c, condition.gapMinutes, history);
    }
  }

  /** Truths of one leaf of the plan, a byte per minute. Valid until the next `load`. */
  leafTruths(leaf: number): Uint8Array {
    return this.leaves[leaf]!;
  }

  /** Truths of a tree, a byte per minute. Valid until the next `load` or `truths`. */
  truths(tree: number, minutes: number): Uint8Array {
    return this.combine(this.plan.trees[tree]!, minutes, 0);
  }

  /** What each minute says, all GPUs together. */
  private judge(
    { operator, threshold, across }: PlannedCondition,
    series: readonly ArrayLike<number>[],
    minutes: number,
  ): void {
    const out = this.verdicts;
    if (series.length === 0) return void out.fill(MISSING, 0, minutes);
    const first = series[0]!;
    verdictsOf(first, operator, threshold, minutes, out);
    const decisive = across === 'any' ? MET : NOT_MET;
    for (let g = 1; g < series.length; g++) {
      const values = series[g]!;
      for (let m = 0; m < minutes; m++) {
        if (out[m] === decisive) continue;
        const verdict = verdictOf(values[m]!, operator, threshold);
        if (verdict === decisive || verdict === MISSING) out[m] = verdict;
      }
    }
  }

  private hold(condition: number, gapMinutes: number, { firstMinute, minutes }: InstanceHistory): void {
    for (const leaf of this.leavesOf[condition]!) {
      const { durationMinutes } = this.plan.leaves[leaf]!;
      holdsOver(this.verdicts, firstMinute, minutes, durationMinutes, gapMinutes, this.leaves[leaf]!);
    }
  }

  private idleSeries(condition: PlannedCondition, history: InstanceHistory): Float64Array {
    this.judge(condition, history.series[condition.series]!, history.minutes);
    const out = new Float64Array(history.minutes);
    const holds: Holds = emptyHolds(1);
    for (let m = 0; m < history.minutes; m++) {
      const minute = history.firstMinute + m;
      holdMinute(holds, 0, minute, this.verdicts[m] as MinuteVerdict, condition.gapMinutes);
      out[m] = idleMinutes(holds, 0, minute, condition.gapMinutes);
    }
    return out;
  }

  private combine(tree: PlannedTree, minutes: number, depth: number): Uint8Array {
    if (tree.kind === 'leaf') return this.leaves[tree.leaf]!;
    const out = (this.spare[depth] ??= new Uint8Array(this.minutesMax));
    const first = this.combine(tree.rules[0]!, minutes, depth + 1);
    if (tree.kind === 'NOT') {
      for (let m = 0; m < minutes; m++) out[m] = not(first[m] as Truth);
      return out;
    }
    for (let m = 0; m < minutes; m++) out[m] = first[m]!;
    const decisive = tree.kind === 'AND' ? FALSE : TRUE;
    for (let r = 1; r < tree.rules.length; r++) {
      const other = this.combine(tree.rules[r]!, minutes, depth + 1);
      for (let m = 0; m < minutes; m++) {
        if (out[m] === decisive) continue;
        if (other[m] === decisive || other[m] === UNKNOWN) out[m] = other[m]!;
      }
    }
    return out;
  }
}
