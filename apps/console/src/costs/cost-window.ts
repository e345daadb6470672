/** Days (UTC, both included) that money is looked at for. */
export interface CostWindow {
  readonly start_date: string;
  readonly end_date: string;
}

export const PRESETS = [
  ['month', 'This month'],
  ['last_month', 'Last month'],
  ['7d', '7 days'],
  ['30d', '30 days'],
  ['90d', '90 days'],
] as const;
export type Preset = (typeof PRESETS)[number][0];

const DAY_MS = 86_400_000;
const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;
export const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
export const isDay = (text: string) =>
  ISO_DAY.test(text) && !Number.isNaN(Date.parse(text)) && dayOf(Date.parse(text)) === text;

/** @param today UTC day */
export function windowOf(preset: Preset, today: string): CostWindow {
  const [year, month] = today.split('-').map(Number) as [number, number];
  if (preset === 'month') return { start_date: `${today.slice(0, 7)}-01`, end_date: today };
  if (preset === 'last_month') {
    return { start_date: dayOf(Date.UTC(year, month - 2, 1)), end_date: dayOf(Date.UTC(year, month - 1, 0)) };
  }
  return { start_date: dayOf(Date.parse(today) - (parseInt(preset, 10) - 1) * DAY_MS), end_date: today };
}

/** A window from an address; undefined: it says none that can be. */
export function givenWindow(start: string | null, end: string | null): CostWindow | undefined {
  if (!start || !end || !isDay(start) || !isDay(end) || start > end) return undefined;
  return { start_date: start, end_date: end };
}

export const daysIn = ({ start_date, end_date }: CostWindow) =>
  Math.round((Date.parse(end_date) - Date.parse(start_date)) / DAY_MS) + 1;

/** A cost day as people write it; days of money are UTC and belong to no other zone. */
export function dayWords(day: string, style: 'short' | 'long' = 'short', locale?: string): string {
  const options: Intl.DateTimeFormatOptions =
    style === 'long'
      ? { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }
      : { day: 'numeric', month: 'short' };
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(Date.parse(day));
}

export const windowWords = ({ start_date, end_date }: CostWindow, locale?: string) =>
  start_date === end_date
    ? dayWords(start_date, 'long', locale)
    : `${dayWords(start_date, 'short', locale)} – ${dayWords(end_date, 'short', locale)}`;
