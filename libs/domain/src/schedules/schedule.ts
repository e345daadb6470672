import { zoneOf } from './zone.js';

/**
 * When something is in force, by a clock on the wall of a time zone.
 *
 * A span begins at `start` of each of the `activeDays` and ends before `end`, on the next day where `end` is not later than
 * `start`: Friday 22:00 to 06:00 ends on Saturday, whatever Saturday says. Equal times are 24 hours; `24:00` may end a day.
 */
export interface Schedule {
  /** IANA name. */
  readonly timezone: string;
  /** `HH:MM`, 00:00 to 23:59; `end` also 24:00. */
  readonly activeHours: { readonly start: string; readonly end: string };
  /** ISO weekdays: 1 is Monday, 7 is Sunday. */
  readonly activeDays: readonly number[];
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** A week, and as much again for a span that one change of the clock swallows. */
const LOOK_AHEAD_MS = 15 * 86_400_000;

/**
 * Whether a schedule is in force at a moment: a moment counts by what the wall clock shows then. So in the hour that comes
 * twice in autumn a span is in force both times, and a span that lies in the hour left out in spring does not come that day.
 *
 * @throws RangeError for a time zone that the platform does not know
 */
export function isActive(schedule: Schedule, epochMs: number): boolean {
  return compile(schedule).isActive(epochMs);
}

/**
 * The first moment after `epochMs` at which the answer of `isActive` is another one.
 *
 * @returns null when it never is: a schedule without days, or one of all hours of all days
 */
export function nextChange(schedule: Schedule, epochMs: number): number | null {
  const compiled = compile(schedule);
  const now = compiled.isActive(epochMs);
  for (let at = epochMs; at < epochMs + LOOK_AHEAD_MS;) {
    at = compiled.nextBoundary(at);
    if (compiled.isActive(at) !== now) return at;
  }
  return null;
}

/**
 * `isActive` of every minute of [fromMinute, toMinute), 1 or 0: walks from change to change, so that a month costs as much
 * as a few dozen questions.
 *
 * @param fromMinute Unix minutes
 */
export function activeMinutes(schedule: Schedule, fromMinute: number, toMinute: number): Uint8Array {
  const minutes = new Uint8Array(Math.max(0, toMinute - fromMinute));
  const compiled = compile(schedule);
  for (let minute = fromMinute; minute < toMinute;) {
    const until = Math.min(toMinute, compiled.nextBoundary(minute * MINUTE_MS) / MINUTE_MS);
    if (compiled.isActive(minute * MINUTE_MS)) minutes.fill(1, minute - fromMinute, until - fromMinute);
    minute = until;
  }
  return minutes;
}

interface Compiled {
  isActive(epochMs: number): boolean;
  /** The next moment at which the wall clock shows `start` or `end` or is set, or the end of the UTC day. */
  nextBoundary(epochMs: number): number;
}

function compile({ timezone, activeHours, activeDays }: Schedule): Compiled {
  const zone = zoneOf(timezone);
  const [start, end] = [minuteOfDay(activeHours.start), minuteOfDay(activeHours.end)];
  const days = new Uint8Array(7);
  for (const day of activeDays) days[day - 1] = 1;
  const onDay = (day: number) => days[(((day + 3) % 7) + 7) % 7] === 1;
  return {
    isActive(epochMs) {
      const local = Math.floor(epochMs / MINUTE_MS) + zone.at(epochMs).minutes;
      const day = Math.floor(local / DAY_MINUTES);
      const minute = local - day * DAY_MINUTES;
      if (start < end) return minute >= start && minute < end && onDay(day);
      return (minute >= start && onDay(day)) || (minute < end && onDay(day - 1));
    },
    nextBoundary(epochMs) {
      const { minutes, untilMs } = zone.at(epochMs);
      const local = Math.floor(epochMs / MINUTE_MS) + minutes;
      const ahead = (to: number) => {
        const wait = (((to - local) % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
        return wait === 0 ? DAY_MINUTES : wait;
      };
      return Math.min(untilMs, (local - minutes + Math.min(ahead(start), ahead(end))) * MINUTE_MS);
    },
  };
}

const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** @throws RangeError for anything but HH:MM or 24:00 (contracts check first: a bug in the caller) */
function minuteOfDay(time: string): number {
  if (time === '24:00') return DAY_MINUTES;
  const parts = TIME.exec(time);
  if (!parts) throw new RangeError(`${JSON.stringify(time)} is no time of day`);
  return Number(parts[1]) * 60 + Number(parts[2]);
}
