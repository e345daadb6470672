import { calcPrice, findProvider } from '@pydantic/genai-prices';
import type { ModelPrice, Provider } from '@pydantic/genai-prices';
import { SELF_HOSTED } from '@flotilla/domain';
import type { ModelPriceSheet, TokenPrice } from '@flotilla/domain';

/** Which list, and which version of it: kept with every amount that was computed from it. A test holds it to the package. */
export const MODEL_LIST = 'genai-prices@0.1.8';

export interface ListedModel {
  readonly sheet: ModelPriceSheet;
  /** The list's own name of the model. */
  readonly model: string;
  /** The price changes within the day (some providers are cheaper at night): not to be remembered for the whole of it. */
  readonly changesWithinDay: boolean;
}

/** The list's names of providers, where they are not ours and its own rules would find another. */
const LISTED_AS: Readonly<Record<string, string>> = {
  azure_openai: 'azure',
  azure_ai: 'azure',
  aws_bedrock: 'aws',
  google_vertex: 'google',
  xai: 'x-ai',
};

/**
 * What the public list says that a model cost at a moment; null: the list does not have it.
 *
 * Only the list's data and its matching of names are used: amounts are computed by our own exact arithmetic.
 */
export function listedModel(provider: string, model: string, at: Date): ListedModel | null {
  if (provider === SELF_HOSTED) return null;
  const found = findProvider({ providerId: LISTED_AS[provider] ?? provider });
  if (!found) return null;
  for (const name of spellings(model)) {
    const listed = lookUp(found, name, at);
    if (listed) return listed;
  }
  return null;
}

function lookUp(provider: Provider, model: string, at: Date): ListedModel | null {
  // no usage: nothing is computed, only the prices that hold at the moment are picked
  const found = calcPrice({}, model, { provider, timestamp: at });
  if (!found) return null;
  const { prices, id } = found.model;
  return {
    sheet: sheetOf(found.model_price),
    model: id,
    changesWithinDay: Array.isArray(prices) && prices.some(({ constraint }) => constraint?.type === 'time_of_date'),
  };
}

/** A model as it is spelled, and without the path of an ARN or a resource before it (`…:foundation-model/NAME`). */
function spellings(model: string): string[] {
  const last = model.slice(model.lastIndexOf('/') + 1);
  return /^(arn:|projects\/|publishers\/|models\/)/.test(model) && last !== '' ? [last, model] : [model];
}

function sheetOf(prices: ModelPrice): ModelPriceSheet {
  const of = (key: string): TokenPrice | null => {
    const price = prices[key];
    if (price === undefined || price === null) return null;
    if (typeof price === 'number') return { base: decimal(price), tiers: [] };
    return {
      base: decimal(price.base),
      tiers: price.tiers.map((tier) => ({ start: tier.start, price: decimal(tier.price) })),
    };
  };
  const perRequest = prices['requests_kcount'];
  return {
    input: of('input_mtok'),
    cacheRead: of('cache_read_mtok'),
    cacheWrite5m: of('cache_write_mtok'),
    cacheWrite1h: of('cache_write_1h_mtok'),
    output: of('output_mtok'),
    reasoning: of('output_reasoning_mtok'),
    inputAudio: of('input_audio_mtok'),
    cacheReadAudio: of('cache_audio_read_mtok'),
    outputAudio: of('output_audio_mtok'),
    perThousandRequests: typeof perRequest === 'number' ? decimal(perRequest) : null,
  };
}

/** A price as it is written in the list: the shortest decimal of the number. */
function decimal(price: number): string {
  const printed = String(price);
  return printed.includes('e') ? price.toFixed(12).replace(/\.?0+$/, '') : printed;
}
