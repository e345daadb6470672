import { parseLocal, toLocal } from '../ui/spans';

/** A day by the clock of a zone: 2026-11-23. */
export type Day = string;

export interface Opening {
  readonly window_id: number;
  /** ISO 8601 */
  readonly starts_at: string;
  readonly ends_at: string;
}

const DAY_MS = 86_400_000;
const utc = (day: Day) => Date.parse(`${day}T00:00:00Z`);
export const addDays = (day: Day, days: number): Day => new Date(utc(day) + days * DAY_MS).toISOString().slice(0, 10);
/** 1 is Monday, 7 is Sunday. */
export const weekdayOf = (day: Day): number => new Date(utc(day)).getUTCDay() || 7;
export const mondayOf = (day: Day): Day => addDays(day, 1 - weekdayOf(day));
export const isDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(utc(text));
/** The day on which a moment lies. @param ms Unix milliseconds */
export const dayOf = (ms: number, zone: string): Day => toLocal(ms, zone).slice(0, 10);
/** When a day begins; where its midnight is skipped, with the first moment after it. Unix milliseconds */
export const beginOf = (day: Day, zone: string): number => parseLocal(`${day}T00:00`, zone)!;

/** The first day of the month `months` further. */
export function addMonths(day: Day, months: number): Day {
  const [year, month] = day.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
}

/** The weeks that a month touches, whole, from Monday on. */
export function weeksOf(day: Day): Day[][] {
  const month = day.slice(0, 7);
  const weeks: Day[][] = [];
  for (let monday = mondayOf(`${month}-01`); monday.slice(0, 7) <= month; monday = addDays(monday, 7)) {
    weeks.push(Array.from({ length: 7 }, (_, i) => addDays(monday, i)));
  }
  return weeks;
}

/** How long a day is by the clock of a zone, against 24 hours: 1 where clocks are set back, -1 where they are set on. */
export function clockChange(day: Day, zone: string): number {
  return Math.round((beginOf(addDays(day, 1), zone) - beginOf(day, zone) - DAY_MS) / 3_600_000);
}

/** An opening as a bar over days of a week. */
export interface Span<T extends Opening> {
  readonly opening: T;
  /** First column, from 0. */
  readonly column: number;
  readonly columns: number;
  /** Line below the numbers of the days, from 0. */
  readonly lane: number;
  /** It began before the week, or goes on after it. */
  readonly before: boolean;
  readonly after: boolean;
}

/** Puts openings on the days of a week so that no two lie on each other. @param openings ascending */
export function spansOf<T extends Opening>(openings: readonly T[], week: readonly Day[], zone: string): Span<T>[] {
  const [first, last] = [week[0]!, week.at(-1)!];
  const lanes: number[] = [];
  const spans: Span<T>[] = [];
  for (const opening of openings) {
    const begin = dayOf(Date.parse(opening.starts_at), zone);
    // an opening that ends at midnight is not on the day that begins then
    const end = dayOf(Date.parse(opening.ends_at) - 1, zone);
    if (end < first || begin > last) continue;
    const column = begin < first ? 0 : week.indexOf(begin);
    const until = end > last ? week.length - 1 : week.indexOf(end);
    const free = lanes.findIndex((taken) => taken < column);
    const lane = free < 0 ? lanes.length : free;
    lanes[lane] = until;
    spans.push({ opening, column, columns: until - column + 1, lane, before: begin < first, after: end > last });
  }
  return spans;
}

/** An opening as a block in a day, by the clock. */
export interface Block<T extends Opening> {
  readonly opening: T;
  /** Percent of a day of 24 hours by the clock. */
  readonly top: number;
  readonly height: number;
  /** Of openings at the same time: which one, of how many. */
  readonly lane: number;
  readonly lanes: number;
}

const LEAST_PERCENT = 1.8;

/** The part of each opening that lies on a day, by the clock of the zone, side by side where they overlap. */
export function blocksOf<T extends Opening>(openings: readonly T[], day: Day, zone: string): Block<T>[] {
  const [from, to] = [beginOf(day, zone), beginOf(addDays(day, 1), zone)];
  const minuteOf = (ms: number) => {
    if (ms <= from) return 0;
    if (ms >= to) return 1_440;
    const clock = toLocal(ms, zone).slice(11);
    return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5)) + Number(clock.slice(6, 8)) / 60;
  };
  const parts = openings.flatMap((opening) => {
    const [start, end] = [Date.parse(opening.starts_at), Date.parse(opening.ends_at)];
    if (end <= from || start >= to) return [];
    const begin = minuteOf(start);
    // in the hour that comes twice the clock may show less at the end than at the begin
    return [{ opening, begin, end: Math.max(minuteOf(end), begin) }];
  });
  parts.sort((a, b) => a.begin - b.begin || b.end - a.end);
  const blocks: Block<T>[] = [];
  let group: { part: (typeof parts)[number]; lane: number }[] = [];
  let groupEnd = -1;
  const close = () => {
    const lanes = Math.max(0, ...group.map(({ lane }) => lane)) + 1;
    for (const { part, lane } of group) {
      const height = Math.max(LEAST_PERCENT, ((part.end - part.begin) / 1_440) * 100);
      const top = Math.min(100 - height, (part.begin / 1_440) * 100);
      blocks.push({ opening: part.opening, top, height, lane, lanes });
    }
    group = [];
  };
  for (const part of parts) {
    if (part.begin >= groupEnd) close();
    const busy = new Set(group.filter((other) => other.part.end > part.begin).map(({ lane }) => lane));
    let lane = 0;
    while (busy.has(lane)) lane++;
    group.push({ part, lane });
    groupEnd = Math.max(groupEnd, part.end);
  }
  close();
  return blocks;
}
