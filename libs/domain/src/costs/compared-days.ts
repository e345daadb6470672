import { dayNumber, dayText } from '../budgets/days.js';
import type { DayWindow } from './cost-periods.js';

/** Which days of a window can be set against the days before it. */
export interface ComparedDays {
  /** Every day of the window. */
  readonly dates: readonly string[];
  /** null: no day of the window is over. */
  readonly compared: {
    readonly days: number;
    readonly lastDay: string;
    readonly previousFirstDay: string;
    readonly previousLastDay: string;
  } | null;
}

/**
 * The days of a window that are over, and as many right before it: a day that goes on is never compared with one that is
 * whole, or every morning would look like a saving.
 *
 * @param today UTC day
 */
export function comparedDays({ firstDay, lastDay }: DayWindow, today: string): ComparedDays {
  const [first, last] = [dayNumber(firstDay), dayNumber(lastDay)];
  const dates = Array.from({ length: last - first + 1 }, (_, i) => dayText(first + i));
  const lastOver = Math.min(last, dayNumber(today) - 1);
  const days = lastOver - first + 1;
  if (days < 1) return { dates, compared: null };
  return {
    dates,
    compared: {
      days,
      lastDay: dayText(lastOver),
      previousFirstDay: dayText(first - days),
      previousLastDay: dayText(first - 1),
    },
  };
}
