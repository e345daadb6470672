import { Big } from 'big.js';

const WHOLE_DIGITS = 15;
const DECIMALS = 18;
const LIMIT = new Big(10).pow(WHOLE_DIGITS);
const SHAPE = /^[+-]?\d{1,40}(\.\d{0,60})?([eE][+-]?\d{1,3})?$/;

/**
 * A sum as exact decimal text (`0.0051256592`), or null for what is none: NaN, text, more than 15 digits before the
 * point. Text is taken digit by digit; a number as JSON printed it, so 0.06 is 0.06 and not what a double makes of it.
 * Beyond 18 decimals it is rounded half to even: 10^-18 of a dollar is not money.
 *
 * @param unit what one of `value` is worth in the currency: '0.01' for cents
 */
export function exactAmount(value: unknown, unit = '1'): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value).trim();
  if (!SHAPE.test(text)) return null;
  const amount = new Big(text).times(unit);
  if (amount.abs().gte(LIMIT)) return null;
  return plain(amount);
}

/** a + b, exact. */
export const addAmounts = (a: string, b: string): string => plain(new Big(a).plus(b));

export const isNegative = (amount: string): boolean => new Big(amount).lt(0);

function plain(amount: Big): string {
  const rounded = amount.round(DECIMALS, Big.roundHalfEven);
  return rounded.eq(0) ? '0' : rounded.toFixed();
}
