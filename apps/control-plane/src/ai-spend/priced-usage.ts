import { contextOf, modelCost } from '@flotilla/domain';
import type { PriceBook } from '../prices/index.js';
import type { UsageRecord } from './usage-record.js';

/** What a record cost, or why nobody knows. Decimals in `currency`. */
export interface UsagePrice {
  readonly cost: string | null;
  readonly input: string | null;
  readonly cached: string | null;
  readonly output: string | null;
  readonly currency: string;
  readonly origin: 'estimate' | 'provider' | 'reported' | null;
  /** The list with its version, `price:ID` of the tenant, or who told it. */
  readonly source: string | null;
  readonly unpricedReason: string | null;
}

/** Why usage whose tokens nobody told has no price: no list can change that. */
export const NO_COUNTS = 'the source tells no token counts';

const NO_PARTS = { input: null, cached: null, output: null };

/** Prices a record: what its source says goes before what a list says. What has no price is never 0. */
export function pricedUsage(record: UsageRecord, book: PriceBook, tenantCurrency: string): UsagePrice {
  const { usage, told, of } = record;
  if (told) {
    return {
      ...NO_PARTS,
      cost: told.cost,
      currency: told.currency ?? tenantCurrency,
      origin: told.by,
      source: told.by,
      unpricedReason: null,
    };
  }
  const unpriced = (reason: string): UsagePrice => ({
    ...NO_PARTS,
    cost: null,
    currency: tenantCurrency,
    origin: null,
    source: null,
    unpricedReason: reason,
  });
  if (!usage) return unpriced(of.usageUnit === null ? NO_COUNTS : `no price is known for ${of.usageUnit}`);
  if (isNothing(record)) {
    // a request that failed before a token was read costs nothing with every provider, also those that we have no price of
    return {
      cost: '0',
      input: '0',
      cached: '0',
      output: '0',
      currency: 'USD',
      origin: 'estimate',
      source: 'failed',
      unpricedReason: null,
    };
  }
  const price = book.find(of.provider, of.model, record.at, usage);
  if (!price.ok) return unpriced(price.reason);
  const cost = modelCost(usage, price.sheet, {
    requests: record.requests,
    contextTokens: contextOf(usage, record.requests, of.contextWindow),
    factor: price.factor,
  });
  if (!cost.ok) return unpriced(cost.reason);
  const { ok: _, ...amounts } = cost;
  return { ...amounts, currency: price.currency, origin: 'estimate', source: price.source, unpricedReason: null };
}

function isNothing({ usage, errors, requests }: UsageRecord): boolean {
  if (!usage || errors === 0 || (requests !== null && errors < requests)) return false;
  return usage.uncachedInput + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h + usage.output === 0;
}
