import { z } from 'zod';
import { Timestamp } from './common.js';
import { InstanceRefQuery } from './instances.js';
import { qInt, qList, qNumber, qTime } from './query.js';

export const METRIC_RESOLUTIONS = ['raw', '1m', '1h'] as const;
export const METRIC_AGGREGATES = ['avg', 'max', 'min', 'p95'] as const;

const MetricName = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'expected a metric such as gpu_utilization');

export const InstanceMetricsQuery = z.strictObject({
  ...InstanceRefQuery.shape,
  hours: qNumber(0.01, 24 * 400)
    .default(24)
    .meta({ description: 'Length of the window in hours, ending at `to`; not used with `from`', examples: [24] }),
  from: qTime()
    .optional()
    .meta({ description: 'Begin of the window (included)', examples: ['2026-11-21T10:00:00Z'] }),
  to: qTime()
    .optional()
    .meta({ description: 'End of the window (excluded); now when left out', examples: ['2026-11-22T10:00:00Z'] }),
  limit: qInt(1, 10_000)
    .default(1_000)
    .meta({ description: 'Points per series at most', examples: [1000] }),
  metric: qList(MetricName)
    .optional()
    .meta({ description: 'Metrics, separated by commas; all when left out', examples: ['gpu_utilization,power_draw'] }),
  gpu_index: qInt(0, 1_023)
    .optional()
    .meta({ description: "Only the GPU with this index of the driver's", examples: [0] }),
  aggregate: qList(z.enum(METRIC_AGGREGATES))
    .default(['avg', 'max', 'min'])
    .meta({
      description: 'Which numbers a point has; p95 only within the time that samples are kept',
      examples: ['avg,max,min'],
    }),
  resolution: z
    .enum(['auto', ...METRIC_RESOLUTIONS])
    .default('auto')
    .meta({
      description:
        'raw: every sampled value exactly as it came. 1m, 1h: from minutes or hours, in wider steps where there would be more than `limit` points',
      examples: ['auto'],
    }),
});
export type InstanceMetricsQuery = z.infer<typeof InstanceMetricsQuery>;

const number = (what: string) =>
  z
    .number()
    .optional()
    .meta({ description: what, examples: [71.85] });
export const MetricPoint = z
  .object({
    timestamp: Timestamp.describe('Begin of the step; the second of the sample with resolution raw'),
    min: number('Lowest sample; for a bitmask the bits that were set throughout'),
    avg: number('Mean of the samples; for a bitmask, which has no mean, the bits that were set at any time'),
    max: number('Highest sample; for a bitmask the bits that were set at any time'),
    p95: number('95 % of the samples are at or below this one'),
    count: z
      .int()
      .min(1)
      .meta({ description: 'Samples in this step. Steps without samples have no point', examples: [60] }),
  })
  .meta({ id: 'MetricPoint' });

export const MetricSeries = z
  .object({
    gpu_index: z
      .int()
      .nullable()
      .meta({ description: "The driver's index; null: the host, or not known", examples: [0] }),
    gpu_uuid: z
      .string()
      .nullable()
      .meta({ description: "The driver's uuid; null: the host", examples: ['GPU-5a1f'] }),
    metric: z.string().meta({ examples: ['gpu_utilization'] }),
    unit: z.string().meta({ description: 'Of the values', examples: ['percent'] }),
    truncated: z.boolean().meta({
      description: 'resolution raw: there were more samples than `limit`; the newest are shown',
      examples: [false],
    }),
    points: z.array(MetricPoint),
  })
  .meta({ id: 'MetricSeries' });

export const InstanceMetrics = z
  .object({
    resolution: z.enum(METRIC_RESOLUTIONS).meta({ description: 'What the points were made from', examples: ['1m'] }),
    step_seconds: z
      .int()
      .meta({ description: 'Seconds from one point to the next; 1 with resolution raw', examples: [60] }),
    from: Timestamp,
    to: Timestamp,
    simulated: z.boolean().meta({ description: 'true: of a machine that is made up', examples: [false] }),
    gaps: z
      .array(
        z.object({
          from: Timestamp.describe('Begin of the first minute that is gone'),
          to: Timestamp.describe('End of the last one'),
          reason: z.string().meta({
            description: 'full, too_old, unreadable or degraded (its disk took nothing, and the memory was full)',
            examples: ['full'],
          }),
          entries: z.int().meta({ description: 'Minutes and events of its devices that are gone', examples: [412] }),
        }),
      )
      .meta({ description: 'What the agent had and could not keep until it was sent; at most 100, the newest first' }),
    series: z.array(MetricSeries),
  })
  .meta({ id: 'InstanceMetrics' });
