import { dayNumber, dayText } from './days.js';
import type { BudgetPeriod } from './period.js';
import { projectPeriod } from './projection.js';
import type { SpendSeries } from './projection.js';

/** How often past projections were right. */
export interface Coverage {
  /** Past periods that a projection with an interval could be made for. */
  readonly periods: number;
  /** Share of them whose cost fell into the interval; null when there are none. */
  readonly within80: number | null;
  readonly within95: number | null;
  /** Median of |projected - actual| / actual; null when there are none, or they cost nothing. */
  readonly medianError: number | null;
  /** Every earlier period that something is known of, newest first. */
  readonly past: readonly PastPeriod[];
}

/** What an earlier period came to, and what would have been said of it at the place where its successor is now. */
export interface PastPeriod {
  /** First and last local day. */
  readonly firstDay: string;
  readonly lastDay: string;
  readonly actual: number;
  /** false: its first days are older than what is known, so it cost more. */
  readonly whole: boolean;
  /** null: there was too little history before it. */
  readonly projected: number | null;
  readonly interval80: { readonly low: number; readonly high: number } | null;
}

/**
 * Rolling origin: every earlier period is projected as it would have been at the same place within it, from the days before
 * that only, and compared with what it came to. Days are taken as they are known today: late data is not played again.
 *
 * @param elapsedDays how far into its period today is
 */
export function coverageOf(
  series: readonly SpendSeries[],
  earlier: readonly BudgetPeriod[],
  elapsedDays: number,
  options: { readonly draws: number; readonly random: () => number },
): Coverage {
  const total = totalOf(series);
  let [periods, within80, within95] = [0, 0, 0];
  const errors: number[] = [];
  const past: PastPeriod[] = [];
  const known = [...total.keys()].reduce((least, day) => Math.min(least, dayNumber(day)), Infinity);
  for (const { firstCostDay, lastCostDay, firstDay, lastDay } of earlier) {
    const [first, last] = [dayNumber(firstCostDay), dayNumber(lastCostDay)];
    const origin = Math.min(first + elapsedDays, last);
    const before = new Map([...total].filter(([day]) => dayNumber(day) < origin));
    const projection = projectPeriod({
      firstCostDay,
      lastCostDay,
      today: dayText(origin),
      actual: String(sumOf(before, first, origin - 1).toFixed(6)),
      series: [{ provider: '', days: before }],
      completion: new Map(),
      amount: 0,
      draws: options.draws,
      random: options.random,
    });
    const actual = sumOf(total, first, last);
    const { projected, interval80 } = projection;
    if (last >= known) past.push({ firstDay, lastDay, actual, whole: first >= known, projected, interval80 });
    if (projection.interval80 === null || projection.interval95 === null) continue;
    periods++;
    if (actual >= projection.interval80.low && actual <= projection.interval80.high) within80++;
    if (actual >= projection.interval95.low && actual <= projection.interval95.high) within95++;
    if (actual !== 0) errors.push(Math.abs(projection.projected! - actual) / Math.abs(actual));
  }
  const share = (hits: number) => (periods === 0 ? null : hits / periods);
  errors.sort((a, b) => a - b);
  return {
    periods,
    within80: share(within80),
    within95: share(within95),
    medianError: errors.length === 0 ? null : errors[Math.floor((errors.length - 1) / 2)]!,
    past,
  };
}

function totalOf(series: readonly SpendSeries[]): Map<string, number> {
  const total = new Map<string, number>();
  for (const { days } of series) for (const [day, amount] of days) total.set(day, (total.get(day) ?? 0) + amount);
  return total;
}

function sumOf(days: ReadonlyMap<string, number>, first: number, last: number): number {
  let sum = 0;
  for (let day = first; day <= last; day++) sum += days.get(dayText(day)) ?? 0;
  return sum;
}
