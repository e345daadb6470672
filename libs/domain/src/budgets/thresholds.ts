import { compareDecimals, multiplyDecimals } from '../allocation/decimal.js';
import type { BurnRates } from './burn.js';
import type { Projection } from './projection.js';

/**
 * actual: the period's cost so far. forecast_p50, forecast_p80: what it comes to with a probability of 50 or 80 % at most.
 * burn_rate: pace of the last week and of the last day, 100 being the pace at which the amount lasts.
 */
export const THRESHOLD_BASES = ['actual', 'forecast_p50', 'forecast_p80', 'burn_rate'] as const;
export type ThresholdBasis = (typeof THRESHOLD_BASES)[number];

export interface BudgetThreshold {
  readonly basis: ThresholdBasis;
  /** Percent of the amount; with burn_rate of the even pace. */
  readonly percent: number;
}

/**
 * Which thresholds are reached: at the boundary counts as reached (`>=`). Cost so far is compared exactly.
 *
 * A budget of zero means that nothing may be spent: it is reached by the first cent, not by nothing at all. A burn rate
 * must hold over the week (it matters) and over the last day (it still goes on). Without an interval there is no
 * forecast_p80, and without a forecast no forecast_p50: they are not reached.
 */
export function reachedThresholds(
  thresholds: readonly BudgetThreshold[],
  amount: string,
  actual: string,
  projection: Pick<Projection, 'p50' | 'p80'>,
  burn: BurnRates,
): BudgetThreshold[] {
  const zero = compareDecimals(amount, '0') === 0;
  const forecast = (value: number | null, percent: number) => {
    const limit = (Number(amount) * percent) / 100;
    return value !== null && (zero ? value > 0 : value >= limit);
  };
  return thresholds.filter(({ basis, percent }) => {
    switch (basis) {
      case 'actual': {
        if (zero) return compareDecimals(actual, '0') > 0;
        // percent has few digits: times the amount, against a hundred times the cost
        const limit = multiplyDecimals(amount, String(percent));
        return compareDecimals(multiplyDecimals(actual, '100'), limit) >= 0;
      }
      case 'forecast_p50':
        return forecast(projection.p50, percent);
      case 'forecast_p80':
        return forecast(projection.p80, percent);
      case 'burn_rate':
        return burn.day !== null && burn.week !== null && burn.day * 100 >= percent && burn.week * 100 >= percent;
    }
  });
}
