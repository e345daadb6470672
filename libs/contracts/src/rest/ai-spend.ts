import { z } from 'zod';
import { Currency, Money, Timestamp } from './common.js';
import { costFilters } from './cost-filters.js';
import { pageQuery, qInt } from './query.js';

const { days, start_date, end_date, from, to } = costFilters;
const word = (description: string, example: string) =>
  z
    .string()
    .min(1)
    .max(256)
    .optional()
    .meta({ description, examples: [example] });

/**
 * Who tells of usage, the best witness first: the provider's own report, read by an agent's collector; traces; what else
 * agents and applications report.
 */
export const AI_SOURCES = ['provider_api', 'otlp', 'sync'] as const;

/** Which usage: the filters that every question about AI spend takes. */
export const aiSpendFilters = {
  days,
  start_date,
  end_date,
  from,
  to,
  spend_type: z
    .string()
    .regex(
      /^[a-z0-9_]{1,64}$/,
      'expected inference, training, fine_tuning, embedding, or a kind that usage was told with',
    )
    .optional()
    .meta({
      description: 'inference, training, fine_tuning, embedding, or a provider’s word for another kind',
      examples: ['inference'],
    }),
  provider: word('openai, anthropic, aws_bedrock, azure_openai, google_vertex, self_hosted, …', 'openai'),
  model_name: word('As the provider spells it', 'gpt-4o-2024-11-20'),
  workload_id: qInt(1, Number.MAX_SAFE_INTEGER)
    .optional()
    .meta({ description: 'Only of this workload', examples: [1] }),
  project_id: word('Only of this project', 'p-42'),
  team_id: word('Only of this team', 'search'),
  run_id: word('Only of this training run', 'run-7'),
  source: z
    .enum(AI_SOURCES)
    .optional()
    .describe('Only what came from this source, whatever another one tells of it: see overlaps in the answers'),
} as const;

export const AiSpendFilters = z.strictObject(aiSpendFilters);
export type AiSpendFilters = z.infer<typeof AiSpendFilters>;

export const AiSpendQuery = z.strictObject({
  ...pageQuery,
  ...aiSpendFilters,
  resolution: z
    .enum(['hour', 'request'])
    .default('hour')
    .meta({
      description: 'hour: sums by the hour. request: records as they were told, kept for 30 days after they came',
      examples: ['hour'],
    }),
});
export type AiSpendQuery = z.infer<typeof AiSpendQuery>;

const Day = z.iso.date().meta({ description: 'UTC day', examples: ['2026-11-22'] });
const tokens = (description: string) =>
  z
    .preprocess((value) => (typeof value === 'string' ? Number(value) : value), z.number().min(0))
    .meta({ description, examples: [1200] });
const count = (description: string, example = 12) =>
  z
    .preprocess((value) => (typeof value === 'string' ? Number(value) : value), z.int())
    .meta({ description, examples: [example] });
const text = (description: string, example: string | null) =>
  z
    .string()
    .nullable()
    .meta({ description, examples: [example] });

const counts = {
  requests: count('Requests, as far as they were told'),
  errors: count('Of them: failed', 0),
  input_tokens: tokens('All input: uncached, read from caches and written to them'),
  cached_input_tokens: tokens('Of input_tokens: read from a cache'),
  cache_write_input_tokens: tokens('Of input_tokens: written to a cache'),
  output_tokens: tokens('All output, reasoning included'),
};

export const AiSpend = z
  .object({
    timestamp: Timestamp.describe('Start of the hour, or of the request'),
    provider: z.string().meta({ examples: ['openai'] }),
    model_name: z.string().meta({ examples: ['gpt-4o-2024-11-20'] }),
    spend_type: z.string().meta({ examples: ['inference'] }),
    workload_id: z
      .int()
      .nullable()
      .meta({ description: 'null: no workload that is written down', examples: [1] }),
    workload: text('What the source calls it', 'checkout-assistant'),
    project_id: text('null: not told', 'p-42'),
    team_id: text('null: not told', 'search'),
    cost_center: text('null: not told', 'cc-1001'),
    business_unit: text('null: not told', 'retail'),
    run_id: text('Training run', null),
    instance_id: text('Provider id of the own instance that served it', null),
    service_tier: text('null: not told', 'default'),
    batch: z
      .boolean()
      .nullable()
      .meta({ examples: [false] }),
    records: count('Requests or buckets that were told', 12),
    ...counts,
    usage_quantity: z
      .preprocess((value) => (typeof value === 'string' ? Number(value) : value), z.number().nullable())
      .meta({ description: 'What is not counted in tokens, in usage_unit', examples: [null] }),
    usage_unit: text('images, characters, seconds, …', null),
    cost: Money.nullable().describe('In `currency`; null: unpriced'),
    currency: Currency,
    converted_cost: Money.nullable().describe("In the tenant's currency; null: unpriced, or no rate of that day"),
    cost_source: z
      .enum(['estimate', 'provider', 'reported'])
      .nullable()
      .meta({
        description: 'estimate: tokens times prices. provider, reported: as told. null: unpriced',
        examples: ['estimate'],
      }),
    price_source: text('The price list with its version, or price:ID of /prices', 'genai-prices@0.1.8'),
    unpriced_reason: text('Why there is no price', null),
    source: z.enum(AI_SOURCES).meta({ examples: ['otlp'] }),
    trace_id: text('Of a request that came as a trace', null),
    simulated: z.boolean().meta({ description: 'Made up', examples: [false] }),
  })
  .meta({ id: 'AiSpend' });

