import { z } from 'zod';
import { aiSpendFilters } from './ai-spend.js';
import { Currency, Money, Timestamp } from './common.js';

/** AI spend held against something: budgets of workloads, and what providers bill. */

const { days, start_date, end_date, from, to } = aiSpendFilters;
const Day = z.iso.date().meta({ description: 'UTC day', examples: ['2026-11-22'] });
const count = (description: string, example = 12) =>
  z
    .preprocess((value) => (typeof value === 'string' ? Number(value) : value), z.int())
    .meta({ description, examples: [example] });
const text = (description: string, example: string | null) =>
  z
    .string()
    .nullable()
    .meta({ description, examples: [example] });

export const AiBudgetStatus = z
  .object({
    month: z.string().meta({ description: "Calendar month in the tenant's time zone", examples: ['2026-11'] }),
    period_start: Timestamp,
    period_end: Timestamp.describe('Exclusive'),
    timezone: z.string().meta({ examples: ['UTC'] }),
    workloads: z.array(
      z.object({
        workload_id: z.int().meta({ examples: [1] }),
        workload_name: z.string().meta({ examples: ['Checkout assistant'] }),
        owner: text('Who answers for it', 'search-team@example.com'),
        currency: Currency.describe('Of the budget, and of all amounts here'),
        budget: Money.nullable().describe('null: none is set'),
        spent: Money.describe('This month, until now'),
        remaining: Money.nullable().describe('Negative: overspent. null: no budget'),
        utilization_percent: z
          .number()
          .nullable()
          .meta({ description: 'Spent of the budget', examples: [42.5] }),
        burn_rate_daily: Money.describe('Per day, on average since the month began'),
        burn_rate: z
          .number()
          .nullable()
          .meta({
            description: 'How fast the budget is used: 1 ends with the month, 2 in the middle of it. null: no budget',
            examples: [1.2],
          }),
        projected_spend: Money.describe('At the end of the month, if it goes on like this'),
        projected_overage: Money.nullable().describe('By how much the projection is over the budget; null: no budget'),
        exhausted_at: Timestamp.nullable().describe(
          'When the budget is used up, if it goes on like this; null: not this month',
        ),
        status: z
          .enum(['no_budget', 'ok', 'at_risk', 'exceeded'])
          .meta({ description: 'at_risk: projected to reach the budget. exceeded: reached', examples: ['ok'] }),
        unpriced_records: count('Not in these amounts, because nobody knows their price', 0),
        unconverted_records: count("Not in these amounts, because nobody gave a rate into the budget's currency", 0),
      }),
    ),
  })
  .meta({ id: 'AiBudgetStatus' });

export const AiSpendDriftQuery = z.strictObject({
  days,
  start_date,
  end_date,
  from,
  to,
  provider: aiSpendFilters.provider,
  model_name: aiSpendFilters.model_name,
  source: aiSpendFilters.source,
});
export type AiSpendDriftQuery = z.infer<typeof AiSpendDriftQuery>;

const drift = {
  estimated_cost: Money.nullable().describe('Tokens times prices; null: no usage with a price was told'),
  billed_cost: Money.nullable().describe("By the provider's own cost report; null: none was told"),
  drift: Money.nullable().describe('Billed less estimated; null where one of them is'),
  drift_percent: z
    .number()
    .nullable()
    .meta({ description: 'Of the billed cost', examples: [1.4] }),
};

export const AiSpendDrift = z
  .object({
    days: z.array(
      z.object({
        date: Day,
        provider: z.string().meta({ examples: ['openai'] }),
        model_name: z.string().meta({ examples: ['gpt-4o'] }),
        ...drift,
        unpriced_records: count('Usage without a price, which the estimate lacks', 0),
      }),
    ),
    ...drift,
    compared: count('Rows of which both sides are known: the totals are of them', 12),
    currency: Currency,
    start_date: Day,
    end_date: Day,
  })
  .meta({ id: 'AiSpendDrift', description: 'The estimate against the bill, per UTC day and model' });
