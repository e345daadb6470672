import { TRUE } from '../decisions/hold.js';
import type { Afterwards } from './afterwards.js';
import { AvoidedTime } from './priced-time.js';
import type { RunningTime } from './priced-time.js';
import { wouldBeStop } from './stops.js';

/** What a sweep asks about each pair of a threshold and a duration. */
export interface SweepGrid {
  /** "Utilisation below": ascending, percent. */
  readonly thresholds: readonly number[];
  /** Ascending, minutes, at least 1. */
  readonly durations: readonly number[];
}

export interface SweepCell {
  readonly threshold: number;
  readonly durationMinutes: number;
  readonly triggers: number;
  readonly stops: number;
  readonly falseStops: number;
  readonly undecided: number;
  readonly avoided: AvoidedTime;
  /** Of `avoided`: what came of stops that were false. */
  readonly avoidedByFalse: AvoidedTime;
}

/** One instance in a sweep. Arrays have one value per minute of the history. */
export interface SweepHistory {
  readonly firstMinute: number;
  readonly minutes: number;
  /** Per GPU: the highest utilisation of each minute, NaN where nothing is known. */
  readonly gpus: readonly ArrayLike<number>[];
  /** Truth of everything else in the tree; null: there is nothing else. */
  readonly rest: Uint8Array | null;
  readonly after: Afterwards;
  readonly running: RunningTime;
}

export interface SweepRule {
  readonly cooldownMinutes: number;
  readonly startMinute: number;
  /** One byte per minute: 1 in schedule. null: always. */
  readonly schedule: Uint8Array | null;
}

interface Counted {
  triggers: number;
  stops: number;
  falseStops: number;
  undecided: number;
}

/**
 * What "utilisation below T for D minutes" would have done, for every T and D of a grid, from one pass over each past.
 *
 * A minute below a threshold is below every higher one, so the quiet runs of all thresholds are kept side by side and change
 * only where the utilisation crosses one. A run answers for every duration that fits into it: the time in which the
 * condition holds is the run without its first D - 1 minutes, and the triggers in it follow from schedule and cooldown without
 * looking at minutes again. The triggers are those of `replayTriggers`.
 */
export class Sweep {
  private readonly counts: Counted[];
  private readonly avoided: AvoidedTime[];
  private readonly avoidedByFalse: AvoidedTime[];
  private readonly since: Int32Array;
  private readonly thresholds: Float32Array;
  // per cell, of the instance at hand
  private readonly lastTrigger: Int32Array;
  private readonly offUntil: Int32Array;
  private readonly nextOk: Int32Array;
  private readonly okUntil: Int32Array;

  constructor(
    readonly grid: SweepGrid,
    private readonly rule: SweepRule,
    minutesMax: number,
  ) {
    const cells = grid.thresholds.length * grid.durations.length;
    this.counts = Array.from({ length: cells }, () => ({ triggers: 0, stops: 0, falseStops: 0, undecided: 0 }));
    this.avoided = Array.from({ length: cells }, () => new AvoidedTime());
    this.avoidedByFalse = Array.from({ length: cells }, () => new AvoidedTime());
    this.thresholds = Float32Array.from(grid.thresholds);
    this.since = new Int32Array(grid.thresholds.length);
    this.lastTrigger = new Int32Array(cells);
    this.offUntil = new Int32Array(cells);
    this.nextOk = new Int32Array(minutesMax + 1);
    this.okUntil = new Int32Array(minutesMax + 1);
  }

  /** Takes one more instance into the sums. */
  add(history: SweepHistory): void {
    this.markOk(history);
    this.since.fill(-1);
    this.lastTrigger.fill(-1);
    this.offUntil.fill(-1);
    const { minutes, gpus } = history;
    const { thresholds, since } = this;
    const count = thresholds.length;
    // how many thresholds are not above the minute: those are not met
    let level = count;
    for (let m = 0; m <= minutes; m++) {
      const now = m === minutes ? count : this.levelAt(gpus, m, level);
      for (let k = level; k < now; k++) {
        this.close(k, since[k]!, m - 1, history);
        since[k] = -1;
      }
      for (let k = now; k < level; k++) since[k] = m;
      level = now;
    }
  }

