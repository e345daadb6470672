import Big from 'big.js';

/**
 * What GPUs cost in a day, by currency. Currencies are never added up: a rate belongs to a day, and this is about no day.
 *
 * @param prices of an hour, one per GPU, as decimal texts; null: not known, which is counted and not free
 */
export function costOfADay(prices: readonly { readonly currency: string; readonly price: string | null }[]): {
  readonly byCurrency: readonly { readonly currency: string; readonly amount: string }[];
  readonly unpriced: number;
} {
  const sums = new Map<string, Big>();
  let unpriced = 0;
  for (const { currency, price } of prices) {
    if (price === null) unpriced += 1;
    else sums.set(currency, (sums.get(currency) ?? new Big(0)).plus(price));
  }
  const byCurrency = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  return { byCurrency: byCurrency.map(([currency, sum]) => ({ currency, amount: sum.times(24).toFixed() })), unpriced };
}
