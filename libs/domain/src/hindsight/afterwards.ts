/** A machine that is busy again within this time should not have been stopped. */
export const FALSE_STOP_MINUTES = 60;
/** Part of that hour that has to be known before a stop is called right. */
const COVERAGE_MIN = 0.9;

/**
 * How a would-be stop turned out. `undecided`: the hour after it is not over, or too little is known of it.
 */
export type StopOutcome = 'right' | 'false_stop' | 'undecided';

/** Bits of a minute; neither: every GPU is known, and none was busy. */
const BUSY = 1;
const UNKNOWN = 2;
const NEVER_BUSY = 0x7fffffff;

/** What happened after each minute of the past of one instance: when it was busy next, and how much of the time is known. */
export class Afterwards {
  private readonly nextBusy: Int32Array;
  private readonly known: Int32Array;
  private readonly quiet: Int32Array;
  /** BUSY and UNKNOWN of each minute. */
  private readonly seen: Uint8Array;
  private first = 0;
  private lastKnown = 0;
  private minutes = 0;

  /** @param minutesMax of the longest history */
  constructor(minutesMax: number) {
    this.nextBusy = new Int32Array(minutesMax + 1);
    this.known = new Int32Array(minutesMax + 1);
    this.quiet = new Int32Array(minutesMax);
    this.seen = new Uint8Array(minutesMax);
  }

  /**
   * @param gpus the highest utilisation of each minute, one array per GPU, NaN where nothing is known
   * @param busyPercent a GPU at or above it is busy
   */
  load(firstMinute: number, minutes: number, gpus: readonly ArrayLike<number>[], busyPercent: number): void {
    this.first = firstMinute;
    this.minutes = minutes;
    const busyFrom = Math.fround(busyPercent);
    const { nextBusy, known, quiet, seen } = this;
    if (gpus.length === 0) seen.fill(UNKNOWN, 0, minutes);
    else {
      // GPU by GPU: busy when any is, and not known unless all are
      seen.fill(0, 0, minutes);
      for (const gpu of gpus) {
        for (let m = 0; m < minutes; m++) {
          const value = gpu[m]!;
          if (value >= busyFrom) seen[m]! |= BUSY;
          else if (value !== value) seen[m]! |= UNKNOWN;
        }
      }
    }
    let next = NEVER_BUSY;
    nextBusy[minutes] = next;
    for (let m = minutes - 1; m >= 0; m--) {
      if ((seen[m]! & BUSY) !== 0) next = firstMinute + m;
      nextBusy[m] = next;
    }
    let [knownSum, quietRun, lastKnown] = [0, 0, -1];
    known[0] = 0;
    for (let m = 0; m < minutes; m++) {
      const how = seen[m]!;
      if ((how & UNKNOWN) === 0) {
        knownSum++;
        lastKnown = m;
      }
      known[m + 1] = knownSum;
      quietRun = how === 0 ? quietRun + 1 : 0;
      quiet[m] = quietRun;
    }
    this.lastKnown = firstMinute + lastKnown;
  }

  /** The minute after the last one of the past. */
  get endMinute(): number {
    return this.first + this.minutes;
  }

  /** The minute after the last one in which every GPU was known: what came later nobody knows. */
  get knownUntil(): number {
    return this.lastKnown + 1;
  }

  /** First minute from `minute` on in which a GPU was busy; Infinity: none. */
  busyFrom(minute: number): number {
    if (minute >= this.endMinute) return Infinity;
    const busy = this.nextBusy[Math.max(0, minute - this.first)]!;
    return busy === NEVER_BUSY ? Infinity : busy;
  }

  /** Minutes in which every GPU was known. */
  get knownMinutes(): number {
    return this.known[this.minutes]!;
  }

  /** Minutes up to and with this one in which every GPU was known and none was busy. */
  quietFor(minute: number): number {
    return this.quiet[minute - this.first]!;
  }

  /**
   * How a stop before `stopMinute` turned out.
   *
   * @param ranMinutes of the hour after it, how many the machine was on in truth: an hour switched off needs no readings
   */
  outcome(stopMinute: number, ranMinutes = FALSE_STOP_MINUTES): StopOutcome {
    if (this.busyFrom(stopMinute) < stopMinute + FALSE_STOP_MINUTES) return 'false_stop';
    if (stopMinute + FALSE_STOP_MINUTES > this.endMinute) return 'undecided';
    const from = stopMinute - this.first;
    const known = this.known[from + FALSE_STOP_MINUTES]! - this.known[from]!;
    return known >= COVERAGE_MIN * ranMinutes ? 'right' : 'undecided';
  }
}
