import type { BarSeries } from '../charts/stacked-bars';
import { valueWords } from './groups';

interface Group {
  readonly value: string | null;
  readonly name: string | null;
  readonly total_cost: number;
  readonly daily: readonly (number | null)[];
}

/** Groups that have a colour of their own; more cannot be told apart. */
const MOST = 7;
const OTHER = 'other';
/** What belongs to nobody is striped, so that it is found without its colour. */
const NOBODY = 'var(--line-strong)';

export const keyOf = (value: string | null) => (value === null ? 'nobody' : `=${value}`);

/** The bars of a chart: the groups that cost most, each in its colour, and the rest in one. */
export function seriesOf(breakdown: {
  readonly by: string;
  readonly dates: readonly string[];
  readonly groups: readonly Group[];
  readonly other: Pick<Group, 'daily'> | null;
}): readonly BarSeries[] {
  const { groups, other, by, dates } = breakdown;
  const shown = groups.filter(({ total_cost }) => total_cost !== 0);
  const own = shown.length <= MOST + 1 && !other ? shown : shown.slice(0, MOST);
  const rest = [...shown.slice(own.length), ...(other ? [other] : [])];
  let colour = 0;
  const series = own.map(({ value, name, daily }): BarSeries => {
    const color = value === null ? NOBODY : `var(--chart-${++colour})`;
    return { key: keyOf(value), label: valueWords(by, value, name), values: daily, color, striped: value === null };
  });
  if (rest.length === 0) return series;
  const values = dates.map((_, day) => summed(rest.map(({ daily }) => daily[day] ?? null)));
  return [...series, { key: OTHER, label: 'All others', values, color: 'var(--chart-8)' }];
}

/** Where days would be thinner than a line, they are taken together by week (from Monday). */
export function foldedWeeks(dates: readonly string[], series: readonly BarSeries[], most = 120) {
  if (dates.length <= most) return { weekly: false, dates, series } as const;
  const weeks = new Map<string, number[]>();
  dates.forEach((date, index) => {
    const monday = mondayOf(date);
    weeks.set(monday, [...(weeks.get(monday) ?? []), index]);
  });
  const folded = series.map((one) => ({
    ...one,
    values: [...weeks.values()].map((days) => summed(days.map((day) => one.values[day] ?? null))),
  }));
  return { weekly: true, dates: [...weeks.keys()], series: folded } as const;
}

const DAY_MS = 86_400_000;

function mondayOf(date: string): string {
  const ms = Date.parse(date);
  return new Date(ms - ((new Date(ms).getUTCDay() + 6) % 7) * DAY_MS).toISOString().slice(0, 10);
}

/** Nothing and nothing is nothing, not 0. */
function summed(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}
