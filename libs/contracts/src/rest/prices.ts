import { z } from 'zod';
import { Currency, Money, Timestamp } from './common.js';
import { pageQuery, unchangedSince } from './query.js';

/** An amount in a request: exact, not negative; a decimal string or a number as it is printed. */
const amount = z
  .union([
    z.string().regex(/^\d{1,12}(\.\d{1,12})?$/, 'must be a decimal number, not negative'),
    z.number().min(0).lt(1e12),
  ])
  .transform((value) =>
    typeof value === 'string'
      ? value
      : /e/.test(String(value))
        ? value.toFixed(12).replace(/\.?0+$/, '')
        : String(value),
  );
const perMillion = (what: string) => amount.meta({ description: `Per 1,000,000 ${what}`, examples: [2.5] });
const word = (most: number) => z.string().trim().min(1).max(most);
const provider = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_.-]{0,63}$/)
  .meta({ description: 'openai, anthropic, aws_bedrock, …; for instances aws, gcp, …', examples: ['openai'] });
const Day = z.iso.date().meta({ description: 'UTC day, included', examples: ['2026-11-01'] });

const validity = {
  valid_from: Day,
  valid_to: Day.nullable().optional().describe('Left out: until further notice'),
  note: word(500)
    .nullable()
    .optional()
    .meta({ description: 'Why, for people', examples: ['Contract of 2026'] }),
};
const modelAmounts = {
  input_cost: perMillion('input tokens').nullable().optional(),
  output_cost: perMillion('output tokens').nullable().optional(),
  cache_read_cost: perMillion('tokens read from a cache; left out: as input').nullable().optional(),
  cache_write_5m_cost: perMillion('tokens written to a cache of 5 minutes; left out: as input').nullable().optional(),
  cache_write_1h_cost: perMillion('tokens written to a cache of an hour; left out: as 5 minutes').nullable().optional(),
  input_audio_cost: perMillion('input tokens of audio; left out: as input').nullable().optional(),
  output_audio_cost: perMillion('output tokens of audio; left out: as output').nullable().optional(),
  request_cost: amount
    .nullable()
    .optional()
    .meta({ description: 'Per 1,000 requests, besides tokens', examples: [5] }),
};

const unitCost = amount.meta({
  description: 'Per one of usage_unit, for usage that is not counted in tokens',
  examples: [0.04],
});
const unitFields = {
  usage_unit: word(64)
    .optional()
    .meta({
      description:
        'The unit as usage spells it: calls, images, seconds, characters, …; requests, where usage tells nothing but their number. In place of prices of tokens',
      examples: ['images'],
    }),
  unit_cost: unitCost.optional(),
  spend_type: word(64)
    .optional()
    .meta({
      description:
        'With unit_cost: only usage of this kind, such as a size of image; with * at the end, all that begin so',
      examples: ['images_1024x1024'],
    }),
};

const CreateModelPrice = z.strictObject({
  kind: z.literal('model'),
  provider,
  model_name: word(256).meta({
    description: 'As usage spells it; with * at the end, all that begin so',
    examples: ['gpt-4o*'],
  }),
  service_tier: word(64)
    .optional()
    .describe('Only for this tier; left out: the standard one, and others by the list’s rule'),
  batch: z.boolean().optional().describe('Only with, or without, the batch interface'),
  ...modelAmounts,
  ...unitFields,
  currency: Currency.default('USD'),
  ...validity,
});
const CreateInstancePrice = z.strictObject({
  kind: z.literal('instance'),
  provider,
  instance_type: word(128).meta({ description: "The provider's type", examples: ['p5.48xlarge'] }),
  region: word(128).nullable().optional().describe('Left out: in every region'),
  hourly_cost: amount.meta({ description: 'Per hour of a running instance', examples: [55.04] }),
  currency: Currency.default('USD'),
  ...validity,
});

type ModelPriceBody = z.infer<typeof CreateModelPrice>;
const isOfUnits = (price: ModelPriceBody) => price.usage_unit !== undefined || price.unit_cost !== undefined;
const isOfTokens = (price: ModelPriceBody) =>
  price.input_cost != null || price.output_cost != null || price.request_cost != null;
const hasUnitsOnly = (price: ModelPriceBody) =>
  price.service_tier === undefined &&
  price.batch === undefined &&
  Object.keys(modelAmounts).every((name) => price[name as keyof typeof modelAmounts] == null);

