import { RRuleTemporal } from 'rrule-temporal';
import { epochOf, wallOf } from './local-time.js';

/** What is wrong with a recurrence, and where. */
export class RecurrenceError extends Error {
  constructor(
    message: string,
    /** The part that is wrong, as it was given: `BYDAY=XX`. */
    readonly part: string,
    readonly expected: string,
  ) {
    super(message);
  }
}

/** A recurrence that was read: starts by the clock of its time zone, written as if they were UTC (see `wallOf`). */
export interface Recurrence {
  /** Starts from `fromWall` to `toWall`, both included, ascending. */
  starts(fromWall: number, toWall: number): number[];
}

/** Longest recurrence text; characters. */
const MOST_TEXT = 2_000;
const MOST_EXDATES = 200;
/** More would have to be counted out one by one. */
const MOST_COUNT = 5_000;

const WEEKDAY = '(MO|TU|WE|TH|FR|SA|SU)';
const list = (one: string) => new RegExp(`^${one}(,${one})*$`);
const between = (least: number, most: number) => (text: string) =>
  text.split(',').every((one) => /^[+-]?\d{1,4}$/.test(one) && Number(one) >= least && Number(one) <= most);
const either = (most: number) => (text: string) =>
  text.split(',').every((one) => /^[+-]?\d{1,3}$/.test(one) && Number(one) !== 0 && Math.abs(Number(one)) <= most);

/** What each part may hold. */
const PARTS: Readonly<Record<string, readonly [(text: string) => boolean, string]>> = {
  FREQ: [(t) => /^(HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)$/.test(t), 'HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY'],
  INTERVAL: [(t) => /^\d+$/.test(t) && between(1, 1000)(t), 'a whole number from 1 to 1000'],
  COUNT: [(t) => /^\d+$/.test(t) && between(1, MOST_COUNT)(t), `a whole number from 1 to ${MOST_COUNT}`],
  UNTIL: [(t) => dateOf(t) !== null, '20271231T235959Z, 20271231T235959 (local) or 20271231'],
  BYMONTH: [between(1, 12), 'months 1 to 12'],
  BYMONTHDAY: [either(31), 'days 1 to 31, or -31 to -1 from the end'],
  BYYEARDAY: [either(366), 'days 1 to 366, or -366 to -1 from the end'],
  BYWEEKNO: [either(53), 'weeks 1 to 53, or -53 to -1 from the end'],
  BYSETPOS: [either(366), 'places 1 to 366, or -366 to -1 from the end'],
  BYDAY: [
    (t) => list(`([+-]?[1-9]\\d?)?${WEEKDAY}`).test(t),
    'weekdays: MO,TU,WE,TH,FR,SA,SU, or 2SA, -1SU in a month',
  ],
  BYHOUR: [between(0, 23), 'hours 0 to 23'],
  BYMINUTE: [between(0, 59), 'minutes 0 to 59'],
  WKST: [(t) => list(WEEKDAY).test(t), 'the first day of a week: MO'],
};

/**
 * Reads an RRULE (RFC 5545), with or without `RRULE:` in front, and lines `EXDATE` after it.
 *
 * Starts are reckoned by the clock of the zone: a window at 02:30 is there each night, also in the night in which the
 * clocks jump over 02:30. The start of the first is `startMs`; it belongs to the series if the rule says so.
 *
 * @throws RecurrenceError naming the part that is wrong
 */
export function readRecurrence(text: string, startMs: number, timeZone: string): Recurrence {
  if (text.length > MOST_TEXT)
    throw new RecurrenceError('The recurrence is too long.', text.slice(0, 40), `at most ${MOST_TEXT} characters`);
  const lines = text
    .split(/\r?\n|\\n/)
    .map((line) => line.trim())
    .filter(Boolean);
  const rules = lines.filter((line) => !/^(EXDATE|DTSTART|DTEND|RDATE|EXRULE)/i.test(line));
  const stray = lines.find((line) => /^(DTSTART|DTEND|RDATE|EXRULE)/i.test(line));
  if (stray) {
    throw new RecurrenceError(
      'Start and end come from start_time and end_time; only RRULE and EXDATE are read.',
      stray,
      'RRULE:… and EXDATE:…',
    );
  }
  if (rules.length !== 1) {
    throw new RecurrenceError(
      `One rule is needed, ${rules.length} came.`,
      rules[1] ?? text.slice(0, 40),
      'one line RRULE:FREQ=…',
    );
  }
  const parts = partsOf(rules[0]!.replace(/^RRULE:/i, ''), timeZone);
  const excluded = new Set(lines.filter((line) => /^EXDATE/i.test(line)).flatMap((line) => excludedBy(line, timeZone)));
  if (excluded.size > MOST_EXDATES)
    throw new RecurrenceError('Too many dates are left out.', 'EXDATE', `at most ${MOST_EXDATES}`);
  const startWall = wallOf(startMs, timeZone);
  const rule = compile(`DTSTART:${icalOf(startWall)}\nRRULE:${parts}`, rules[0]!);
  return {
    starts(fromWall, toWall) {
      if (toWall < startWall) return [];
      return rule
        .between(new Date(Math.max(fromWall, startWall)), new Date(toWall), true)
        .map((one) => one.epochMilliseconds)
        .filter((wall) => !excluded.has(wall) && !excluded.has(-dayOf(wall)));
    },
  };
}

