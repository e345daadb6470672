import { MET, MISSING } from './verdict.js';
import type { MinuteVerdict } from './verdict.js';

/** What is known of a condition over its duration, and of a tree. */
export const FALSE = 0;
export const TRUE = 1;
export const UNKNOWN = 2;
export type Truth = typeof FALSE | typeof TRUE | typeof UNKNOWN;

/** No minute: before all of them. */
export const NEVER = -1;

/**
 * Since when conditions have been met, one slot per condition and instance. Minutes are Unix minutes.
 *
 * Everything in a slot follows from the last `duration + gap` minutes of data as far as any decision looks at it. So nothing
 * of it is stored: whoever reads those minutes again comes to the same decisions.
 */
export interface Holds {
  /** First minute of the run of met minutes; NEVER: there is no run. */
  readonly since: Int32Array;
  /** Newest minute that was met. */
  readonly lastMet: Int32Array;
  /** Newest minute that was not. */
  readonly lastNotMet: Int32Array;
}

export function emptyHolds(slots: number): Holds {
  return {
    since: new Int32Array(slots).fill(NEVER),
    lastMet: new Int32Array(slots).fill(NEVER),
    lastNotMet: new Int32Array(slots).fill(NEVER),
  };
}

/**
 * The step of both front ends: one minute of one slot. Minutes come in order, each once; one that is left out counts as
 * missing.
 *
 * @param gapMinutes minutes without data on end that a run survives
 */
export function holdMinute(
  holds: Holds,
  slot: number,
  minute: number,
  verdict: MinuteVerdict,
  gapMinutes: number,
): void {
  if (verdict === MISSING) return;
  if (verdict === MET) {
    if (holds.since[slot] === NEVER || minute - holds.lastMet[slot]! - 1 > gapMinutes) holds.since[slot] = minute;
    holds.lastMet[slot] = minute;
  } else {
    holds.since[slot] = NEVER;
    holds.lastNotMet[slot] = minute;
  }
}

/**
 * Whether a condition holds at a minute: TRUE when it has been met without a break for the duration, FALSE when a minute of
 * the duration was not met, and UNKNOWN when only data is missing. Never TRUE without data.
 *
 * @param durationMinutes at least 1
 */
export function holdsAt(
  holds: Holds,
  slot: number,
  minute: number,
  durationMinutes: number,
  gapMinutes: number,
): Truth {
  if (holds.lastNotMet[slot]! > minute - durationMinutes) return FALSE;
  const since = holds.since[slot]!;
  if (since === NEVER || minute - holds.lastMet[slot]! > gapMinutes) return UNKNOWN;
  return minute - since + 1 >= durationMinutes ? TRUE : UNKNOWN;
}

/**
 * `holdMinute` and `holdsAt` of one slot for every minute of a past that begins with no run: the truths of a condition, a byte
 * per minute.
 *
 * @param firstMinute Unix minute of the first verdict
 */
export function holdsOver(
  verdicts: Uint8Array,
  firstMinute: number,
  minutes: number,
  durationMinutes: number,
  gapMinutes: number,
  out: Uint8Array,
): void {
  if (durationMinutes === 1 && gapMinutes === 0) {
    // each minute speaks for itself, and both say met, not met and missing with the same bytes
    out.set(minutes === verdicts.length ? verdicts : verdicts.subarray(0, minutes));
    return;
  }
  const before = NEVER - firstMinute;
  let [since, lastMet, lastNotMet] = [before, before, before];
  for (let m = 0; m < minutes; m++) {
    const verdict = verdicts[m];
    if (verdict === MET) {
      if (since === before || m - lastMet - 1 > gapMinutes) since = m;
      lastMet = m;
    } else if (verdict !== MISSING) {
      since = before;
      lastNotMet = m;
    }
    if (lastNotMet > m - durationMinutes) out[m] = FALSE;
    else if (since === before || m - lastMet > gapMinutes) out[m] = UNKNOWN;
    else out[m] = m - since + 1 >= durationMinutes ? TRUE : UNKNOWN;
  }
}

export const not = (a: Truth): Truth => (a === UNKNOWN ? UNKNOWN : a === TRUE ? FALSE : TRUE);
