import { z } from 'zod';
import { CloudProvider, Tags } from './sync-elements.js';

/** The `costs` and `ai_spend` elements of a POST /sync body and of the stream's Record entries. */

const text = (most: number) => z.string().min(1).max(most);
const moment = z.union([z.iso.datetime({ offset: true }), z.number().min(1e8).max(1e11)]).meta({
  description: 'ISO 8601 with an offset, or Unix seconds',
  examples: ['2026-11-22T10:00:00.000Z'],
});
const currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as USD');
const count = z.int().min(0);

/** Whole digits and decimals of an amount. More is no sum of money that anybody was ever billed. */
const MONEY = /^-?\d{1,15}(\.\d{1,18})?$/;

/** A sum of money, exact, with a sign: a decimal string, or a JSON number (taken as it is printed). */
export const MoneyAmount = z
  .union([
    z.string().regex(MONEY, 'must be a decimal number with at most 15 digits before the point and 18 behind it'),
    z.number().gt(-1e15).lt(1e15),
  ])
  .transform((amount) => (typeof amount === 'string' ? amount : plain(amount)))
  .meta({ description: 'Exact, signed: a decimal string, or a number', examples: ['161.28'] });

/** A number as it is printed, without an exponent: 1e-7 is 0.0000001. */
function plain(value: number): string {
  const printed = String(value);
  return /e/.test(printed) ? value.toFixed(18).replace(/\.?0+$/, '') : printed;
}

/**
 * FOCUS ChargeCategory, in lower case. A negative amount is a `credit` (vouchers, discounts paid back) or an
 * `adjustment` (corrections, or what a provider nets without saying why); as anything else it is a mistake.
 */
export const CHARGE_CATEGORIES = ['usage', 'purchase', 'tax', 'credit', 'adjustment'] as const;
const NEGATIVE_ALLOWED: readonly string[] = ['credit', 'adjustment'];

/**
 * Who says what it cost. `bill`: the provider's own cost report, the record that is paid. `estimate`: usage times a
 * price list. `metered`: hours times an hourly price. A bill and an estimate of the same usage are both kept and never
 * added up.
 */
export const COST_SOURCES = ['bill', 'estimate', 'metered'] as const;

export const CostElement = z
  .object({
    date: z.iso.date().optional().describe('Day of the charge, UTC; this or timestamp'),
    timestamp: moment.optional().describe('Start of the charge period; this or date'),
    period_end: moment.optional().describe('End of the charge period, exclusive; left out: the end of that UTC day'),
    service: text(256),
    amount: MoneyAmount.describe('What was billed, in currency; negative only as a credit or an adjustment'),
    effective_amount: MoneyAmount.optional().describe('With purchases spread over what they cover (amortised)'),
    list_amount: MoneyAmount.optional().describe('At public prices'),
    contracted_amount: MoneyAmount.optional().describe('At negotiated prices, before commitments'),
    currency: currency.optional().describe("Left out: the tenant's currency"),
    estimated: z.boolean().optional().describe('The provider says that it will still change'),
    charge_category: z.enum(CHARGE_CATEGORIES).optional().describe('Left out: usage'),
    cost_source: z.enum(COST_SOURCES).optional().describe('Left out: bill'),
    cloud_provider: CloudProvider.optional().describe('aws, azure, openai, anthropic, …'),
    region: text(128).optional(),
    account_id: text(256).optional().describe("The provider's account, subscription or organisation"),
    resource_id: text(512).optional(),
    sku: text(256).optional().describe("The provider's line item, usage type or meter"),
    instance_id: text(256).optional(),
    instance_type: text(128).optional(),
    usage_quantity: MoneyAmount.optional(),
    usage_unit: text(64).optional(),
    tags: Tags.optional(),
    project_id: text(256).optional().describe('Project or workspace at an AI provider'),
    api_key_id: text(256).optional(),
    model_name: text(256).optional().describe('Where the charge is for one model'),
    token_type: text(64).optional().describe('Which tokens: uncached_input_tokens, output_tokens, …'),
    service_tier: text(64).optional(),
    record_id: text(256)
      .optional()
      .describe('Idempotency key: the same one again with another content corrects what was stored'),
  })
  .refine((cost) => cost.date !== undefined || cost.timestamp !== undefined, 'needs date or timestamp')
  .refine((cost) => !isNegative(cost.amount) || NEGATIVE_ALLOWED.includes(cost.charge_category ?? 'usage'), {
    path: ['amount'],
    error: 'is negative: set charge_category to credit or adjustment if that is what it is',
  })
  .meta({
    examples: [
      {
        date: '2026-11-21',
        service: 'Amazon Elastic Compute Cloud - Compute',
        amount: '161.28',
        currency: 'USD',
        cloud_provider: 'aws',
        region: 'us-east-1',
        estimated: true,
        record_id: 'aws-cost-explorer:main:2026-11-21:4c1f0d2a9b7e3350',
      },
    ],
  });
