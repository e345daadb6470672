import { RECENT_MINUTES } from './evidence.js';
import type { Spread } from './evidence.js';

/**
 * The spread of one metric over a window, or null when no minute has a value. The live gate builds it from stored minutes,
 * the simulation from packed days: arrays of the same length, one place a minute, ascending, NaN where there is no sample.
 *
 * @param means mean of each minute
 * @param highs highest reading of each minute
 */
export function spreadOf(means: ArrayLike<number>, highs: ArrayLike<number>): Spread | null {
  // typed arrays are sorted as numbers, without a call per comparison: a simulation asks for thousands of windows
  const values = new Float64Array(means.length);
  let count = 0;
  for (let i = 0; i < means.length; i++) if (!Number.isNaN(means[i]!)) values[count++] = means[i]!;
  if (count === 0) return null;
  const known = values.subarray(0, count).sort();
  let recentMax: number | null = null;
  for (let i = Math.max(0, highs.length - RECENT_MINUTES); i < highs.length; i++) {
    const value = highs[i]!;
    if (!Number.isNaN(value)) recentMax = Math.max(recentMax ?? -Infinity, value);
  }
  return { p95: known[Math.ceil(known.length * 0.95) - 1]!, low: known[0]!, recentMax };
}

/** The sum of several metrics minute by minute; a minute without any of them has none. */
export function sumOf(all: readonly ArrayLike<number>[], minutes: number): Float64Array {
  const out = new Float64Array(minutes).fill(NaN);
  for (const one of all) {
    for (let i = 0; i < minutes; i++) {
      const value = one[i]!;
      if (!Number.isNaN(value)) out[i] = (Number.isNaN(out[i]!) ? 0 : out[i]!) + value;
    }
  }
  return out;
}
