import Big from 'big.js';
import { totalInput } from '../ai-usage/index.js';
import type { AiUsage } from '../ai-usage/index.js';
import type { ModelPriceSheet, TokenPrice } from './sheet.js';

/** How the tokens were used, as far as it changes what they cost. */
export interface PricedHow {
  /** How many requests; null: not told. */
  readonly requests: number | null;
  /** Tokens of one request's context, by which tiers are chosen: see `contextOf`. */
  readonly contextTokens: number;
  /** Decimal: see `tierFactor`. */
  readonly factor: string;
}

export type ModelCost =
  | {
      readonly ok: true;
      /** Decimals, exact, in the sheet's currency. `cost` is the sum of the others, and of what requests cost. */
      readonly cost: string;
      readonly input: string;
      /** Cache reads and writes. */
      readonly cached: string;
      readonly output: string;
    }
  | { readonly ok: false; readonly reason: string };

type Of = 'input' | 'cached' | 'output';
const ZERO = new Big(0);
const MILLIONTH = new Big('0.000001');
const THOUSANDTH = new Big('0.001');

/**
 * Tokens times prices, exactly: no rounding, no binary fractions.
 *
 * A part without a price of its own costs what the part around it does: a cache write of an hour as one of five minutes,
 * that and a cache read as input, audio as text. Where the input or the output has no price at all and was used, the
 * whole is unpriced.
 */
export function modelCost(usage: AiUsage, sheet: ModelPriceSheet, how: PricedHow): ModelCost {
  const audio = usage.audio ?? { uncachedInput: 0, cacheRead: 0, output: 0 };
  const reasoning = sheet.reasoning === null ? 0 : (usage.reasoning ?? 0);
  const write5m = sheet.cacheWrite5m ?? sheet.input;
  const cacheRead = sheet.cacheRead ?? sheet.input;
  const parts: readonly (readonly [of: Of, tokens: number, price: TokenPrice | null, name: string])[] = [
    ['input', usage.uncachedInput - audio.uncachedInput, sheet.input, 'input'],
    ['input', audio.uncachedInput, sheet.inputAudio ?? sheet.input, 'audio input'],
    ['cached', usage.cacheRead - audio.cacheRead, cacheRead, 'cached input'],
    ['cached', audio.cacheRead, sheet.cacheReadAudio ?? cacheRead, 'cached audio input'],
    ['cached', usage.cacheWrite5m, write5m, 'cache writes'],
    ['cached', usage.cacheWrite1h, sheet.cacheWrite1h ?? write5m, 'cache writes of an hour'],
    ['output', usage.output - audio.output - reasoning, sheet.output, 'output'],
    ['output', audio.output, sheet.outputAudio ?? sheet.output, 'audio output'],
    ['output', reasoning, sheet.reasoning, 'reasoning'],
  ];
  const sums: Record<Of, Big> = { input: ZERO, cached: ZERO, output: ZERO };
  for (const [of, tokens, price, name] of parts) {
    if (tokens === 0) continue;
    if (tokens < 0) return { ok: false, reason: `the parts of the ${name} are larger than the whole` };
    if (price === null) return { ok: false, reason: `the price list has no price for ${name} of this model` };
    const costs = new Big(tokens).times(priceAt(price, how.contextTokens));
    sums[of] = sums[of] === ZERO ? costs : sums[of].plus(costs);
  }
  const of = (perMillion: Big) => {
    if (perMillion === ZERO) return ZERO;
    const cost = perMillion.times(MILLIONTH);
    return how.factor === '1' ? cost : cost.times(how.factor);
  };
  const [input, cached, output] = [of(sums.input), of(sums.cached), of(sums.output)];
  let cost = input.plus(output);
  if (cached !== ZERO) cost = cost.plus(cached);
  if (sheet.perThousandRequests !== null) {
    if (how.requests === null)
      return { ok: false, reason: 'the model costs by the request, and their count is missing' };
    cost = cost.plus(new Big(sheet.perThousandRequests).times(how.requests).times(THOUSANDTH));
  }
  return {
    ok: true,
    cost: cost.toFixed(),
    input: input.toFixed(),
    cached: cached.toFixed(),
    output: output.toFixed(),
  };
}

function priceAt({ base, tiers }: TokenPrice, contextTokens: number): string {
  let price = base;
  for (const tier of tiers) if (contextTokens > tier.start) price = tier.price;
  return price;
}

/**
 * The context of one request: what the provider says of the bucket (`200k-1M`), else the input itself for one request,
 * else the average. A sum of unknown many requests says nothing about one: the lowest tier, 0.
 */
export function contextOf(usage: AiUsage, requests: number | null, contextWindow: string | null): number {
  const told = contextWindow === null ? null : /^(\d{1,6})(k|m)?\s*-/i.exec(contextWindow.trim());
  if (told) {
    const unit = told[2]?.toLowerCase();
    const from = Number(told[1]) * (unit === 'k' ? 1_000 : unit === 'm' ? 1_000_000 : 1);
    return from === 0 ? 0 : from + 1;
  }
  return requests === null || requests === 0 ? 0 : Math.ceil(totalInput(usage) / requests);
}

/** What a quantity of units comes to, exactly. Both are decimals. */
export const unitsCost = (quantity: string, unitCost: string): string => new Big(quantity).times(unitCost).toFixed();

/** Sums of decimals without rounding. */
export function sumDecimals(amounts: readonly string[]): string {
  return amounts.reduce((sum, amount) => sum.plus(amount), new Big(0)).toFixed();
}
