import { METRIC_CATALOGUE } from './catalogue.js';
import type { MetricUnit } from './catalogue.js';

/** Half open on neither side: both ends are possible readings. */
export interface MetricRange {
  readonly from: number;
  readonly to: number;
}

/** What a sensor can say at all; what lies outside is a broken reading and not a measurement. */
const BY_UNIT: Readonly<Record<MetricUnit, MetricRange>> = {
  percent: { from: 0, to: 100 },
  mebibytes: { from: 0, to: 2 ** 31 },
  celsius: { from: -60, to: 250 },
  watts: { from: 0, to: 100_000 },
  // a day at the highest possible draw
  joules: { from: 0, to: 100_000 * 86_400 },
  megahertz: { from: 0, to: 100_000 },
  count: { from: 0, to: 2 ** 53 },
  lanes: { from: 0, to: 64 },
  level: { from: 0, to: 255 },
  flag: { from: 0, to: 1 },
  kilobytes_per_second: { from: 0, to: 1e12 },
  bytes_per_second: { from: 0, to: 1e15 },
  per_second: { from: 0, to: 1e12 },
  bitmask: { from: 0, to: 2 ** 24 - 1 },
};

/** NVML documents that a fan may be driven beyond the percentage that it calls full speed. */
const FAN_SPEED = 11;
const FAN_RANGE: MetricRange = { from: 0, to: 500 };

const ranges: MetricRange[] = [];
for (const metric of METRIC_CATALOGUE) ranges[metric.id] = metric.id === FAN_SPEED ? FAN_RANGE : BY_UNIT[metric.unit];

/** The possible readings of a metric; undefined for a number that is not in the catalogue. */
export const metricRange = (id: number): MetricRange | undefined => ranges[id];
