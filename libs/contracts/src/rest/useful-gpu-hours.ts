import { z } from 'zod';
import { Currency, Money } from './common.js';
import { costFilters } from './cost-filters.js';
import { COST_TYPES } from './costs.js';
import { qInt } from './query.js';

const { days, start_date, end_date, from, to, instance_id, instance_type, cloud_provider, region, tag } = costFilters;

export const UsefulGpuHoursQuery = z.strictObject({
  days,
  start_date,
  end_date,
  from,
  to,
  instance_id,
  instance_type,
  cloud_provider,
  region,
  tag: tag.describe('key:value, of the instance'),
  group_by: z
    .string()
    .regex(/^(instance|team|tag:.{1,128})$/s, 'expected instance, team, or tag: and a key')
    .default('instance')
    .meta({ description: '`instance`, `team` (the tag `team`) or `tag:<key>`', examples: ['tag:project'] }),
  cost_type: z
    .enum(COST_TYPES)
    .default('effective')
    .meta({ description: 'As in /costs; effective unless another is asked for', examples: ['effective'] }),
  limit: qInt(1, 1_000)
    .default(100)
    .meta({
      description: 'Groups in the answer, the most expensive waste first; `total` is over all',
      examples: [100],
    }),
});
export type UsefulGpuHoursQuery = z.infer<typeof UsefulGpuHoursQuery>;

const hours = (description: string, example: number) => z.number().meta({ description, examples: [example] });
const ratio = (description: string, example: number) =>
  z
    .number()
    .nullable()
    .meta({ description, examples: [example] });
const amount = (description: string) => Money.nullable().describe(description);

const useful = {
  instances: z.int().meta({ description: 'Instances with GPUs', examples: [1] }),
  gpu_hours: z
    .object({
      held: hours('While running, and whatever was measured besides', 240),
      busy: hours('Measured, in clock hours at or above the idle threshold of the tenant', 180),
      idle: hours('Measured, in clock hours below it', 40),
      unknown: hours('Held and not measured: neither useful nor idle', 20),
      useful: hours('Measured hours × activity', 110),
      without_cost: hours('Of the held: of instances that have neither a charge nor a price', 0),
    })
    .describe('held = busy + idle + unknown'),
  coverage: ratio('Measured ÷ held, 0 to 1; null: nothing held', 0.9167),
  useful_share: ratio('Useful ÷ measured, 0 to 1; null: nothing measured', 0.5),
  evidence: z
    .enum(['sm_activity', 'gpu_utilization', 'both'])
    .nullable()
    .meta({
      description:
        'What tells how useful the hours were: SM activity where it is measured, otherwise utilisation, which counts a GPU as busy that runs one small kernel',
      examples: ['sm_activity'],
    }),
  cost: amount("In the tenant's currency; null: neither a charge nor a price"),
  useful_cost: amount(
    'What the useful hours came to. useful_cost + waste_cost + unknown_cost = what the held hours came to',
  ),
  waste_cost: amount('What measured hours came to that were not useful: money spent for nothing'),
  unknown_cost: amount('What hours came to that nobody measured'),
  idle_cost: amount('What the idle hours came to'),
  cost_per_gpu_hour: amount('Cost ÷ GPU-hours held'),
  cost_per_useful_gpu_hour: amount('Cost of the measured hours ÷ useful hours; null: see reason'),
  reason: z
    .enum(['no_cost', 'no_gpu_hours', 'not_measured', 'no_useful_hours'])
    .nullable()
    .meta({ description: 'Why there is no cost per useful GPU-hour', examples: [null] }),
  simulated: z.boolean().meta({ description: 'Some of it is made up', examples: [false] }),
};

export const UsefulGpuHours = z
  .object({
    group_by: z.string().meta({ examples: ['instance'] }),
    groups: z.array(
      z.object({
        key: z
          .string()
          .nullable()
          .meta({
            description: 'Provider id of the instance, or value of the tag; null: without the tag',
            examples: ['i-0abc123'],
          }),
        name: z
          .string()
          .nullable()
          .meta({ description: 'Of the instance', examples: ['trainer-7'] }),
        ...useful,
      }),
    ),
    total: z.object(useful),
    group_count: z.int().meta({ description: 'All groups, also those beyond the limit', examples: [1] }),
    currency: Currency,
    cost_type: z.enum(COST_TYPES).meta({ examples: ['effective'] }),
    start_date: z.iso.date().meta({ description: 'First day, UTC', examples: ['2026-11-01'] }),
    end_date: z.iso.date().meta({ description: 'Last day, UTC, included', examples: ['2026-11-22'] }),
    idle_below_percent: z.number().meta({ description: "The tenant's setting", examples: [5] }),
    unconverted: z.array(z.object({ currency: Currency, amount: Money })).meta({
      description: 'In none of the amounts: nobody gave a rate',
      examples: [[{ currency: 'EUR', amount: 12.5 }]],
    }),
  })
  .meta({ id: 'UsefulGpuHours' });
