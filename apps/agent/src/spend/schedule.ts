import type { SpendDataset, SpendWindow } from '@flotilla/providers/spend';

/** What is remembered of the readings of one data set; outlives the process. Unix milliseconds, 0: never. */
export interface Cursor {
  /** Written before the provider is asked: a process that dies while it asks does not ask again at once. */
  readonly attemptAtMs: number;
  /** When the last reading that succeeded was made. */
  readonly readAtMs: number;
  /** When all that may still change was read last. */
  readonly fullAtMs: number;
  /** Whether the first, long reading has succeeded, and the control plane had no objection. */
  readonly backfilled: boolean;
}

export const NEVER_READ: Cursor = { attemptAtMs: 0, readAtMs: 0, fullAtMs: 0, backfilled: false };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How often everything is read again that may still change; between that only the newest buckets are. */
const FULL_EVERY_MS = 6 * HOUR_MS;
/** Longest time that a reading after a long silence goes back. */
const LONGEST_MS = 365 * DAY_MS;
/** A clock before this was never set; asking for the costs of 1970 helps nobody. */
const EARLIEST_MS = Date.UTC(2024, 0, 1);

export const isClockSet = (nowMs: number): boolean => nowMs >= EARLIEST_MS;

/** How often a data set is read: the setting speeds up what moves fastest, and slows down everything. */
export function everyMsOf(dataset: SpendDataset, all: readonly SpendDataset[], everyS: number | undefined): number {
  const { everyMs, leastEveryMs } = dataset;
  if (everyS === undefined) return everyMs;
  const fastest = Math.min(...all.map((one) => one.everyMs));
  return Math.max(leastEveryMs, everyMs === fastest ? everyS * 1000 : Math.max(everyMs, everyS * 1000));
}

/** Whoever mended a right and starts the agent again sees it soon; an agent that dies while it reads pays little. */
const AFTER_FAILURE_MS = 15 * 60_000;

/**
 * How long after a start the first reading waits. Time that the process was away counts; a clock that was moved, to the
 * future or the past, never makes it wait longer than one whole period, and never bills twice for one.
 */
export function firstDelayMs(cursor: Cursor, everyMs: number, nowMs: number): number {
  if (cursor.attemptAtMs === 0) return 0;
  const failed = cursor.readAtMs < cursor.attemptAtMs;
  const periodMs = failed ? Math.min(everyMs, AFTER_FAILURE_MS) : everyMs;
  return Math.min(periodMs, Math.max(0, cursor.attemptAtMs + periodMs - nowMs));
}

/** What to read now: the backfill, everything that may still change, or the newest buckets. */
export function windowOf(
  dataset: Pick<SpendDataset, 'bucketMs' | 'lateMs'>,
  cursor: Cursor,
  nowMs: number,
  backfillDays: number,
): SpendWindow & { readonly full: boolean } {
  const toMs = nowMs;
  const { bucketMs, lateMs } = dataset;
  if (!cursor.backfilled) return { fromMs: nowMs - Math.max(backfillDays * DAY_MS, lateMs), toMs, full: true };
  // a clock that was ahead when it was read says nothing about what has been read
  const readAtMs = Math.min(cursor.readAtMs, nowMs);
  const full = cursor.fullAtMs > nowMs || nowMs - cursor.fullAtMs >= FULL_EVERY_MS;
  const backMs = full ? Math.max(lateMs, 2 * bucketMs) : 2 * bucketMs;
  return { fromMs: Math.max(readAtMs - backMs, nowMs - LONGEST_MS), toMs, full };
}

/**
 * How long to wait after a failure.
 *
 * @param failures in a row, at least 1
 * @param passing whether it may pass by itself; otherwise somebody has to mend something, and sees it mended within an hour
 * @param askedMs what the provider asked for
 */
export function retryMs(failures: number, passing: boolean, askedMs: number, everyMs: number): number {
  const wait = passing ? 60_000 * 2 ** Math.min(failures - 1, 10) : HOUR_MS;
  return Math.max(askedMs, Math.min(wait, Math.max(everyMs, 5 * 60_000)));
}

/** A period with a twentieth of jitter, so that hosts that were started together do not ask together for ever. */
export const jittered = (ms: number, random: number): number => ms * (0.95 + random * 0.1);