export const CreatePriceBody = z
  .discriminatedUnion('kind', [CreateModelPrice, CreateInstancePrice])
  .refine((price) => price.kind !== 'model' || isOfUnits(price) || isOfTokens(price), {
    path: ['input_cost'],
    error: 'needs input_cost, output_cost or request_cost; or usage_unit and unit_cost',
  })
  .refine((price) => price.kind !== 'model' || (price.usage_unit === undefined) === (price.unit_cost === undefined), {
    path: ['unit_cost'],
    error: 'goes with usage_unit: what one of it costs',
  })
  .refine((price) => price.kind !== 'model' || !isOfUnits(price) || hasUnitsOnly(price), {
    path: ['unit_cost'],
    error: 'is a price by itself: prices of tokens, a tier or batch need a price of their own',
  })
  .refine((price) => price.kind !== 'model' || price.spend_type === undefined || isOfUnits(price), {
    path: ['spend_type'],
    error: 'goes with usage_unit and unit_cost',
  })
  .refine((price) => price.valid_to == null || price.valid_to >= price.valid_from, {
    path: ['valid_to'],
    error: 'must not be before valid_from',
  })
  .meta({
    examples: [
      {
        kind: 'model',
        provider: 'openai',
        model_name: 'gpt-4o*',
        input_cost: 2,
        output_cost: 8,
        currency: 'USD',
        valid_from: '2026-11-01',
      },
    ],
  });
export type CreatePriceBody = z.infer<typeof CreatePriceBody>;

export const UpdatePriceBody = z
  .strictObject({
    ...modelAmounts,
    unit_cost: unitCost.optional(),
    hourly_cost: amount.optional().describe('Of an instance price'),
    currency: Currency.optional(),
    valid_from: Day.optional(),
    valid_to: validity.valid_to,
    note: validity.note,
    if_updated_at: unchangedSince('updated_at'),
  })
  .refine(({ if_updated_at: _, ...body }) => Object.keys(body).length > 0, 'names nothing to change')
  .meta({ examples: [{ valid_to: '2026-12-31' }] });
export type UpdatePriceBody = z.infer<typeof UpdatePriceBody>;

const cost = (description: string) => Money.nullable().describe(description);

export const Price = z
  .object({
    id: z.int().meta({ examples: [1] }),
    kind: z.enum(['model', 'instance']).meta({ examples: ['model'] }),
    provider,
    model_name: z
      .string()
      .nullable()
      .meta({ description: 'null: a price of instances', examples: ['gpt-4o*'] }),
    service_tier: z
      .string()
      .nullable()
      .meta({ description: 'null: not only for one tier', examples: [null] }),
    batch: z
      .boolean()
      .nullable()
      .meta({ description: 'null: however it ran', examples: [null] }),
    input_cost: cost('Per 1,000,000 tokens'),
    output_cost: cost('Per 1,000,000 tokens'),
    cache_read_cost: cost('Per 1,000,000 tokens; null: as input'),
    cache_write_5m_cost: cost('Per 1,000,000 tokens; null: as input'),
    cache_write_1h_cost: cost('Per 1,000,000 tokens; null: as 5 minutes'),
    input_audio_cost: cost('Per 1,000,000 tokens; null: as input'),
    output_audio_cost: cost('Per 1,000,000 tokens; null: as output'),
    request_cost: cost('Per 1,000 requests'),
    usage_unit: z
      .string()
      .nullable()
      .meta({ description: 'null: not a price of units', examples: [null] }),
    unit_cost: cost('Per one of usage_unit'),
    spend_type: z
      .string()
      .nullable()
      .meta({ description: 'Of units: only this kind of usage; null: every kind', examples: [null] }),
    instance_type: z
      .string()
      .nullable()
      .meta({ description: 'null: a price of a model', examples: [null] }),
    region: z
      .string()
      .nullable()
      .meta({ description: 'null: every region', examples: [null] }),
    hourly_cost: cost('Per hour of a running instance'),
    currency: Currency,
    valid_from: Day,
    valid_to: Day.nullable(),
    note: z
      .string()
      .nullable()
      .meta({ examples: ['Contract of 2026'] }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'Price', description: "What the tenant pays, instead of the list's price" });

export const PriceQuery = z.strictObject({
  ...pageQuery,
  kind: z.enum(['model', 'instance']).optional().describe('Only prices of models, or of instances'),
  provider: provider.optional(),
  valid_on: Day.optional().describe('Only what holds on this day'),
});
export type PriceQuery = z.infer<typeof PriceQuery>;
