import { z } from 'zod';
import { Timestamp } from './common.js';
import { qInt, qList } from './query.js';

export const SparklineQuery = z.strictObject({
  ids: qList(qInt(1, Number.MAX_SAFE_INTEGER), 200).meta({
    description: 'Numeric ids of instances, separated by commas; at most 200',
    examples: [[1, 2]],
  }),
  hours: qInt(1, 24)
    .default(1)
    .meta({ description: 'How far back: 1 to 24', examples: [1] }),
});
export type SparklineQuery = z.infer<typeof SparklineQuery>;

/** A line for each of several instances: 60 points up to four hours, a point an hour beyond. */
export const Sparklines = z
  .object({
    from: Timestamp.describe('Begin of the first point'),
    step_seconds: z.int().meta({ description: 'Between two points', examples: [60] }),
    instances: z.array(
      z.object({
        id: z.int().meta({ examples: [1] }),
        gpu_utilization: z.array(z.number().nullable()).meta({
          description: 'Percent, mean of its GPUs over the step, the oldest first; null: nothing was reported',
          examples: [[97.5, null, 98]],
        }),
      }),
    ),
  })
  .meta({ id: 'Sparklines' });
