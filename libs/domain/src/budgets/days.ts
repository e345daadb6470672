const DAY_MS = 86_400_000;

/** Days since 1970-01-01 of a calendar date `YYYY-MM-DD`. */
export const dayNumber = (day: string): number => Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS);

export const dayText = (number: number): string => new Date(number * DAY_MS).toISOString().slice(0, 10);

/** 0 is Monday. */
export const weekdayOf = (number: number): number => (((number + 3) % 7) + 7) % 7;

/** Noon of a UTC cost day. */
const noon = (number: number): Date => new Date(number * DAY_MS + DAY_MS / 2);

/** The calendar date that a moment has in a time zone (IANA). @throws RangeError for an unknown zone */
export function localDay(moment: Date, timeZone: string): number {
  const parts = calendarOf(timeZone).formatToParts(moment);
  const part = (type: string) => parts.find((one) => one.type === type)!.value;
  return dayNumber(`${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`);
}

/**
 * The first UTC cost day that belongs to a period that begins at midnight of the local date `start`.
 *
 * Charges are known by UTC day. A cost day belongs to the local date on which its noon falls, that is to the one that most
 * of it lies in: the two calendars are the same from UTC-12 to below UTC+12, and a day apart east of that. What is off is at
 * most twelve hours at either end, and never counted twice.
 */
export function firstCostDay(start: number, timeZone: string): number {
  for (let day = start - 1; day <= start + 1; day++) if (localDay(noon(day), timeZone) >= start) return day;
  return start;
}

/** Making one costs a hundred times what using it does. */
const calendars = new Map<string, Intl.DateTimeFormat>();

function calendarOf(timeZone: string): Intl.DateTimeFormat {
  let calendar = calendars.get(timeZone);
  if (!calendar) {
    calendar = new Intl.DateTimeFormat('en-US', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    calendars.set(timeZone, calendar);
  }
  return calendar;
}
