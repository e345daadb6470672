import { dayNumber, dayText } from './days.js';
import type { SpendSeries } from './projection.js';

/** How fast the amount is used up: 1 is exactly the pace at which it lasts to the period's last day. */
export interface BurnRates {
  /** Yesterday; null: no charge yet, or a budget of zero. */
  readonly day: number | null;
  /** The last seven days that are over. */
  readonly week: number | null;
}

export function burnRates(
  series: readonly SpendSeries[],
  period: { readonly firstCostDay: string; readonly lastCostDay: string; readonly today: string },
  amount: number,
): BurnRates {
  const days = dayNumber(period.lastCostDay) - dayNumber(period.firstCostDay) + 1;
  const pace = amount / days;
  if (pace <= 0 || series.every((one) => one.days.size === 0)) return { day: null, week: null };
  const today = dayNumber(period.today);
  const over = (back: number) => {
    let sum = 0;
    for (let i = 1; i <= back; i++) for (const one of series) sum += one.days.get(dayText(today - i)) ?? 0;
    return sum / back / pace;
  };
  return { day: over(1), week: over(7) };
}
