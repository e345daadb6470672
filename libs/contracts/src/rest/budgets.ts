import { z } from 'zod';
import { BUDGET_SCOPES, BudgetStandingWord } from './budget-standing.js';
import { Currency, Money, Timestamp } from './common.js';
import { pageQuery, Id } from './query.js';

export const BUDGET_BASES = ['actual', 'forecast_p50', 'forecast_p80', 'burn_rate'] as const;
const PERIODS = ['day', 'week', 'month', 'quarter', 'year', 'custom'] as const;

const Day = (description: string, example: string) => z.iso.date().meta({ description, examples: [example] });

const Threshold = z
  .strictObject({
    basis: z.enum(BUDGET_BASES).meta({
      description:
        'actual: cost so far. forecast_p50, forecast_p80: what the period comes to at most with 50 or 80 % probability. burn_rate: the pace of the last seven days and of yesterday',
      examples: ['actual'],
    }),
    percent: z
      .number()
      .gt(0)
      .max(10_000)
      .meta({
        description: 'Of the amount; with burn_rate of the pace at which it just lasts. Reached at >=',
        examples: [80],
      }),
  })
  .meta({ id: 'BudgetThreshold' });

const fields = {
  name: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .meta({ description: 'Unique in the tenant', examples: ['Search, monthly'] }),
  scope: z.enum(BUDGET_SCOPES).meta({
    description: 'Which charges and AI usage; team is the tag `team`, and the team of AI usage',
    examples: ['team'],
  }),
  scope_value: z
    .string()
    .min(1)
    .max(400)
    .nullable()
    .meta({
      description:
        'The service, team, provider, account, instance (numeric or provider id); key=value with scope tag; provider/model with scope model, * at its end for all that begin so; null with scope all',
      examples: ['search'],
    }),
  amount: z
    .number()
    .min(0)
    .lt(1e15)
    .meta({ description: 'In `currency`, for a whole period; 0: nothing may be spent', examples: [12_000] }),
  currency: Currency.describe("The tenant's own when left out; another one needs a currency rate"),
  cost_type: z
    .enum(['billed', 'effective'])
    .meta({ description: 'billed: as invoiced; effective: with commitments spread', examples: ['billed'] }),
  period: z.enum(PERIODS).meta({ description: 'In the time zone of the tenant', examples: ['month'] }),
  anchor: z.enum(['calendar', 'start']).meta({
    description: 'calendar: from the 1st (weeks: Monday). start: from the day of `starts_on` on, every period anew',
    examples: ['calendar'],
  }),
  starts_on: Day('First local day; null: always. custom: where it begins', '2026-11-01').nullable(),
  ends_on: Day('Last local day, included; null: for ever. custom: where it ends', '2027-10-31').nullable(),
  thresholds: z
    .array(Threshold)
    .max(20)
    .meta({ description: 'Each fires once in a period', examples: [[{ basis: 'actual', percent: 80 }]] }),
  enabled: z.boolean().meta({ description: 'false: shown, but never fires', examples: [true] }),
};

export const CreateBudgetBody = z
  .strictObject({
    ...fields,
    scope: fields.scope.default('all'),
    scope_value: fields.scope_value.default(null),
    currency: fields.currency.optional(),
    cost_type: fields.cost_type.default('billed'),
    period: fields.period.default('month'),
    anchor: fields.anchor.default('calendar'),
    starts_on: fields.starts_on.default(null),
    ends_on: fields.ends_on.default(null),
    thresholds: fields.thresholds.default([
      { basis: 'actual', percent: 80 },
      { basis: 'actual', percent: 100 },
      { basis: 'forecast_p50', percent: 100 },
    ]),
    enabled: fields.enabled.default(true),
  })
  .meta({
    id: 'CreateBudgetBody',
    examples: [{ name: 'Search, monthly', scope: 'team', scope_value: 'search', amount: 12_000 }],
  });
export type CreateBudgetBody = z.infer<typeof CreateBudgetBody>;

