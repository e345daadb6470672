import { z } from 'zod';
import { Currency, Money } from './common.js';
import { costFilters } from './cost-filters.js';
import { qInt, qList } from './query.js';

const { days, start_date, end_date, from, to } = costFilters;
const weight = (fallback: string, kind: string) =>
  z
    .string()
    .regex(/^\d{1,4}(\.\d{1,6})?$/, 'expected a decimal from 0 to 9999')
    .default(fallback)
    .meta({
      description: `What ${kind} weighs against a token of input of weight 1, for own GPUs`,
      examples: [fallback],
    });

export const AiUnitEconomicsQuery = z.strictObject({
  days,
  start_date,
  end_date,
  from,
  to,
  weight_input: weight('1', 'a token of input'),
  weight_cached: weight('0.1', 'a token from the cache'),
  weight_output: weight('4', 'a token of output'),
  compare_with: qList(z.string().regex(/^[a-z0-9_]{1,40}\/.{1,256}$/, 'expected provider/model'))
    .optional()
    .meta({
      description: 'API models to set own GPUs against; otherwise those used most',
      examples: ['openai/gpt-4o-mini'],
    }),
  limit: qInt(1, 200)
    .default(50)
    .meta({ description: 'Training runs in the answer, the newest first', examples: [50] }),
});
export type AiUnitEconomicsQuery = z.infer<typeof AiUnitEconomicsQuery>;

const amount = (description: string) => Money.nullable().describe(description);
const count = (description: string) => z.coerce.number().meta({ description, examples: [1_000] });
const perMillion = z
  .object({
    all: amount('Any token'),
    input: amount('Uncached input'),
    cached: amount('Cached input'),
    output: amount('Output'),
  })
  .describe('null where it is not known');

export const AiUnitEconomics = z
  .object({
    models: z.array(
      z.object({
        provider: z.string().meta({ examples: ['self_hosted'] }),
        model_name: z.string().meta({ examples: ['llama-3.3-70b'] }),
        own: z.boolean().meta({ description: 'Served by own GPUs', examples: [true] }),
        requests: count('Requests'),
        tokens: z.object({ input: count('Uncached'), cached: count('Cached'), output: count('Output') }),
        tokens_not_priced: count(
          'Of the tokens: in no cost (no price, no rate, or no instance known that served them)',
        ),
        cost: amount('Of an API as charged; of own GPUs all of their cost (allocated basis)'),
        cost_per_token: amount('Any token'),
        cost_per_million_tokens: perMillion,
        cost_per_inference: amount('By request'),
        used_cost_per_million_tokens: perMillion
          .nullable()
          .describe('Own GPUs, used basis: the useful share of their time only; null: not measured, or an API'),
        useful_share: z
          .number()
          .nullable()
          .meta({ description: 'Of the GPUs that serve it', examples: [0.31] }),
        instances: z.int().meta({ description: 'Own instances that serve it', examples: [2] }),
        api: z
          .array(
            z.object({
              provider: z.string().meta({ examples: ['openai'] }),
              model_name: z.string().meta({ examples: ['gpt-4o-mini'] }),
              price_source: z.string().meta({ examples: ['price:7'] }),
              cost: Money.describe('What the API asks for the same tokens'),
              break_even_tokens_per_hour: z
                .number()
                .nullable()
                .meta({ description: 'By hour and instance running', examples: [4_250_000] }),
              break_even_utilisation: z
                .number()
                .nullable()
                .meta({ description: 'Useful share at which own GPUs cost as much; over 1: never', examples: [0.75] }),
            }),
          )
          .describe('Of own models: the same tokens at API prices'),
        without_api_price: z
          .array(
            z.object({
              provider: z.string().meta({ examples: ['openai'] }),
              model_name: z.string().meta({ examples: ['my-fine-tune'] }),
              reason: z.string().meta({ examples: ['no price is known for the model my-fine-tune of openai'] }),
            }),
          )
          .describe('Of own models: API models that they could not be set against'),
      }),
    ),
    training_runs: z.array(
      z.object({
        run_id: z.string().meta({ examples: ['llama-sft-7'] }),
        cost: amount('Charges told of it, and its hours on own instances'),
        charged_cost: amount('Told with usage'),
        own_cost: amount('Of own instances: hours with usage of the run × what the instance costs by the hour'),
        instance_hours: count('Clock hours of own instances in which the run used them'),
        records: count('Usage records'),
      }),
    ),
    cost_per_useful_gpu_hour: amount('All instances with GPUs; by instance, team and tag at /costs/useful-gpu-hours'),
    weights: z.object({ input: Money, cached: Money, output: Money }),
    assumptions: z.array(z.string()).meta({ examples: [['The cost of own GPUs does not change with their load.']] }),
    unconverted: z.array(z.object({ currency: Currency, amount: Money })).meta({
      description: 'Cost of own instances that is in none of the amounts: nobody gave a rate',
      examples: [[{ currency: 'EUR', amount: 12.5 }]],
    }),
    currency: Currency,
    start_date: z.iso.date().meta({ description: 'First day, UTC', examples: ['2026-11-01'] }),
    end_date: z.iso.date().meta({ description: 'Last day, UTC, included', examples: ['2026-11-22'] }),
    simulated: z.boolean().meta({ description: 'Some of it is made up', examples: [false] }),
  })
  .meta({ id: 'AiUnitEconomics' });
