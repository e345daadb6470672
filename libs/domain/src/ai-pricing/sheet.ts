import type { AiUsage } from '../ai-usage/index.js';

/** A price per million tokens; from `start` tokens of context on (exclusive) another one holds for the whole request. */
export interface TokenPrice {
  /** Decimal, per 1,000,000 tokens. */
  readonly base: string;
  /** Ascending by `start`. */
  readonly tiers: readonly { readonly start: number; readonly price: string }[];
}

/** What a model costs, part by part of an `AiUsage`. null: the list has no price of its own for that part. */
export interface ModelPriceSheet {
  readonly input: TokenPrice | null;
  readonly cacheRead: TokenPrice | null;
  readonly cacheWrite5m: TokenPrice | null;
  readonly cacheWrite1h: TokenPrice | null;
  readonly output: TokenPrice | null;
  /** Only where reasoning has another price than the rest of the output. */
  readonly reasoning: TokenPrice | null;
  readonly inputAudio: TokenPrice | null;
  readonly cacheReadAudio: TokenPrice | null;
  readonly outputAudio: TokenPrice | null;
  /** Decimal, per 1,000 requests, besides the tokens. */
  readonly perThousandRequests: string | null;
}

/** A sheet from per-million prices, as people write them down; what is left out is null. */
export function flatSheet(prices: Partial<Record<keyof ModelPriceSheet, string | null>>): ModelPriceSheet {
  const flat = (price: string | null | undefined) => (price == null ? null : { base: price, tiers: [] });
  return {
    input: flat(prices.input),
    cacheRead: flat(prices.cacheRead),
    cacheWrite5m: flat(prices.cacheWrite5m),
    cacheWrite1h: flat(prices.cacheWrite1h),
    output: flat(prices.output),
    reasoning: flat(prices.reasoning),
    inputAudio: flat(prices.inputAudio),
    cacheReadAudio: flat(prices.cacheReadAudio),
    outputAudio: flat(prices.outputAudio),
    perThousandRequests: prices.perThousandRequests ?? null,
  };
}

/** Words for the tier that everybody gets. */
const USUAL_TIERS: readonly string[] = ['default', 'standard', 'auto', 'standard_only', 'on_demand', 'on-demand'];
/** Half price by batch, and by flex where it exists: as their price pages say (read November 2026). */
const HALF_BY_BATCH: readonly string[] = [
  'openai',
  'azure_openai',
  'anthropic',
  'aws_bedrock',
  'google_vertex',
  'google',
];
const HALF_BY_FLEX: readonly string[] = ['openai', 'google_vertex', 'google'];

/**
 * By what a list price is multiplied for how the request ran.
 *
 * @returns a decimal, or why no price is known for it (priority and provisioned tiers are contracts of their own)
 */
export function tierFactor(
  provider: string,
  { batch, tier }: Pick<AiUsage, 'batch' | 'tier'>,
): { readonly factor: string } | { readonly reason: string } {
  const word = tier?.toLowerCase() ?? null;
  if (batch === true || word === 'batch') {
    return HALF_BY_BATCH.includes(provider)
      ? { factor: '0.5' }
      : { reason: `no price is known for the batch interface of ${provider}` };
  }
  if (word === null || USUAL_TIERS.includes(word)) return { factor: '1' };
  if (word === 'flex' && HALF_BY_FLEX.includes(provider)) return { factor: '0.5' };
  return { reason: `no price is known for the tier ${word.slice(0, 40)} of ${provider}` };
}
