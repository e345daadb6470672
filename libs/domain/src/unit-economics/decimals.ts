import Big from 'big.js';

/** `amount × times ÷ by`, to 12 digits; null where there is nothing to divide or to divide by. */
export function divided(amount: string | null, by: string | null, times = 1): string | null {
  if (amount === null || by === null || new Big(by).eq(0)) return null;
  return new Big(new Big(amount).times(times).div(by).toFixed(12)).toFixed();
}

/** A product of decimals, exactly. */
export const multiplied = (amount: string, times: string | number): string => new Big(amount).times(times).toFixed();
