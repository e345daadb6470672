import { METRIC_CATALOGUE } from './catalogue.js';
import type { DeviceMinute } from './device-minute.js';

/** Numbers per metric in `MinuteAggregates.stats`: min, avg, max, count. */
export const STATS = 4;

/** A minute in short. Metrics without any value are left out, so that nothing in `stats` is missing. */
export interface MinuteAggregates {
  readonly metrics: readonly number[];
  /** Row of each of `metrics` in the minute's own `values`. */
  readonly rows: readonly number[];
  /** Per metric min, avg, max, count. For a bitmask: bits set throughout (AND), bits set at any time (OR), OR again, count. */
  readonly stats: Float32Array;
  /** Seconds with a value of at least one metric. */
  readonly sampleCount: number;
}

const isBitmask: boolean[] = [];
for (const metric of METRIC_CATALOGUE) isBitmask[metric.id] = metric.unit === 'bitmask';

/** Min, avg, max and count of each metric. Bits are not averaged: a mean of two masks is no mask. */
export function aggregateMinute(minute: DeviceMinute): MinuteAggregates {
  const { metrics, seconds, values } = minute;
  const width = seconds.length;
  const stats = new Float32Array(metrics.length * STATS);
  const kept: number[] = [];
  const rows: number[] = [];
  const present = new Uint8Array(width);
  for (let m = 0; m < metrics.length; m++) {
    const id = metrics[m]!;
    let min = Infinity;
    let max = -Infinity;
    let sum = 0;
    let count = 0;
    let all = -1;
    let any = 0;
    const mask = isBitmask[id] === true;
    for (let s = 0, i = m * width; s < width; s++, i++) {
      const value = values[i]!;
      if (value !== value) continue;
      present[s] = 1;
      count++;
      if (mask) {
        all &= value;
        any |= value;
        continue;
      }
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    if (count === 0) continue;
    const at = kept.length * STATS;
    stats[at] = mask ? all : min;
    stats[at + 1] = mask ? any : sum / count;
    stats[at + 2] = mask ? any : max;
    stats[at + 3] = count;
    kept.push(id);
    rows.push(m);
  }
  let sampleCount = 0;
  for (let s = 0; s < width; s++) sampleCount += present[s]!;
  return { metrics: kept, rows, stats: stats.subarray(0, kept.length * STATS), sampleCount };
}
