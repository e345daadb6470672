import { completedAmount } from './completion.js';
import { dayNumber, dayText } from './days.js';
import { forecastRest } from './forecast.js';
import type { ForecastMethod } from './forecast.js';

/** A source's days (a provider of a budget): its lateness is its own. */
export interface SpendSeries {
  readonly provider: string;
  /** `YYYY-MM-DD` → amount; a day without a charge is not there. */
  readonly days: ReadonlyMap<string, number>;
  /** Days that are told by another source, at once and whole: nothing more is to come for them. */
  readonly whole?: ReadonlySet<string>;
}

export interface ProjectionInput {
  /** First and last UTC cost day of the period, included. */
  readonly firstCostDay: string;
  readonly lastCostDay: string;
  /** The UTC day of now: its charges are not all there yet. */
  readonly today: string;
  /** The period's cost so far, exact. */
  readonly actual: string;
  readonly series: readonly SpendSeries[];
  /** By provider: age in days → share that is known (`completionByAge`). */
  readonly completion: ReadonlyMap<string, ReadonlyMap<number, number>>;
  readonly amount: number;
  readonly draws: number;
  readonly random: () => number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** What the period comes to at its end. Statistics: floating numbers, not amounts that anything is added up from. */
export interface Projection {
  /** actual: nothing remains to be forecast. Else how the rest was. */
  readonly method: ForecastMethod | 'actual';
  /** Days that the forecast had to learn from. */
  readonly historyDays: number;
  /** What late data is expected to add to the days that are over. */
  readonly lateData: number;
  readonly remainingDays: number;
  /** null: too little is known. */
  readonly projected: number | null;
  readonly p50: number | null;
  readonly p80: number | null;
  readonly interval80: Interval | null;
  readonly interval95: Interval | null;
  /** Probability that the period ends at or above the amount; null without an interval. */
  readonly overrun: number | null;
}

/** Longest history that is looked at. */
const MOST_HISTORY = 120;

/**
 * Projects a period: cost so far + what late data still adds + a forecast of the days to come, today included.
 *
 * @throws RangeError when the period's last day is before its first
 */
export function projectPeriod(input: ProjectionInput): Projection {
  const [first, last, today] = [input.firstCostDay, input.lastCostDay, input.today].map(dayNumber) as [
    number,
    number,
    number,
  ];
  if (last < first) throw new RangeError(`the period ends on ${input.lastCostDay}, before it begins`);
  const known = knownDays(input, today);
  const actual = Number(input.actual);
  const late = known.late(first, Math.min(last, today - 1));
  const spent = actual + late;
  const from = Math.max(first, today);
  const remainingDays = Math.max(0, last - from + 1);
  const beside = { historyDays: known.history.length, lateData: late, remainingDays };
  if (remainingDays === 0) {
    const overrun = spent >= input.amount && !(input.amount === 0 && spent === 0) ? 1 : 0;
    return { method: 'actual', ...beside, projected: spent, p50: spent, p80: spent, ...NO_INTERVAL, overrun };
  }
  // days between today and a period that begins later would have to be forecast too, and are no part of the sum
  const inPeriod = today >= first && today <= last;
  const soFar = inPeriod ? known.todaySoFar : null;
  const rest = forecastRest(known.history, from, remainingDays, {
    draws: input.draws,
    random: input.random,
    firstDaySoFar: soFar,
  });
  if (rest.expected === null) {
    return { method: 'none', ...beside, projected: null, p50: null, p80: null, ...NO_INTERVAL, overrun: null };
  }
  // today's part is within the forecast of today
  const base = spent - (soFar ?? 0);
  const projected = base + rest.expected;
  if (rest.draws === null) {
    return { method: rest.method, ...beside, projected, p50: projected, p80: null, ...NO_INTERVAL, overrun: null };
  }
  const draws = rest.draws;
  const at = (share: number) => base + quantile(draws, share);
  const over = draws.filter((draw) => base + draw >= input.amount).length;
  return {
    method: rest.method,
    ...beside,
    projected,
    p50: at(0.5),
    p80: at(0.8),
    interval80: { low: at(0.1), high: at(0.9) },
    interval95: { low: at(0.025), high: at(0.975) },
    overrun: over / draws.length,
  };
}

const NO_INTERVAL = { interval80: null, interval95: null } as const;

/**
 * The days before today, corrected for what is late, summed over the providers: from the first day that has a charge, at
 * most 120 of them. A day without a charge in between cost nothing.
 */
function knownDays(input: ProjectionInput, today: number) {
  const begin = Math.max(
    today - MOST_HISTORY,
    Math.min(today, ...input.series.flatMap(({ days }) => [...days.keys()].map(dayNumber))),
  );
  const history = Array<number>(today - begin).fill(0);
  const lateOf = Array<number>(today - begin).fill(0);
  let todaySoFar = 0;
  for (const { provider, days, whole } of input.series) {
    const shares = input.completion.get(provider);
    const amounts = Array<number>(today - begin).fill(0);
    for (const [day, amount] of days) {
      const number = dayNumber(day);
      if (number === today) todaySoFar += amount;
      else if (number >= begin && number < today) amounts[number - begin] = amount;
    }
    for (let i = 0; i < amounts.length; i++) {
      const age = today - (begin + i);
      const share = whole?.has(dayText(begin + i)) ? 1 : (shares?.get(age) ?? 1);
      // what is expected of the day: the mean of the same weekday in the four weeks before
      const same = [7, 14, 21, 28].filter((back) => i - back >= 0).map((back) => amounts[i - back]!);
      const expected = same.length === 0 ? null : same.reduce((sum, value) => sum + value, 0) / same.length;
      const completed = completedAmount(amounts[i]!, share, expected);
      lateOf[i]! += completed - amounts[i]!;
      amounts[i] = completed;
      history[i]! += completed;
    }
  }
  const late = (from: number, to: number) => {
    let total = 0;
    for (let day = Math.max(from, begin); day <= to; day++) total += lateOf[day - begin]!;
    return total;
  };
  return { history, late, todaySoFar };
}

/** Linear between the two values around it, as R's type 7. @param sorted ascending, not empty */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  return sorted[below]! + (place - below) * ((sorted[below + 1] ?? sorted[below]!) - sorted[below]!);
}
