import { z } from 'zod';
import { Money } from './common.js';
import { costFilters } from './cost-filters.js';
import { costSums, costTypeQuery } from './costs.js';
import { qInt } from './query.js';

/** What charges can be grouped by, besides `tag:<key>`. */
export const COST_DIMENSIONS = [
  'service',
  'provider',
  'account',
  'region',
  'instance_type',
  'gpu_type',
  'instance',
  'charge_category',
  'origin',
] as const;
export type CostDimension = (typeof COST_DIMENSIONS)[number];

export const CostBreakdownQuery = z.strictObject({
  ...costFilters,
  ...costTypeQuery,
  by: z
    .string()
    .regex(
      new RegExp(`^(${COST_DIMENSIONS.join('|')}|tag:.{1,128})$`, 's'),
      `expected ${COST_DIMENSIONS.join(', ')}, or tag: and a key`,
    )
    .default('service')
    .meta({ description: `What to group by: ${COST_DIMENSIONS.join(', ')}, or tag:<key>`, examples: ['tag:team'] }),
  limit: qInt(1, 500)
    .default(50)
    .meta({ description: 'Groups of their own, those that cost or cost most; the rest is `other`', examples: [50] }),
});
export type CostBreakdownQuery = z.infer<typeof CostBreakdownQuery>;

const Day = z.iso.date().meta({ description: 'UTC day', examples: ['2026-11-22'] });
const count = (description: string, example: number) => z.int().meta({ description, examples: [example] });
const quantity = z.preprocess((value) => (typeof value === 'string' ? Number(value) : value), z.number());

const sums = {
  total_cost: Money.describe("Of the window, in the tenant's currency"),
  estimated_cost: Money.describe('Of it: what will still change'),
  record_count: count('Charges of the window', 450),
  current_cost: Money.describe('Of the days that are compared'),
  previous_cost: Money.describe('Of the days that they are compared with'),
  change: Money.describe('current_cost less previous_cost; the changes of all groups sum to that of the total'),
  change_percent: z
    .number()
    .nullable()
    .meta({ description: 'Of previous_cost; null: that was nothing', examples: [4.2] }),
};

const group = {
  ...sums,
  usage: z
    .object({
      unit: z.string().meta({ examples: ['Hours'] }),
      current: quantity.meta({ description: 'On the days that are compared', examples: [240] }),
      previous: quantity.meta({ description: 'On the days that they are compared with', examples: [200] }),
    })
    .nullable()
    .describe('How much was used; null where the charges of the group do not all tell it in one unit'),
  daily: z
    .array(Money.nullable())
    .meta({ description: 'By day, as `dates` has them; null: a day without a charge', examples: [[12.5]] }),
};

export const CostBreakdown = z
  .object({
    by: z.string().meta({ examples: ['tag:team'] }),
    dates: z.array(Day).meta({ description: 'Every day of the window', examples: [['2026-11-22']] }),
    compared: z
      .object({
        days: count('How many', 30),
        start_date: Day.describe('First day that is compared'),
        end_date: Day.describe('Last one: today is never, because it is not over'),
        previous_start_date: Day.describe('First day that they are compared with'),
        previous_end_date: Day.describe('Last one: the day before the window'),
      })
      .nullable()
      .describe('null: no day of the window is over; then the compared costs are 0'),
    groups: z
      .array(
        z.object({
          value: z
            .string()
            .nullable()
            .meta({ description: 'null: charges without it. `without` of /costs finds them', examples: ['search'] }),
          name: z
            .string()
            .nullable()
            .meta({ description: 'Of an instance', examples: [null] }),
          ...group,
        }),
      )
      .describe('The most expensive first'),
    other: z
      .object({ groups: count('Groups beyond the limit', 3), ...group })
      .nullable()
      .describe('null: all groups are there'),
    total: z.object(sums),
    ...costSums,
  })
  .meta({ id: 'CostBreakdown' });

export const CostTagKeysQuery = z.strictObject({ ...costFilters, ...costTypeQuery });
export type CostTagKeysQuery = z.infer<typeof CostTagKeysQuery>;

export const CostTagKeys = z
  .object({
    keys: z
      .array(
        z.object({
          tag_key: z.string().meta({ examples: ['team'] }),
          values: count('Different values', 7),
          total_cost: Money.describe('Of charges that have the tag'),
          record_count: count('Charges that have the tag', 420),
        }),
      )
      .describe('At most 200, those that most cost has first'),
    total_cost: Money.describe('Of all charges'),
    ...costSums,
  })
  .meta({ id: 'CostTagKeys' });
