import { allowedGapSeconds } from './idle-since.js';
import type { UtilizationMinute } from './idle-since.js';

/**
 * The recent past of a GPU in a handful of numbers: for every threshold, since when it has been below.
 *
 * Step i says: from `starts[i]` to `lastMinuteS` no minute was above `levels[i]`, and the minute before `starts[i]` was (or
 * there was none). Levels ascend, starts descend; level 0 is the newest minute's. A gap begins a new staircase. So
 * idle-since is exact for every threshold without reading the history, and a new minute costs a few comparisons.
 */
export interface Staircase {
  readonly levels: readonly number[];
  /** Unix seconds of minutes' starts. */
  readonly starts: readonly number[];
  /** Unix seconds of the newest minute's start. */
  readonly lastMinuteS: number;
  /** Interval of the newest minute's source in seconds; 0 when unknown. */
  readonly lastIntervalS: number;
}

/**
 * Steps that are kept. Whole percents need at most 101; a source with fractions can make more, and then the oldest goes:
 * a GPU may seem idle for less long than it is, never for longer.
 */
export const STAIRCASE_STEPS_MAX = 256;

/**
 * The staircase after one more minute, or null when that minute is older than the newest one: then it must be made anew
 * from the history. The newest minute itself may come again with a higher reading (late samples).
 */
export function climb(before: Staircase | null, minute: UtilizationMinute): Staircase | null {
  const atS = minute.at.getTime() / 1000;
  if (before && atS < before.lastMinuteS) return null;
  return append(before, {
    levels: [minute.gpuPercent],
    starts: [atS],
    firstMinuteS: atS,
    lastMinuteS: atS,
    lastIntervalS: minute.intervalS ?? 0,
    whole: false,
  });
}

/** What is appended: a staircase of consecutive minutes; `whole`: it had a gap inside, what was before does not count. */
export interface Climb extends Staircase {
  readonly firstMinuteS: number;
  readonly whole: boolean;
}

/** Minutes (ascending) folded into one step of work, so that a backlog of a device costs one write. */
export function foldMinutes(minutes: readonly UtilizationMinute[]): Climb | null {
  let stairs: Staircase | null = null;
  let firstMinuteS = 0;
  let whole = false;
  for (const minute of minutes) {
    const atS = minute.at.getTime() / 1000;
    const broken: boolean = stairs !== null && isBroken(stairs, atS);
    if (!stairs || broken) firstMinuteS = atS;
    if (broken) whole = true;
    stairs = climb(stairs, minute);
    if (!stairs) throw new RangeError('the minutes are out of order');
  }
  return stairs && { ...stairs, firstMinuteS, whole };
}

/** Puts later minutes on top of a staircase. The SQL of the ingest does the same to the stored row. */
export function append(before: Staircase | null, later: Climb): Staircase {
  const { levels, starts, lastMinuteS, lastIntervalS } = later;
  if (!before || later.whole || isBroken(before, later.firstMinuteS)) {
    return { levels, starts, lastMinuteS, lastIntervalS };
  }
  const highest = levels[levels.length - 1]!;
  // steps of the past that the new minutes reach or pass: their time belongs to the highest new step now
  let passed = 0;
  while (passed < before.levels.length && before.levels[passed]! <= highest) passed++;
  const newStarts = [...starts];
  if (passed > 0) newStarts[newStarts.length - 1] = before.starts[passed - 1]!;
  return {
    levels: [...levels, ...before.levels.slice(passed)].slice(0, STAIRCASE_STEPS_MAX),
    starts: [...newStarts, ...before.starts.slice(passed)].slice(0, STAIRCASE_STEPS_MAX),
    lastMinuteS,
    lastIntervalS,
  };
}

/**
 * Since when the GPU has been below the threshold, or null when it is not, or has been for too short a time, or has been
 * silent for longer than a source may be. Equals `idleSince` over the history, for every threshold.
 */
export function idleSinceByStairs(
  stairs: Staircase | null,
  threshold: { readonly belowPercent: number; readonly forMinutes: number },
  now: Date,
): Date | null {
  if (!stairs || isBroken(stairs, now.getTime() / 1000)) return null;
  let step = -1;
  while (step + 1 < stairs.levels.length && stairs.levels[step + 1]! < threshold.belowPercent) step++;
  if (step < 0) return null;
  const sinceMs = stairs.starts[step]! * 1000;
  return now.getTime() - sinceMs < threshold.forMinutes * 60_000 ? null : new Date(sinceMs);
}

function isBroken(stairs: Staircase, nextS: number): boolean {
  return nextS - stairs.lastMinuteS - 60 > allowedGapSeconds(stairs.lastIntervalS);
}
