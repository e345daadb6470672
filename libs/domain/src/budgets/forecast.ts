import { weekdayOf } from './days.js';

/** none: fewer days than a week. run_rate: the mean of the days, no interval. weekday_profile: level and weekdays, with intervals. */
export const FORECAST_METHODS = ['none', 'run_rate', 'weekday_profile'] as const;
export type ForecastMethod = (typeof FORECAST_METHODS)[number];

/** Days of history: fewer than these make no mean; no weekday profile; the most that are looked at; those that the level is of. */
export const FORECAST_DAYS = { runRate: 7, profile: 21, most: 56, level: 28 } as const;
/** Residuals are drawn in runs of a week, so that what hangs together from day to day stays together. */
const BLOCK_DAYS = 7;

/** Sum of the days to come. */
export interface RestForecast {
  readonly method: ForecastMethod;
  /** null with `none`. */
  readonly expected: number | null;
  /** Expected amount of each day to come; empty with `none`. */
  readonly daily: readonly number[];
  /** Drawn sums, ascending; null without an interval. */
  readonly draws: readonly number[] | null;
}

export interface ForecastOptions {
  /** Draws of the bootstrap. */
  readonly draws: number;
  readonly random: () => number;
  /** Part of the first day to come that is spent already: that day comes to this at least. null: nothing is known. */
  readonly firstDaySoFar: number | null;
}

/**
 * Forecasts the sum of the next `days` days.
 *
 * Weekday profile: forecast = level (mean of the last four weeks, less the profile) + profile (mean of each weekday less
 * the mean of all, over at most eight weeks). Both are linear in the history, so each day of history has a weight in the
 * forecast sum, and a draw of the bootstrap is: forecast + sum of drawn residuals over the days to come - the same weights
 * applied to drawn residuals of the past. The second part is what we do not know of level and profile themselves; without it
 * the intervals are too narrow. Residuals are drawn in blocks of a week around a circle, widened for what the fit used up.
 *
 * @param history daily amounts, gapless, ascending, the last one the day before the first to come
 * @param firstDay day number of the first day to come
 */
export function forecastRest(
  history: readonly number[],
  firstDay: number,
  days: number,
  options: ForecastOptions,
): RestForecast {
  const past = history.slice(-FORECAST_DAYS.most);
  const n = past.length;
  if (n < FORECAST_DAYS.runRate) return { method: 'none', expected: null, daily: [], draws: null };
  if (n < FORECAST_DAYS.profile) {
    const mean = sum(past) / n;
    const daily = atLeast(Array<number>(days).fill(mean), options.firstDaySoFar);
    return { method: 'run_rate', expected: sum(daily), daily, draws: null };
  }
  const fit = fitted(past, firstDay - n);
  const plain = Array.from({ length: days }, (_, i) => fit.level + fit.profile[weekdayOf(firstDay + i)]!);
  // a credit that comes later today may take back what was spent: then today's part bounds nothing
  const neverNegative = history.every((value) => value >= 0);
  const bounded = neverNegative ? options : { ...options, firstDaySoFar: null };
  const floored = neverNegative ? plain.map((value) => Math.max(0, value)) : plain;
  const daily = atLeast(floored, bounded.firstDaySoFar);
  return {
    method: 'weekday_profile',
    expected: sum(daily),
    daily,
    draws: bootstrap(fit, plain, firstDay, n, neverNegative, bounded),
  };
}

interface Fit {
  readonly level: number;
  readonly profile: readonly number[];
  readonly residuals: readonly number[];
  /** Days of each weekday in the history. */
  readonly seen: readonly number[];
}

function fitted(past: readonly number[], firstPastDay: number): Fit {
  const mean = sum(past) / past.length;
  const totals = Array<number>(7).fill(0);
  const seen = Array<number>(7).fill(0);
  past.forEach((value, i) => {
    totals[weekdayOf(firstPastDay + i)]! += value - mean;
    seen[weekdayOf(firstPastDay + i)]! += 1;
  });
  const profile = totals.map((total, weekday) => total / seen[weekday]!);
  const lately = past.slice(-FORECAST_DAYS.level);
  const offset = past.length - lately.length;
  const level =
    lately.reduce((total, value, i) => total + value - profile[weekdayOf(firstPastDay + offset + i)]!, 0) /
    lately.length;
  // seven weekdays were fitted: what is left varies less than what is to come
  const widened = Math.sqrt(past.length / (past.length - 7));
  const raw = past.map((value, i) => value - mean - profile[weekdayOf(firstPastDay + i)]!);
  const centre = sum(raw) / raw.length;
  return { level, profile, residuals: raw.map((value) => (value - centre) * widened), seen };
}

function bootstrap(
  fit: Fit,
  plain: readonly number[],
  firstDay: number,
  n: number,
  neverNegative: boolean,
  { draws, random, firstDaySoFar }: ForecastOptions,
): number[] {
  const expected = sum(plain);
  const weights = historyWeights(fit.seen, plain.length, firstDay, n);
  const noise = new Float64Array(Math.max(n, plain.length));
  const result: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    drawNoise(noise, n, fit.residuals, random);
    let unknown = 0;
    for (let i = 0; i < n; i++) unknown += weights[i]! * noise[i]!;
    drawNoise(noise, plain.length, fit.residuals, random);
    let total = expected - unknown;
    for (let i = 0; i < plain.length; i++) total += noise[i]!;
    if (firstDaySoFar !== null && plain.length > 0) {
      const first = plain[0]! + noise[0]!;
      total += Math.max(first, firstDaySoFar) - first;
    }
    result.push(neverNegative ? Math.max(total, firstDaySoFar ?? 0, 0) : total);
  }
  return result.sort((a, b) => a - b);
}

/** The weight of each day of history in the forecast sum of `days` days: what `fitted` does, written as a linear form. */
function historyWeights(seen: readonly number[], days: number, firstDay: number, n: number): Float64Array {
  const lately = Math.min(n, FORECAST_DAYS.level);
  // the profile is counted once for every day to come, and less once for every day of the level
  const profileWeight = Array<number>(7).fill(0);
  for (let i = 0; i < days; i++) profileWeight[weekdayOf(firstDay + i)]! += 1;
  for (let i = 1; i <= lately; i++) profileWeight[weekdayOf(firstDay - i)]! -= days / lately;
  const fromMean = -sum(profileWeight) / n;
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const weekday = weekdayOf(firstDay - n + i);
    weights[i] = fromMean + profileWeight[weekday]! / seen[weekday]! + (i >= n - lately ? days / lately : 0);
  }
  return weights;
}

function drawNoise(into: Float64Array, length: number, residuals: readonly number[], random: () => number): void {
  for (let from = 0; from < length; from += BLOCK_DAYS) {
    let at = Math.floor(random() * residuals.length);
    for (let i = from; i < from + BLOCK_DAYS && i < length; i++) {
      into[i] = residuals[at]!;
      at = at + 1 === residuals.length ? 0 : at + 1;
    }
  }
}

function atLeast(daily: number[], firstDaySoFar: number | null): number[] {
  if (firstDaySoFar !== null && daily.length > 0) daily[0] = Math.max(daily[0]!, firstDaySoFar);
  return daily;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
