import { z } from 'zod';
import { Currency, Money, Timestamp } from './common.js';
import { COST_ORIGINS, costFilters } from './cost-filters.js';
import { pageQuery, qBool } from './query.js';

export const COST_TYPES = ['billed', 'effective', 'list', 'contracted'] as const;
export type CostType = (typeof COST_TYPES)[number];

/** Which kind of cost a question is about. */
export const costTypeQuery = {
  cost_type: z
    .enum(COST_TYPES)
    .default('billed')
    .meta({
      description:
        'billed: as invoiced. effective: with commitments spread over what they cover. list: at public prices. contracted: at negotiated ones',
      examples: ['billed'],
    }),
};

const Day = z.iso.date().meta({ description: 'UTC day', examples: ['2026-11-22'] });
const optionalText = (description: string, example: string) =>
  z
    .string()
    .nullable()
    .meta({ description, examples: [example] });
const quantity = z
  .preprocess((value) => (typeof value === 'string' ? Number(value) : value), z.number().nullable())
  .meta({ description: 'In `usage_unit`', examples: [24] });

export const Cost = z
  .object({
    id: z.int().meta({ examples: [1] }),
    date: Day.describe('UTC day on which the charge begins'),
    charge_period_start: Timestamp,
    charge_period_end: Timestamp.describe('Exclusive'),
    service: z.string().meta({ description: "The provider's service", examples: ['Amazon EC2'] }),
    service_category: optionalText('FOCUS service category', 'Compute'),
    amount: Money.describe('In `currency`, of the kind that `cost_type` asked for'),
    currency: Currency,
    converted_amount: Money.nullable().describe(
      "In the tenant's currency at the rate of the charge day; null: nobody gave that rate",
    ),
    cloud_provider: z.string().meta({ description: 'Who charges', examples: ['aws'] }),
    account_id: optionalText('Account, subscription or project that it is charged to', '123456789012'),
    region: optionalText("The provider's region", 'us-east-1'),
    resource_id: optionalText('As the bill spells it', 'i-0abc123def456'),
    instance_id: optionalText(
      'Provider id of the instance that the charge is for, where it is one of ours',
      'i-0abc123',
    ),
    instance_type: optionalText("The provider's type", 'p5.48xlarge'),
    charge_category: z
      .enum(['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'])
      .meta({ description: 'FOCUS charge category', examples: ['Usage'] }),
    usage_quantity: quantity,
    usage_unit: optionalText('Unit of the quantity', 'Hrs'),
    tags: z.record(z.string(), z.string()).meta({ examples: [{ team: 'search' }] }),
    estimated: z.boolean().meta({ description: 'The provider says that it will still change', examples: [false] }),
    origin: z
      .enum(COST_ORIGINS)
      .meta({ description: 'Where it comes from, best first; a better one replaces a worse one', examples: ['bill'] }),
    simulated: z.boolean().meta({ description: 'Made up', examples: [false] }),
  })
  .meta({ id: 'Cost' });

export const CostQuery = z.strictObject({ ...pageQuery, ...costFilters, ...costTypeQuery });
export type CostQuery = z.infer<typeof CostQuery>;

export const CostSummaryQuery = z.strictObject({ ...costFilters, ...costTypeQuery });
export type CostSummaryQuery = z.infer<typeof CostSummaryQuery>;

/** What every answer about sums says beside them. */
export const costSums = {
  currency: Currency.describe("The tenant's; all totals are in it"),
  start_date: Day.describe('First day of the window'),
  end_date: Day.describe('Last day of the window, included'),
  unconverted: z
    .array(z.object({ currency: Currency, amount: Money, record_count: z.int().meta({ examples: [3] }) }))
    .meta({
      description: 'What is in none of the totals, because nobody gave a rate for its currency on its day',
      examples: [[{ currency: 'EUR', amount: 12.5, record_count: 3 }]],
    }),
  simulated: z.boolean().meta({ description: 'Some of the charges are made up', examples: [false] }),
};

const total = Money.describe("In the tenant's currency");
const count = z.int().meta({ description: 'Charges', examples: [450] });

export const CostSummary = z
  .object({
    total_cost: total,
    estimated_cost: Money.describe('Of the total: what providers say will still change'),
    record_count: count,
    unpriced_instances: z.int().meta({
      description: 'Instances that ran in the window at a price that nobody knows: nothing was metered for that time',
      examples: [0],
    }),
    unknown_state_instances: z.int().meta({
      description: 'Instances of which nobody knew in some part of the window whether they ran: not metered either',
      examples: [0],
    }),
    by_service: z.array(
      z.object({ service: z.string().meta({ examples: ['Amazon EC2'] }), total_cost: total, record_count: count }),
    ),
    by_instance_type: z.array(
      z.object({
        instance_type: optionalText('null: not of an instance', 'p5.48xlarge'),
        total_cost: total,
        record_count: count,
      }),
    ),
    by_provider: z.array(
      z.object({ cloud_provider: z.string().meta({ examples: ['aws'] }), total_cost: total, record_count: count }),
    ),
    daily: z.array(z.object({ date: Day, total_cost: total })).describe('Days without a charge are not there'),
    ...costSums,
  })
  .meta({ id: 'CostSummary' });

export const CostTrendsQuery = z.strictObject({
  ...costFilters,
  ...costTypeQuery,
  granularity: z
    .enum(['day', 'week', 'month'])
    .default('day')
    .meta({ description: 'Length of a period; weeks begin on Monday', examples: ['day'] }),
});
export type CostTrendsQuery = z.infer<typeof CostTrendsQuery>;

const change = z
  .number()
  .nullable()
  .meta({
    description: 'Percent against the period before; null: that one cost nothing or is not known',
    examples: [4.2],
  });

export const CostTrends = z
  .object({
    granularity: z.enum(['day', 'week', 'month']).meta({ examples: ['day'] }),
    series: z.array(
      z.object({
        period_start: Day,
        period_end: Day.describe('Last day, included'),
        total_cost: total,
        change_percent: change,
        complete: z.boolean().meta({ description: 'false: the period goes on after the window, or began before it' }),
      }),
    ),
    total_cost: total,
    previous_total_cost: total.describe('Of as many days right before the window'),
    change_percent: change,
    ...costSums,
  })
  .meta({ id: 'CostTrends' });

export const CostsByTagQuery = z.strictObject({
  ...costFilters,
  ...costTypeQuery,
  tag_key: z
    .string()
    .min(1)
    .max(128)
    .meta({ description: 'The tag to group by', examples: ['team'] }),
  ignore_case: qBool()
    .default(false)
    .meta({ description: 'Take Team and team for one key, and Search and search for one value', examples: [false] }),
});
export type CostsByTagQuery = z.infer<typeof CostsByTagQuery>;

const tagValue = optionalText('null: charges without the tag, or with it empty', 'production');

export const CostsByTag = z
  .object({
    groups: z
      .array(z.object({ tag_value: tagValue, total_cost: total, record_count: count }))
      .describe('The most expensive first'),
    time_series: z.array(z.object({ date: Day, tag_value: tagValue, total_cost: total })),
    tag_key: z.string().meta({ examples: ['team'] }),
    ...costSums,
  })
  .meta({ id: 'CostsByTag' });
