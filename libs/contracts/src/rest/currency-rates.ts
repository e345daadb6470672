import { z } from 'zod';
import { Currency, Timestamp } from './common.js';
import { Id, pageQuery, unchangedSince } from './query.js';

/** Currencies are worth at most some ten million of another; what is beyond is a mistake of the decimal point. */
const RATE = /^(?=.*[1-9])\d{1,12}(\.\d{1,18})?$/;
const SPELLING = 'expected a positive decimal of at most 12 digits before and 18 after the point';

/** ISO 4217 as this machine's tables know it, so that a slip of the finger is no currency. */
const KNOWN: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));
const KnownCurrency = Currency.refine((code) => KNOWN.has(code), 'expected a currency of ISO 4217');

export const CurrencyRateQuery = z.strictObject({
  ...pageQuery,
  base: Currency.optional().describe('Only from this currency'),
  quote: Currency.optional().describe('Only into this currency'),
});
export type CurrencyRateQuery = z.infer<typeof CurrencyRateQuery>;

export const CurrencyRateId = Id;

const rateBody = z.strictObject({
  base: KnownCurrency.meta({ description: 'What is worth', examples: ['EUR'] }),
  quote: KnownCurrency.meta({ description: 'so much of this', examples: ['USD'] }),
  day: z.iso.date().meta({
    description: 'UTC day from which on the rate holds, until the day of the next one; not in the future',
    examples: ['2026-11-01'],
  }),
  rate: z
    .union([z.string(), z.number()])
    .transform(String)
    .pipe(z.string().regex(RATE, SPELLING))
    .meta({ description: 'A number, or its text where a double cannot hold all digits', examples: ['1.0875'] }),
});
export const CurrencyRateBody = rateBody.refine(({ base, quote }) => base !== quote, {
  path: ['quote'],
  message: 'expected another currency than base',
});
export type CurrencyRateBody = z.infer<typeof CurrencyRateBody>;

export const UpdateCurrencyRateBody = z
  .strictObject({
    rate: rateBody.shape.rate.optional(),
    day: rateBody.shape.day.optional(),
    if_set_at: unchangedSince('set_at'),
  })
  .refine(({ rate, day }) => rate !== undefined || day !== undefined, 'names nothing to change')
  .meta({ examples: [{ rate: '1.0875' }] });
export type UpdateCurrencyRateBody = z.infer<typeof UpdateCurrencyRateBody>;

export const CurrencyRate = z
  .object({
    id: z.int().meta({ examples: [1] }),
    base: Currency,
    quote: Currency,
    day: z.iso.date().meta({ examples: ['2026-11-01'] }),
    rate: z.string().meta({ description: 'Decimal, with every digit that was given', examples: ['1.0875'] }),
    set_by: z.string().meta({ examples: ['admin@example.com'] }),
    set_at: Timestamp,
  })
  .meta({ id: 'CurrencyRate' });