export const UpdateBudgetBody = z
  .strictObject(fields)
  .partial()
  .refine((body) => Object.keys(body).length > 0, { message: 'at least one field is required' })
  .meta({ id: 'UpdateBudgetBody', examples: [{ amount: 15_000 }] });
export type UpdateBudgetBody = z.infer<typeof UpdateBudgetBody>;

const share = (description: string) =>
  z
    .number()
    .nullable()
    .meta({ description, examples: [0.83] });
const Interval = z
  .object({ low: Money, high: Money })
  .nullable()
  .meta({ description: 'null: too little history', examples: [{ low: 9_800, high: 11_900 }] });

/** What the period has cost, and what it will come to. */
export const budgetFigures = {
  period_start: Day('First local day of the period', '2026-11-01'),
  period_end: Day('Last local day, included', '2026-11-30'),
  first_cost_day: Day('First UTC cost day that is counted', '2026-11-01'),
  last_cost_day: Day('Last UTC cost day that is counted', '2026-11-30'),
  elapsed_days: z.int().meta({ description: 'Cost days that are over', examples: [21] }),
  remaining_days: z.int().meta({ description: 'Cost days to come, today included', examples: [9] }),
  current_spend: Money.describe(
    'Charges of the period so far, and AI usage that no charge tells of; exact, in `currency`',
  ),
  ai_usage_spend: Money.describe('Of it: usage of AI models on days of a provider that no charge tells of yet'),
  unconverted_records: z
    .int()
    .meta({ description: 'Charges that are in none of this: nobody gave a rate', examples: [0] }),
  unpriced_records: z
    .int()
    .meta({ description: 'AI usage that is in none of this: nobody knows its price', examples: [0] }),
  utilization_percent: z
    .number()
    .nullable()
    .meta({ description: 'Of the amount; null for a budget of zero', examples: [71.3] }),
  burn_rate: share('Pace of the last seven days; 1 just lasts to the end of the period. null: no charge, or no amount'),
  burn_rate_day: share('Pace of yesterday'),
  daily_burn: Money.nullable().describe('Cost a day of the period so far, over the days that are over'),
  forecast_method: z.enum(['none', 'run_rate', 'weekday_profile', 'actual']).meta({
    description:
      'none: under 7 days of history. run_rate: under 21, the mean, no interval. weekday_profile: level and weekdays. actual: nothing remains',
    examples: ['weekday_profile'],
  }),
  history_days: z.int().meta({ description: 'Days that the forecast learned from', examples: [56] }),
  late_data: Money.describe('What charges that are still to come for days that are over are expected to add'),
  projected_spend: Money.nullable().describe('At the end of the period; null: too little history'),
  projected_spend_p80: Money.nullable().describe('It comes to this at most with 80 % probability'),
  interval_80: Interval,
  interval_95: Interval,
  projected_overage: Money.nullable().describe('Projected spend above the amount; 0: none'),
  overrun_probability: share('That the period ends at or above the amount; null without an interval'),
};

const stored = {
  id: z.int().meta({ examples: [1] }),
  ...fields,
  amount: Money,
  // what is stored was checked when it was written
  scope_value: fields.scope_value,
  created_by: z.string().meta({ examples: ['ada@example.com'] }),
  created_at: Timestamp,
  updated_at: Timestamp,
};

const status = z.object(budgetFigures).nullable().meta({ description: 'null: the budget has not begun, or is over' });

export const Budget = z
  .object({
    ...stored,
    current: status,
    standing: BudgetStandingWord,
    simulated: z.boolean().meta({ description: 'Charges of this tenant are made up', examples: [false] }),
  })
  .meta({ id: 'Budget' });

export const Coverage = z
  .object({
    periods: z
      .int()
      .meta({ description: 'Past periods that could be projected from what was there before', examples: [12] }),
    within_80: share('Share of them that ended within the 80 % interval'),
    within_95: share('Share of them that ended within the 95 % interval'),
    median_error: share('Median of |projected - actual| / actual'),
  })
  .meta({
    id: 'ProjectionCoverage',
    description: 'How often projections of past periods, made at the same place within the period, were right',
  });

