import { dayNumber, dayText, firstCostDay, localDay } from './days.js';

export const BUDGET_PERIODS = ['day', 'week', 'month', 'quarter', 'year', 'custom'] as const;
export type BudgetPeriodKind = (typeof BUDGET_PERIODS)[number];

export interface PeriodRule {
  readonly kind: BudgetPeriodKind;
  /**
   * First local date on which the budget holds, `YYYY-MM-DD`; null: always. A `custom` period begins there.
   */
  readonly startsOn: string | null;
  /** Last local date, included; null: for ever. A `custom` period ends there. */
  readonly endsOn: string | null;
  /**
   * calendar: periods begin on the 1st (week: Monday), and the first one is cut where the budget begins after that.
   * start: periods begin on `startsOn` and every month (week, quarter, year) after it; the 31st is the last day where a
   * month is shorter.
   */
  readonly anchor: 'calendar' | 'start';
}

/** One period: local dates as people name it, and the UTC cost days that it is made of; all four included. */
export interface BudgetPeriod {
  readonly firstDay: string;
  readonly lastDay: string;
  readonly firstCostDay: string;
  readonly lastCostDay: string;
}

const MONTHS: Readonly<Partial<Record<BudgetPeriodKind, number>>> = { month: 1, quarter: 3, year: 12 };

/**
 * The period that a moment falls in, by the calendar of the time zone.
 *
 * @returns null before the budget begins and after it ends
 */
export function budgetPeriodAt(rule: PeriodRule, moment: Date, timeZone: string): BudgetPeriod | null {
  const today = localDay(moment, timeZone);
  if (rule.startsOn !== null && today < dayNumber(rule.startsOn)) return null;
  if (rule.endsOn !== null && today > dayNumber(rule.endsOn)) return null;
  const [start, end] = bounds(rule, today);
  const first = rule.startsOn === null ? start : Math.max(start, dayNumber(rule.startsOn));
  const last = rule.endsOn === null ? end : Math.min(end, dayNumber(rule.endsOn));
  return period(first, last, timeZone);
}

/**
 * The periods before one, newest first, whole and as if the budget had always held: for measuring how good projections
 * were. A custom period has none.
 */
export function earlierPeriods(rule: PeriodRule, of: BudgetPeriod, most: number, timeZone: string): BudgetPeriod[] {
  const periods: BudgetPeriod[] = [];
  if (rule.kind === 'custom') return periods;
  let [start] = bounds(rule, dayNumber(of.firstDay));
  for (let i = 0; i < most; i++) {
    const [before, end] = bounds(rule, start - 1);
    periods.push(period(before, end, timeZone));
    start = before;
  }
  return periods;
}

function period(first: number, last: number, timeZone: string): BudgetPeriod {
  return {
    firstDay: dayText(first),
    lastDay: dayText(last),
    firstCostDay: dayText(firstCostDay(first, timeZone)),
    lastCostDay: dayText(firstCostDay(last + 1, timeZone) - 1),
  };
}

/** First and last local day of the period around `day`, not cut. */
function bounds(rule: PeriodRule, day: number): [number, number] {
  if (rule.kind === 'custom') return [dayNumber(rule.startsOn!), dayNumber(rule.endsOn!)];
  const anchor = rule.anchor === 'start' && rule.startsOn !== null ? dayNumber(rule.startsOn) : null;
  if (rule.kind === 'day') return [day, day];
  if (rule.kind === 'week') {
    // day 4 of the epoch, 1970-01-05, is a Monday
    const start = day - ((((day - (anchor ?? 4)) % 7) + 7) % 7);
    return [start, start + 6];
  }
  const step = MONTHS[rule.kind]!;
  const [anchorMonth, anchorDay] = anchor === null ? [0, 1] : [monthOf(anchor), dayOfMonth(anchor)];
  let index = Math.floor((monthOf(day) - anchorMonth) / step);
  const begin = (at: number) => dayInMonth(anchorMonth + at * step, anchorDay);
  if (begin(index) > day) index--;
  return [begin(index), begin(index + 1) - 1];
}

/** Months since January of the year 0. */
const monthOf = (day: number) => {
  const [year, month] = dayText(day).split('-').map(Number) as [number, number];
  return year * 12 + month - 1;
};
const dayOfMonth = (day: number) => Number(dayText(day).slice(8));

function dayInMonth(month: number, dayOfMonthWanted: number): number {
  const [year, index] = [Math.floor(month / 12), ((month % 12) + 12) % 12];
  const first = Math.round(Date.UTC(year, index, 1) / 86_400_000);
  const next = Math.round(Date.UTC(year, index + 1, 1) / 86_400_000);
  return Math.min(first + dayOfMonthWanted - 1, next - 1);
}
