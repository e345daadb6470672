import { contextOf, modelCost, totalInput, unitsCost } from '@flotilla/domain';
import type { AiUsage } from '@flotilla/domain';
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

/** Why usage whose tokens nobody told has no price: no list can change that, only a price of the tenant's by the request. */
export const NO_COUNTS = 'the source tells no token counts';

/** The unit of usage that tells nothing but how many requests it was. */
export const REQUESTS = 'requests';

const NO_PARTS = { input: null, cached: null, output: null };

/** Prices a record: what its source says goes before what a list says. What has no price is never 0. */
export function pricedUsage(record: UsageRecord, book: PriceBook, tenantCurrency: string): UsagePrice {
  const { told, of } = record;
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
  const units = unitsOf(record);
  if (units) {
    const price = book.findUnit(of.provider, of.model, record.at, units.unit, of.spendType);
    if (!price.ok) return unpriced(of.usageUnit === null ? NO_COUNTS : price.reason);
    return {
      ...NO_PARTS,
      cost: unitsCost(units.quantity, price.unitCost),
      currency: price.currency,
      origin: 'estimate',
      source: price.source,
      unpricedReason: null,
    };
  }
  const { usage } = record;
  if (!usage) return unpriced(NO_COUNTS);
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

/**
 * What a record without tokens is counted in: what its source says, or requests where it says only their number. null: in
 * tokens. Where both are told the tokens are what is paid for (an image model's tokens, beside its number of images).
 */
function unitsOf({ usage, quantity, requests, of }: UsageRecord): { unit: string; quantity: string } | null {
  if (usage && (quantity === null || Number(quantity) === 0 || tokensOf(usage) > 0)) return null;
  if (quantity !== null && of.usageUnit !== null) return { unit: of.usageUnit, quantity };
  return requests === null ? null : { unit: REQUESTS, quantity: String(requests) };
}

function isNothing({ usage, errors, requests }: UsageRecord): boolean {
  if (!usage || errors === 0 || (requests !== null && errors < requests)) return false;
  return tokensOf(usage) === 0;
}

const tokensOf = (usage: AiUsage) => totalInput(usage) + usage.output;
