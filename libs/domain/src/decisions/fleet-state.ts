import { emptyHolds, holdMinute, holdsAt } from './hold.js';
import type { Holds, Truth } from './hold.js';
import { IDLE_SERIES } from './plan.js';
import type { DecisionPlan, PlannedCondition } from './plan.js';
import { treeTruth } from './tree-truth.js';
import { verdictAcross, verdictOf } from './verdict.js';

/** Who the values of a round belong to. */
export interface FleetLayout {
  /** Ascending or not, each once. */
  readonly instanceIds: readonly number[];
  /** GPU `g` of instance `i` is in column place `gpuStart[i] + g`; one more entry than instances. A GPU that should be there and says nothing has its place too. */
  readonly gpuStart: Int32Array;
}

/**
 * Values of one minute, in the order of `plan.series`: per GPU, per instance or (tenant) a single one, NaN where there is
 * none.
 */
export type MinuteColumns = readonly ArrayLike<number>[];

/**
 * The live front end: what is known of a tenant's fleet at a minute, brought forward by one minute of all instances at once.
 *
 * It is a cache. After a restart, on another replica or when minutes were left out, make a new one and step it through the
 * last `plan.lookbackMinutes`; for other rules or other instances make a new one, `adopt` the old, and step only what the old
 * did not know.
 */
export class FleetState {
  /** Unix minute of the newest step; null before the first. */
  minute: number | null = null;
  private readonly holds: Holds[];
  private readonly instances: number;

  constructor(
    readonly plan: DecisionPlan,
    readonly fleet: FleetLayout,
  ) {
    this.instances = fleet.instanceIds.length;
    this.holds = plan.conditions.map(() => emptyHolds(this.instances));
  }

  /**
   * One minute more.
   *
   * @throws RangeError when the minute is not later than the newest (a bug in the caller); minutes in between count as missing
   */
  step(minute: number, columns: MinuteColumns): void {
    if (this.minute !== null && minute <= this.minute) {
      throw new RangeError(`minute ${minute} comes after ${this.minute}`);
    }
    const { conditions, idleCondition } = this.plan;
    // the minutes idle are made from it
    if (idleCondition !== null) this.stepCondition(idleCondition, minute, columns);
    for (let c = 0; c < conditions.length; c++) if (c !== idleCondition) this.stepCondition(c, minute, columns);
    this.minute = minute;
  }

  /** The truth of a tree at the newest minute, for every instance. @param out one byte per instance */
  truths(tree: number, out: Uint8Array): Uint8Array {
    const planned = this.plan.trees[tree]!;
    for (let i = 0; i < this.instances; i++) out[i] = treeTruth(planned, (leaf) => this.leafTruth(leaf, i));
    return out;
  }

  /** The truth of one leaf of the plan for the instance at a place of the layout. */
  leafTruth(leaf: number, instance: number): Truth {
    const { condition, durationMinutes } = this.plan.leaves[leaf]!;
    const { gapMinutes } = this.plan.conditions[condition]!;
    return holdsAt(this.holds[condition]!, instance, this.minute ?? 0, durationMinutes, gapMinutes);
  }

  /** Since which minute a leaf's comparison has been met, or null. After `adopt` or a rebuild it may have been for longer. */
  leafSince(leaf: number, instance: number): number | null {
    const since = this.holds[this.plan.leaves[leaf]!.condition]!.since[instance]!;
    return since < 0 ? null : since;
  }

  /**
   * Takes over what another state knows about the same comparisons of the same instances at the same minute.
   *
   * @returns places in `plan.conditions` that the other does not know: they need the past
   */
  adopt(other: FleetState): number[] {
    if (this.minute !== null && this.minute !== other.minute) {
      throw new RangeError(`a state of minute ${other.minute} says nothing about minute ${this.minute}`);
    }
    this.minute = other.minute;
    const theirs = new Map(other.plan.conditions.map((condition, at) => [condition.key, at]));
    const places = new Map(other.fleet.instanceIds.map((id, at) => [id, at]));
    const unknown: number[] = [];
    this.plan.conditions.forEach((condition, at) => {
      const from = theirs.get(condition.key);
      if (from === undefined) unknown.push(at);
      else this.take(this.holds[at]!, other.holds[from]!, places);
    });
    return unknown;
  }

  private take(mine: Holds, theirs: Holds, places: ReadonlyMap<number, number>): void {
    this.fleet.instanceIds.forEach((id, i) => {
      const from = places.get(id);
      if (from === undefined) return;
      mine.since[i] = theirs.since[from]!;
      mine.lastMet[i] = theirs.lastMet[from]!;
      mine.lastNotMet[i] = theirs.lastNotMet[from]!;
    });
  }

  private stepCondition(at: number, minute: number, columns: MinuteColumns): void {
    const condition = this.plan.conditions[at]!;
    const holds = this.holds[at]!;
    const { operator, threshold, gapMinutes, level, across } = condition;
    if (condition.series === IDLE_SERIES) return this.stepIdle(condition, holds, minute);
    const values = columns[condition.series]!;
    if (level === 'gpu') {
      const { gpuStart } = this.fleet;
      for (let i = 0; i < this.instances; i++) {
        const verdict = verdictAcross(values, gpuStart[i]!, gpuStart[i + 1]!, operator, threshold, across);
        holdMinute(holds, i, minute, verdict, gapMinutes);
      }
    } else {
      const stride = level === 'instance' ? 1 : 0;
      for (let i = 0; i < this.instances; i++) {
        holdMinute(holds, i, minute, verdictOf(values[i * stride]!, operator, threshold), gapMinutes);
      }
    }
  }

  private stepIdle(condition: PlannedCondition, holds: Holds, minute: number): void {
    const idle = this.plan.idleCondition!;
    const quiet = this.holds[idle]!;
    const gap = this.plan.conditions[idle]!.gapMinutes;
    for (let i = 0; i < this.instances; i++) {
      const verdict = verdictOf(idleMinutes(quiet, i, minute, gap), condition.operator, condition.threshold);
      holdMinute(holds, i, minute, verdict, condition.gapMinutes);
    }
  }
}

/** Minutes idle at a minute: 0 when a GPU was busy in it, NaN when nobody knows. */
export function idleMinutes(quiet: Holds, slot: number, minute: number, gapMinutes: number): number {
  if (quiet.lastNotMet[slot] === minute) return 0;
  const since = quiet.since[slot]!;
  if (since < 0 || minute - quiet.lastMet[slot]! > gapMinutes) return NaN;
  return minute - since + 1;
}
