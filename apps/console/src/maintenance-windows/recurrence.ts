/** How often a window opens, as a form has it; `custom` is an RRULE that the form cannot show. */
export interface Recurrence {
  readonly kind: 'once' | 'daily' | 'weekly' | 'monthly' | 'monthly_weekday' | 'custom';
  /** Every so many days, weeks or months. */
  readonly every: number;
  /** Of weekly: MO … SU, in the order of the week. */
  readonly days: readonly string[];
  /** Of monthly: 1 to 31, or -1 for its last day. */
  readonly monthDay: number;
  /** Of monthly_weekday: 1 to 4, or -1 for the last one. */
  readonly place: number;
  readonly weekday: string;
  /** Its last day, YYYY-MM-DD; empty: for ever. */
  readonly until: string;
  /** The RRULE where the kind is custom. */
  readonly text: string;
}

export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
const NAMES: Readonly<Record<string, string>> = {
  MO: 'Monday',
  TU: 'Tuesday',
  WE: 'Wednesday',
  TH: 'Thursday',
  FR: 'Friday',
  SA: 'Saturday',
  SU: 'Sunday',
};
export const weekdayName = (code: string): string => NAMES[code] ?? code;
export const PLACES: readonly (readonly [number, string])[] = [
  [1, 'first'],
  [2, 'second'],
  [3, 'third'],
  [4, 'fourth'],
  [-1, 'last'],
];
export const ONCE: Recurrence = {
  kind: 'once',
  every: 1,
  days: ['SA'],
  monthDay: 1,
  place: 1,
  weekday: 'SA',
  until: '',
  text: '',
};

/** What the API takes. null: once */
export function ruleOf(form: Recurrence): string | null {
  const { kind, every, days, monthDay, place, weekday, until } = form;
  if (kind === 'once') return null;
  if (kind === 'custom') return form.text.trim();
  const parts = [`FREQ=${kind === 'daily' ? 'DAILY' : kind === 'weekly' ? 'WEEKLY' : 'MONTHLY'}`];
  if (every > 1) parts.push(`INTERVAL=${every}`);
  if (kind === 'weekly') parts.push(`BYDAY=${WEEKDAYS.filter((day) => days.includes(day)).join(',')}`);
  if (kind === 'monthly') parts.push(`BYMONTHDAY=${monthDay}`);
  if (kind === 'monthly_weekday') parts.push(`BYDAY=${place}${weekday}`);
  // its last day counts whole, by the clock of the window
  if (until) parts.push(`UNTIL=${until.replaceAll('-', '')}T235959`);
  return parts.join(';');
}

/** An RRULE in the form; what the form cannot show stays as it is written. */
export function formOf(text: string | null): Recurrence {
  if (text === null) return ONCE;
  const custom: Recurrence = { ...ONCE, kind: 'custom', text };
  const parts = partsOf(text);
  if (!parts) return custom;
  const { FREQ, INTERVAL = '1', BYDAY, BYMONTHDAY, UNTIL, ...rest } = parts;
  if (Object.keys(rest).length > 0) return custom;
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)(T235959Z?)?$/.exec(UNTIL ?? '') ?? [];
  if (UNTIL !== undefined && year === undefined) return custom;
  const base = { ...ONCE, every: Number(INTERVAL), until: year ? `${year}-${month}-${day}` : '', text };
  if (FREQ === 'DAILY' && !BYDAY && !BYMONTHDAY) return { ...base, kind: 'daily' };
  if (FREQ === 'WEEKLY' && BYDAY && /^[A-Z,]+$/.test(BYDAY)) return { ...base, kind: 'weekly', days: BYDAY.split(',') };
  if (FREQ === 'MONTHLY' && BYMONTHDAY && /^(-1|[1-9]\d?)$/.test(BYMONTHDAY) && !BYDAY)
    return { ...base, kind: 'monthly', monthDay: Number(BYMONTHDAY) };
  const [, place, weekday] = /^(-1|[1-4])([A-Z]{2})$/.exec(BYDAY ?? '') ?? [];
  if (FREQ === 'MONTHLY' && place && weekday && !BYMONTHDAY)
    return { ...base, kind: 'monthly_weekday', place: Number(place), weekday };
  return custom;
}

function partsOf(text: string): Record<string, string> | undefined {
  if (text.includes('\n')) return undefined;
  const pairs = text
    .replace(/^RRULE:/, '')
    .split(';')
    .filter(Boolean)
    .map((part) => part.split('='));
  return pairs.every((pair) => pair.length === 2) ? (Object.fromEntries(pairs) as Record<string, string>) : undefined;
}

const list = (words: readonly string[]) =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
const ordinal = (n: number) => `${n}${['th', 'st', 'nd', 'rd'][n % 100 > 10 && n % 100 < 14 ? 0 : n % 10] ?? 'th'}`;
const WORKDAYS = 'MO,TU,WE,TH,FR';

/** "Every second week on Saturday, until 2026-12-31"; an RRULE that has no plain words stays as it is. */
export function wordsOf(text: string | null): string {
  const form = formOf(text);
  const { kind, every, days, monthDay, place, weekday, until } = form;
  const each = (unit: string) =>
    every === 1 ? `every ${unit}` : every === 2 ? `every second ${unit}` : `every ${every} ${unit}s`;
  const days_ = days.join(',') === WORKDAYS ? 'working days' : list(days.map(weekdayName));
  const words = {
    once: 'once',
    daily: each('day'),
    weekly:
      every === 1 ? `every ${days.join(',') === WORKDAYS ? 'working day' : days_}` : `${each('week')} on ${days_}`,
    monthly: `${each('month')} on ${monthDay === -1 ? 'its last day' : `the ${ordinal(monthDay)}`}`,
    monthly_weekday: `${each('month')} on the ${PLACES.find(([n]) => n === place)?.[1]} ${weekdayName(weekday)}`,
    custom: form.text,
  }[kind];
  return until ? `${words}, until ${until}` : words;
}
