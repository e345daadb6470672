import type { CallerOptions } from '../ask/index.js';
import type { Normalized } from './record.js';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Half-open: what began at or after `fromMs` and before `toMs`, Unix milliseconds. */
export interface SpendWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One kind of figures of one account: what can be asked for, and how often that makes sense. */
export interface SpendDataset {
  /** Unique within its source: `costs`, `usage/completions`. */
  readonly name: string;
  readonly section: 'costs' | 'ai_spend';
  /** Length of a bucket; windows are cut to whole ones. */
  readonly bucketMs: number;
  /** How often to read when nobody says otherwise, milliseconds. */
  readonly everyMs: number;
  /** Shortest time between two readings that the provider wants, or that is worth its price. */
  readonly leastEveryMs: number;
  /** How long after the end of a bucket its figures still change. */
  readonly lateMs: number;
  /** Whether each question costs money: then it is never asked without a place to remember that it was. */
  readonly billedPerCall: boolean;
  /**
   * Everything of the window, each identity once.
   *
   * @throws ProviderError, AwsCredentialsError
   */
  read(window: SpendWindow, options: CallerOptions): Promise<Normalized>;
}

/** The window in whole buckets: what is under way is included. */
export function wholeBuckets(window: SpendWindow, bucketMs: number): SpendWindow {
  return {
    fromMs: Math.floor(window.fromMs / bucketMs) * bucketMs,
    toMs: Math.ceil(window.toMs / bucketMs) * bucketMs,
  };
}

export const isoOf = (ms: number): string => new Date(ms).toISOString();

/** The UTC day of a moment, `2026-11-22`. */
export const dayOf = (ms: number): string => isoOf(ms).slice(0, 10);