export const BudgetPastPeriod = z
  .object({
    period_start: Day('First local day', '2026-10-01'),
    period_end: Day('Last local day, included', '2026-10-31'),
    actual: Money.describe('What it came to, as charges and usage tell today'),
    whole: z.boolean().meta({ description: 'false: its first days are older than what is known', examples: [true] }),
    projected: Money.nullable().describe(
      'What would have been projected at the place where the present period is now; null: too little history',
    ),
    interval_80: Interval,
  })
  .meta({ id: 'BudgetPastPeriod' });

export const BudgetDetail = z
  .object({
    ...Budget.shape,
    coverage: Coverage.nullable(),
    past_periods: z
      .array(BudgetPastPeriod)
      .describe('At most twelve that something is known of, newest first; none of a custom period'),
  })
  .meta({ id: 'BudgetDetail' });

export const BudgetAlert = z
  .object({
    id: z.int().meta({ examples: [1] }),
    budget_id: z
      .int()
      .nullable()
      .meta({ description: 'null: the budget is gone', examples: [1] }),
    budget_name: z.string().meta({ examples: ['Search, monthly'] }),
    period_start: Day('First local day of the period', '2026-11-01'),
    period_end: Day('Last local day, included', '2026-11-30'),
    basis: z.enum(BUDGET_BASES).meta({ examples: ['actual'] }),
    percent: z.preprocess(Number, z.number()).meta({ description: 'The threshold', examples: [80] }),
    fired_at: Timestamp,
    amount: Money,
    currency: Currency,
    actual: Money.describe('Cost of the period when it fired'),
    figures: z
      .record(z.string(), z.unknown())
      .meta({ description: 'All numbers of the budget at that moment', examples: [{ projected_spend: 12_900 }] }),
    message: z
      .string()
      .meta({ examples: ['Search, monthly: 9,700 of 12,000 USD are spent, 80 %: the threshold of 80 % is reached.'] }),
  })
  .meta({ id: 'BudgetAlert' });

export const BudgetAlertQuery = z.strictObject({
  ...pageQuery,
  budget_id: Id.optional().describe('Only of this budget'),
});
export type BudgetAlertQuery = z.infer<typeof BudgetAlertQuery>;

export const BudgetCheck = z
  .object({
    checked: z.int().meta({ description: 'Budgets that were looked at', examples: [12] }),
    fired: z.array(BudgetAlert).describe('Thresholds that were reached now and had not fired in their period'),
  })
  .meta({ id: 'BudgetCheck' });

export const BudgetStatus = z
  .object({
    budget_id: z
      .int()
      .nullable()
      .meta({
        description: 'The month budget over all cost; null: there is none, and the projection stands alone',
        examples: [1],
      }),
    budget_name: z
      .string()
      .nullable()
      .meta({ examples: ['All cost'] }),
    budget_amount: Money.nullable(),
    currency: Currency,
    ...budgetFigures,
    coverage: Coverage,
    budgets: z
      .array(
        z.object({
          id: z.int().meta({ examples: [1] }),
          name: z.string().meta({ examples: ['Search, monthly'] }),
          scope: z.enum(BUDGET_SCOPES).meta({ examples: ['team'] }),
          scope_value: z
            .string()
            .nullable()
            .meta({ examples: ['search'] }),
          amount: Money,
          currency: Currency,
          current_spend: Money,
          utilization_percent: z
            .number()
            .nullable()
            .meta({ examples: [71.3] }),
          projected_spend: Money.nullable(),
          projected_overage: Money.nullable(),
          overrun_probability: share('That it ends at or above its amount'),
        }),
      )
      .describe('Every other budget that holds today'),
    simulated: z.boolean().meta({ description: 'Charges of this tenant are made up', examples: [false] }),
  })
  .meta({ id: 'BudgetStatus' });