function partsOf(rule: string, timeZone: string): string {
  const seen = new Map<string, string>();
  for (const part of rule.split(';').filter(Boolean)) {
    const [name = '', value = '', more] = part.toUpperCase().split('=');
    const known = PARTS[name];
    if (!known || more !== undefined) {
      const words = /^BYSECOND|^SKIP|^RSCALE/.test(name) ? 'is not offered' : 'is no part of a rule';
      throw new RecurrenceError(`${part}: ${name || 'this'} ${words}.`, part, Object.keys(PARTS).join(', '));
    }
    if (seen.has(name)) throw new RecurrenceError(`${part}: ${name} comes twice.`, part, `${name} once`);
    if (!known[0](value))
      throw new RecurrenceError(`${part}: ${value || 'nothing'} cannot stand here.`, part, known[1]);
    seen.set(name, name === 'UNTIL' ? icalOf(untilWall(value, timeZone)) : value);
  }
  if (!seen.has('FREQ')) throw new RecurrenceError('FREQ is missing.', rule.slice(0, 40), PARTS['FREQ']![1]);
  if (seen.has('COUNT') && seen.has('UNTIL')) {
    throw new RecurrenceError('COUNT and UNTIL cannot stand in one rule.', `UNTIL=${seen.get('UNTIL')}`, 'one of them');
  }
  return [...seen].map(([name, value]) => `${name}=${value}`).join(';');
}

function compile(text: string, given: string): RRuleTemporal {
  try {
    return new RRuleTemporal({ rruleString: text, strict: true });
  } catch (error) {
    throw new RecurrenceError(`The rule cannot be read: ${(error as Error).message}.`, given, 'an RRULE of RFC 5545');
  }
}

/** @returns local times that are left out; a whole day as its day number, negative */
function excludedBy(line: string, timeZone: string): number[] {
  const [head = '', values = ''] = line.split(/:(.*)/s);
  const zone = /;TZID=([^;:]+)/i.exec(head)?.[1];
  return values.split(',').map((value) => {
    const date = dateOf(value.trim());
    if (!date)
      throw new RecurrenceError(
        `${value || line}: this is no date.`,
        line,
        'EXDATE:20260328T020000, …Z for UTC, or 20260328',
      );
    if (date.kind === 'day') return -dayOf(date.wall);
    if (date.kind === 'utc') return wallOf(date.wall, timeZone);
    if (zone === undefined || zone === timeZone) return date.wall;
    try {
      return wallOf(epochOf(date.wall, zone), timeZone);
    } catch {
      throw new RecurrenceError(`${zone} is no time zone.`, line, 'a name of the IANA list, such as Europe/Berlin');
    }
  });
}

const DAY_MS = 86_400_000;
const dayOf = (wall: number) => Math.floor(wall / DAY_MS);

/** A day is meant with all of it. */
function untilWall(text: string, timeZone: string): number {
  const date = dateOf(text)!;
  return date.kind === 'day'
    ? date.wall + DAY_MS - 1000
    : date.kind === 'utc'
      ? wallOf(date.wall, timeZone)
      : date.wall;
}

function dateOf(text: string): { readonly wall: number; readonly kind: 'utc' | 'local' | 'day' } | null {
  const found = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/i.exec(text);
  if (!found) return null;
  const [year, month, day, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map((one) => Number(one ?? 0));
  const wall = Date.UTC(year!, month! - 1, day, hour, minute, second);
  // what does not exist is moved by Date.UTC: 20260230 is no day
  if (icalOf(wall).slice(0, 8) !== text.slice(0, 8) || hour > 23 || minute > 59 || second > 59) return null;
  return { wall, kind: found[4] === undefined ? 'day' : found[7] ? 'utc' : 'local' };
}

const icalOf = (wall: number) => `${new Date(wall).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