  cells(): SweepCell[] {
    return this.counts.map((counts, cell) => ({
      threshold: this.grid.thresholds[Math.floor(cell / this.grid.durations.length)]!,
      durationMinutes: this.grid.durations[cell % this.grid.durations.length]!,
      ...counts,
      avoided: this.avoided[cell]!,
      avoidedByFalse: this.avoidedByFalse[cell]!,
    }));
  }

  /** @param near where to begin looking: readings seldom jump */
  private levelAt(gpus: readonly ArrayLike<number>[], m: number, near: number): number {
    const { thresholds } = this;
    let value = gpus.length === 0 ? NaN : gpus[0]![m]!;
    for (let g = 1; g < gpus.length; g++) {
      const other = gpus[g]![m]!;
      // one that says nothing leaves the instance unknown, and Math.max keeps NaN
      value = Math.max(value, other);
    }
    if (value !== value) return thresholds.length;
    let level = near;
    while (level > 0 && value < thresholds[level - 1]!) level--;
    while (level < thresholds.length && value >= thresholds[level]!) level++;
    return level;
  }

  /** For each minute, when everything but the swept condition is fulfilled next, and until when. */
  private markOk({ rest, minutes, firstMinute }: SweepHistory): void {
    const { schedule, startMinute } = this.rule;
    const start = startMinute - firstMinute;
    this.nextOk[minutes] = minutes;
    this.okUntil[minutes] = minutes;
    for (let m = minutes - 1; m >= 0; m--) {
      const ok = m >= start && (rest === null || rest[m] === TRUE) && (schedule === null || schedule[m] === 1);
      this.nextOk[m] = ok ? m : this.nextOk[m + 1]!;
      this.okUntil[m] = ok ? (this.nextOk[m + 1] === m + 1 && m + 1 < minutes ? this.okUntil[m + 1]! : m) : m;
    }
  }

  /** A quiet run of threshold `k`, both ends included. */
  private close(k: number, from: number, to: number, history: SweepHistory): void {
    const { durations } = this.grid;
    for (let d = 0; d < durations.length; d++) {
      const holds = from + durations[d]! - 1;
      if (holds > to) return;
      const cell = k * durations.length + d;
      for (let at = this.nextOk[holds]!; at <= to;) {
        const end = Math.min(to, this.okUntil[at]!);
        this.triggersIn(cell, at, end, history);
        at = this.nextOk[end + 1]!;
      }
    }
  }

  /** The minutes in which a cell is true and in schedule without a break, both ends included. */
  private triggersIn(cell: number, from: number, to: number, history: SweepHistory): void {
    const { cooldownMinutes } = this.rule;
    const last = this.lastTrigger[cell]!;
    let at = last < 0 ? from : Math.max(from, last + cooldownMinutes);
    if (at > to) return;
    const counts = this.counts[cell]!;
    // without a cooldown (or one that is over at once) a run triggers at its beginning alone
    const step = cooldownMinutes > 1 ? cooldownMinutes : Infinity;
    const again = step === Infinity ? 0 : Math.floor((to - at) / step);
    counts.triggers += 1 + again;
    this.lastTrigger[cell] = again === 0 ? at : at + again * step;
    for (;;) {
      const off = this.offUntil[cell]!;
      if (at < off) at = step === Infinity ? Infinity : at + Math.ceil((off - at) / step) * step;
      if (at > to) return;
      this.stop(cell, at, history);
    }
  }

  private stop(cell: number, at: number, { firstMinute, after, running }: SweepHistory): void {
    const stop = wouldBeStop(firstMinute + at, after, running);
    this.offUntil[cell] = stop.offUntil - firstMinute;
    const counts = this.counts[cell]!;
    counts.stops++;
    if (stop.outcome === 'undecided') counts.undecided++;
    running.avoided(stop.triggerMinute + 1, stop.offUntil, this.avoided[cell]!);
    if (stop.outcome === 'false_stop') {
      counts.falseStops++;
      running.avoided(stop.triggerMinute + 1, stop.offUntil, this.avoidedByFalse[cell]!);
    }
  }
}