const total = Money.describe("In the tenant's currency: what is priced and has a rate");
const unpriced = z
  .object({
    records: count('Requests or buckets without a price', 0),
    requests: count('Requests without a price', 0),
    input_tokens: tokens('Tokens without a price'),
    output_tokens: tokens('Tokens without a price'),
  })
  .meta({ id: 'AiUnpriced', description: 'What is in none of the totals, because nobody knows its price' });

/** What every answer about sums says beside them. */
const beside = {
  currency: Currency.describe("The tenant's; all totals are in it"),
  start_date: Day.describe('First day of the window'),
  end_date: Day.describe('Last day of the window, included'),
  unpriced: unpriced.extend({
    models: z
      .array(
        z.object({
          provider: z.string().meta({ examples: ['acme'] }),
          model_name: z.string().meta({ examples: ['mystery-1'] }),
          reason: z.string().meta({ examples: ['no price is known for the model mystery-1 of acme'] }),
          records: count('Requests or buckets', 3),
        }),
      )
      .describe('At most 100, the most used first'),
    units: z
      .array(
        z.object({
          provider: z.string().meta({ examples: ['anthropic'] }),
          model_name: z.string().meta({ examples: ['claude-sonnet-4-5'] }),
          usage_unit: z.string().meta({ examples: ['calls'] }),
          quantity: tokens('How many units'),
          records: count('Requests or buckets', 3),
        }),
      )
      .meta({
        description: 'What is not counted in tokens and has no price, by unit; at most 100. /prices sets one',
        examples: [[]],
      }),
  }),
  unconverted: z.array(z.object({ currency: Currency, amount: Money, records: count('Requests or buckets', 3) })).meta({
    description: 'What is in none of the totals, because nobody gave a rate for its currency on its day',
    examples: [[{ currency: 'EUR', amount: 12.5, records: 3 }]],
  }),
  overlaps: z
    .array(
      z.object({
        provider: z.string().meta({ examples: ['openai'] }),
        model_name: z.string().meta({ examples: ['gpt-4o'] }),
        source: z.enum(AI_SOURCES).meta({ description: 'Whose telling is not counted', examples: ['otlp'] }),
        records: count('Requests or buckets', 40),
        requests: count('Requests', 40),
        input_tokens: tokens('All input'),
        output_tokens: tokens('All output'),
        cost: Money.nullable().describe("What it would cost, in the tenant's currency; null: unpriced"),
      }),
    )
    .meta({
      description:
        "Usage that a better source tells of too, of the same day and model: it is in none of the sums. A provider's report goes before traces and reports, traces before reports of the same project, workload or instance. With `source` one of them is asked alone",
      examples: [[]],
    }),
  simulated: z.boolean().meta({ description: 'Some of it is made up', examples: [false] }),
};

const sums = { total_cost: total, records: count('Requests or buckets', 450), ...counts, unpriced };

const perUnit = (description: string, example: number) => Money.nullable().meta({ description, examples: [example] });

export const AiUnitCosts = z
  .object({
    cost_per_token: perUnit('Of tokens that have a price; null: there are none', 0.0000033),
    cost_per_1m_tokens: perUnit('The same, per million', 3.3),
    cost_per_1m_input_tokens: perUnit('Input that no cache was in play for, where the price is known by part', 2.5),
    cost_per_1m_cached_tokens: perUnit('Cache reads and writes, where the price is known by part', 1.25),
    cost_per_1m_output_tokens: perUnit('Output, where the price is known by part', 10),
    cost_per_inference: perUnit('Of requests of inference that have a price', 0.004),
    cost_per_training_run: perUnit('Average of runs, by run_id', 120),
    training_runs: count('Runs with a price', 0),
  })
  .meta({ id: 'AiUnitCosts' });

export const AiSpendSummary = z
  .object({
    ...sums,
    by_provider: z.array(z.object({ provider: z.string().meta({ examples: ['openai'] }), ...sums })),
    by_model: z.array(
      z.object({
        provider: z.string().meta({ examples: ['openai'] }),
        model_name: z.string().meta({ examples: ['gpt-4o'] }),
        ...sums,
      }),
    ),
    by_spend_type: z.array(z.object({ spend_type: z.string().meta({ examples: ['inference'] }), ...sums })),
    daily: z.array(z.object({ date: Day, ...sums })).describe('Days without usage are not there'),
    unit_economics: AiUnitCosts,
    ...beside,
    unpriced: beside.unpriced,
  })
  .meta({ id: 'AiSpendSummary' });

export const AI_DIMENSIONS = [
  'project_id',
  'team_id',
  'cost_center',
  'business_unit',
  'workload_id',
  'provider',
  'model_name',
  'spend_type',
  'run_id',
  'instance_id',
] as const;

export const AiSpendByDimensionQuery = z.strictObject({
  ...aiSpendFilters,
  dimension: z.enum(AI_DIMENSIONS).meta({ description: 'What to group by', examples: ['team_id'] }),
  limit: qInt(1, 1_000)
    .default(200)
    .meta({ description: 'Groups of their own; the rest is `other`', examples: [200] }),
});
export type AiSpendByDimensionQuery = z.infer<typeof AiSpendByDimensionQuery>;

export const AiSpendByDimension = z
  .object({
    dimension: z.enum(AI_DIMENSIONS).meta({ examples: ['team_id'] }),
    groups: z
      .array(z.object({ value: text('null: usage that names none', 'search'), ...sums }))
      .describe('The most expensive first'),
    other: z
      .object({
        groups: count('Groups beyond the limit', 0),
        total_cost: total,
        records: count('Requests or buckets', 0),
      })
      .nullable()
      .describe('null: all groups are there'),
    ...beside,
  })
  .meta({ id: 'AiSpendByDimension' });
