import { modelCost, multiplied } from '@flotilla/domain';
import type { TokenMix } from '@flotilla/domain';
import type { PriceBook } from '../prices/index.js';

/** What an API asks for tokens that own GPUs served; money is decimal, in the tenant's currency. */
export interface ApiQuote {
  readonly provider: string;
  readonly model_name: string;
  readonly price_source: string;
  readonly cost: string;
}

/** An API model that there is nothing to compare with. */
export interface NoApiQuote {
  readonly provider: string;
  readonly model_name: string;
  /** A sentence for a person. */
  readonly reason: string;
}

export interface ApiQuotes {
  readonly known: readonly ApiQuote[];
  readonly unknown: NoApiQuote[];
}

interface Served {
  readonly tokens: TokenMix;
  readonly requests: string;
}

interface Money {
  readonly currency: string;
  /** One USD in it; null: nobody gave a rate. */
  readonly usd_rate: string | null;
}

/**
 * What the same tokens and requests cost at API models, `provider/model` each, at the prices of a day (`YYYY-MM-DD`).
 * A model without a price is told with its reason: left out silently, it would look as if nobody had asked for it.
 */
export function apiQuotes(
  book: PriceBook,
  names: readonly string[],
  served: Served,
  day: string,
  money: Money,
): ApiQuotes {
  const known: ApiQuote[] = [];
  const unknown: NoApiQuote[] = [];
  for (const name of names) {
    const slash = name.indexOf('/');
    const model = { provider: name.slice(0, slash), model_name: name.slice(slash + 1) };
    const found = quote(book, model, served, day, money);
    if ('reason' in found) unknown.push({ ...model, ...found });
    else known.push({ ...model, ...found });
  }
  return { known, unknown };
}

function quote(
  book: PriceBook,
  { provider, model_name }: Pick<ApiQuote, 'provider' | 'model_name'>,
  { tokens, requests }: Served,
  day: string,
  money: Money,
): Pick<ApiQuote, 'price_source' | 'cost'> | { readonly reason: string } {
  const found = book.find(provider, model_name, new Date(`${day}T00:00:00Z`), { batch: null, tier: null });
  if (!found.ok) return { reason: found.reason };
  const rate = found.currency === money.currency ? '1' : found.currency === 'USD' ? money.usd_rate : null;
  if (rate === null) return { reason: `its price is in ${found.currency}, and no rate to ${money.currency} is known` };
  const usage = {
    uncachedInput: Number(tokens.input),
    cacheRead: Number(tokens.cached),
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    output: Number(tokens.output),
    reasoning: null,
    batch: null,
    tier: null,
  };
  const cost = modelCost(usage, found.sheet, { requests: Number(requests), contextTokens: 0, factor: found.factor });
  if (!cost.ok) return { reason: cost.reason };
  return { price_source: found.source, cost: multiplied(cost.cost, rate) };
}