export type CostElement = z.infer<typeof CostElement>;

const isNegative = (amount: string) => /^-.*[1-9]/.test(amount);

export const AiSpendElement = z
  .object({
    timestamp: moment.describe('When it was used; the start of a bucket'),
    period_end: moment.optional().describe('End of the bucket, exclusive; left out: a single moment'),
    provider: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_.-]{0,63}$/)
      .meta({ description: 'openai, anthropic, aws.bedrock, azure.ai.openai, gcp.vertex_ai, …' }),
    model_name: text(256).describe('As the provider spells it; what is no model (vector stores) names its spend_type'),
    spend_type: text(64).optional().describe('completions, embeddings, images, …; left out: completions'),
    workload_id: text(256).optional(),
    project_id: text(256).optional().describe('Project or workspace at the provider'),
    team_id: text(256).optional(),
    cost_center: text(256).optional(),
    business_unit: text(256).optional(),
    run_id: text(256).optional().describe('Training run'),
    user_id: text(256).optional(),
    api_key_id: text(256).optional().describe("The provider's id of the key, never the key"),
    account_id: text(256).optional(),
    deployment: text(256).optional().describe('Azure deployment, Bedrock inference profile'),
    region: text(128).optional(),
    instance_id: text(256).optional().describe('The own instance that served the tokens: numeric or provider id'),
    tags: Tags.optional(),
    requests: count.optional(),
    input_tokens: count
      .optional()
      .describe('All input: uncached, read from the cache and written to it. The parts below are parts of it'),
    cached_input_tokens: count.optional().describe('Of input_tokens: read from the cache'),
    cache_write_5m_input_tokens: count.optional().describe('Of input_tokens: written to a cache of 5 minutes'),
    cache_write_1h_input_tokens: count.optional().describe('Of input_tokens: written to a cache of an hour'),
    output_tokens: count.optional().describe('All output, reasoning included'),
    reasoning_tokens: count.optional().describe('Of output_tokens'),
    input_audio_tokens: count.optional().describe('Of the uncached input: audio'),
    cached_input_audio_tokens: count.optional().describe('Of cached_input_tokens: audio'),
    output_audio_tokens: count.optional().describe('Of output_tokens: audio'),
    batch: z.boolean().optional().describe('By the batch interface; left out: not told'),
    service_tier: text(64).optional().describe('default, flex, priority, standard, …; left out: not told'),
    context_window: text(64).optional().describe('0-200k, 200k-1M, where prices differ by it'),
    usage_quantity: MoneyAmount.optional().describe('What is not counted in tokens'),
    usage_unit: text(64).optional().describe('images, characters, seconds, sessions, bytes, calls'),
    cost: MoneyAmount.optional().describe('Left out: priced from the model price table'),
    currency: currency.optional(),
    cost_source: z
      .enum(['provider', 'local'])
      .optional()
      .describe('Who computed cost: the provider, or the caller from a price list'),
    usage_source: z
      .enum(['provider_api', 'own'])
      .optional()
      .describe(
        "provider_api: read from the provider's own usage report, which is whole: it counts instead of traces of the same calls",
      ),
    record_id: text(256)
      .optional()
      .describe('Idempotency key: the same one again with other counts corrects what was stored'),
  })
  .meta({
    examples: [
      {
        timestamp: '2026-11-22T10:00:00.000Z',
        period_end: '2026-11-22T11:00:00.000Z',
        provider: 'anthropic',
        model_name: 'claude-sonnet-4-5',
        requests: 12,
        input_tokens: 3200,
        cached_input_tokens: 200,
        cache_write_5m_input_tokens: 500,
        cache_write_1h_input_tokens: 1000,
        output_tokens: 500,
        record_id: 'anthropic:main:messages:2026-11-22T10:00:00Z:9d5f22c1a07be481',
      },
    ],
  });
export type AiSpendElement = z.infer<typeof AiSpendElement>;
