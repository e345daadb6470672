const DAY_MS = 86_400_000;

export type Granularity = 'day' | 'week' | 'month';

/** UTC days, both included, as `YYYY-MM-DD`. */
export interface DayWindow {
  readonly firstDay: string;
  readonly lastDay: string;
}

/** Every period that has days in a window, what to sum for them, and how to read the sums. */
export interface CostPeriods {
  /** First day that sums are needed of: the window as long again before it, and the period before the first. */
  readonly firstDayBefore: string;
  /** What to sum, in the order that `read` takes: the window, the one before it, the period before the first, the periods. */
  readonly windows: readonly DayWindow[];
  /** @param totals decimal strings, one per window */
  read(totals: readonly string[]): {
    readonly series: {
      readonly period_start: string;
      readonly period_end: string;
      readonly total_cost: string;
      readonly change_percent: number | null;
      readonly complete: boolean;
    }[];
    readonly total_cost: string;
    readonly previous_total_cost: string;
    readonly change_percent: number | null;
  };
}

/**
 * Divides a window into days, weeks (from Monday) or months of UTC. A period that the window cuts is summed within the
 * window and marked as not complete; it is compared with the whole period before only where it is complete itself.
 */
export function costPeriods(firstDay: string, lastDay: string, granularity: Granularity): CostPeriods {
  const periods: DayWindow[] = [];
  for (let start = startOf(firstDay, granularity); start <= lastDay; start = shift(endOf(start, granularity), 1)) {
    periods.push({ firstDay: start, lastDay: endOf(start, granularity) });
  }
  const cut = periods.map((period) => ({
    firstDay: period.firstDay < firstDay ? firstDay : period.firstDay,
    lastDay: period.lastDay > lastDay ? lastDay : period.lastDay,
  }));
  const length = (toMs(lastDay) - toMs(firstDay)) / DAY_MS + 1;
  const before: DayWindow = { firstDay: shift(firstDay, -length), lastDay: shift(firstDay, -1) };
  const dayBefore = shift(periods[0]!.firstDay, -1);
  const periodBefore: DayWindow = { firstDay: startOf(dayBefore, granularity), lastDay: dayBefore };
  return {
    firstDayBefore: before.firstDay < periodBefore.firstDay ? before.firstDay : periodBefore.firstDay,
    windows: [{ firstDay, lastDay }, before, periodBefore, ...cut],
    read([total = '0', previous = '0', first = '0', ...sums]) {
      const series = cut.map((window, index) => {
        const complete = window.firstDay === periods[index]!.firstDay && window.lastDay === periods[index]!.lastDay;
        const comparedWith =
          index === 0 ? first : isWhole(cut[index - 1]!, periods[index - 1]!) ? sums[index - 1]! : null;
        return {
          period_start: window.firstDay,
          period_end: window.lastDay,
          total_cost: sums[index]!,
          change_percent: complete && comparedWith !== null ? changePercent(comparedWith, sums[index]!) : null,
          complete,
        };
      });
      return {
        series,
        total_cost: total,
        previous_total_cost: previous,
        change_percent: changePercent(previous, total),
      };
    },
  };
}

/** How much more, in percent, to a hundredth; null where there is nothing to compare with. A ratio, not an amount. */
export function changePercent(before: string, after: string): number | null {
  const base = Number(before);
  if (base === 0) return null;
  return Math.round(((Number(after) - base) / Math.abs(base)) * 10_000) / 100;
}

const isWhole = (a: DayWindow, b: DayWindow) => a.firstDay === b.firstDay && a.lastDay === b.lastDay;
const toMs = (day: string) => Date.parse(`${day}T00:00:00Z`);
const toDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const shift = (day: string, days: number) => toDay(toMs(day) + days * DAY_MS);

function startOf(day: string, granularity: Granularity): string {
  if (granularity === 'month') return `${day.slice(0, 7)}-01`;
  // getUTCDay: Sunday is 0, and a week begins on Monday
  return granularity === 'week' ? shift(day, -((new Date(toMs(day)).getUTCDay() + 6) % 7)) : day;
}

function endOf(start: string, granularity: Granularity): string {
  if (granularity === 'day') return start;
  if (granularity === 'week') return shift(start, 6);
  const [year, month] = start.split('-').map(Number) as [number, number];
  return toDay(Date.UTC(year, month, 0));
}
