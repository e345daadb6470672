import { epochOf, wallOf } from './local-time.js';
import { readRecurrence } from './recurrence.js';
import type { Recurrence } from './recurrence.js';

/** When a maintenance window is open. */
export interface MaintenanceTimes {
  /** The first opening; Unix milliseconds. */
  readonly startMs: number;
  /** When the first opening ends. */
  readonly endMs: number;
  /** An RRULE, with EXDATE lines or without; null: once. */
  readonly recurrence: string | null;
  /** IANA; recurring windows open and close by its clock. */
  readonly timeZone: string;
}

/** One opening; Unix milliseconds, `endMs` is the first moment after it. */
export interface Opening {
  readonly startMs: number;
  readonly endMs: number;
}

/** What a window is about: everything, what carries all these tags, or these instances. */
export type MaintenanceScope =
  | { readonly all: true }
  | { readonly tags: Readonly<Record<string, string>> }
  | { readonly instanceIds: readonly number[] };

/** Whom a window may be about. */
export interface MaintenanceSubject {
  readonly id: number;
  readonly tags: Readonly<Record<string, unknown>>;
}

/**
 * Whether a window is about a subject.
 *
 * @param instance null: something that is no instance and belongs to none (a budget, the tenant): covered by `all` only
 */
export function covers(scope: MaintenanceScope, instance: MaintenanceSubject | null): boolean {
  if ('all' in scope) return true;
  if (instance === null) return false;
  if ('instanceIds' in scope) return scope.instanceIds.includes(instance.id);
  const tags = Object.entries(scope.tags);
  return (
    tags.length > 0 && tags.every(([key, value]) => Object.hasOwn(instance.tags, key) && instance.tags[key] === value)
  );
}

/** The opening that a moment lies in; of several the one that ends last. null: closed. @throws RecurrenceError */
export function windowAt(window: MaintenanceTimes, epochMs: number): Opening | null {
  const open = openingsBetween(window, epochMs, epochMs + 1).filter(
    (one) => one.startMs <= epochMs && epochMs < one.endMs,
  );
  return open.reduce<Opening | null>((last, one) => (last && last.endMs >= one.endMs ? last : one), null);
}

/**
 * The openings that overlap a span, ascending, at most `most`.
 *
 * @param fromMs first moment @param toMs first moment after the span @throws RecurrenceError
 */
export function openingsBetween(window: MaintenanceTimes, fromMs: number, toMs: number, most = 10_000): Opening[] {
  const { startMs, endMs, timeZone } = window;
  const overlaps = (one: Opening) => one.startMs < toMs && one.endMs > fromMs;
  if (window.recurrence === null) return [{ startMs, endMs }].filter(overlaps);
  const lengthMs = wallOf(endMs, timeZone) - wallOf(startMs, timeZone);
  // clocks move by less than a day
  const starts = recurrenceOf(window).starts(
    wallOf(fromMs, timeZone) - lengthMs - DAY_MS,
    wallOf(toMs, timeZone) + DAY_MS,
  );
  return starts
    .map((wall) => openingOf(wall, lengthMs, timeZone))
    .filter(overlaps)
    .slice(0, most);
}

/** The openings that are not over at `fromMs`, ascending: at most `count`, looking ten years ahead. @throws RecurrenceError */
export function nextOpenings(window: MaintenanceTimes, fromMs: number, count: number): Opening[] {
  const from = Math.max(fromMs, window.startMs);
  let found: Opening[] = [];
  for (const days of [30, 400, 3_660]) {
    found = openingsBetween(window, from, from + days * DAY_MS, count);
    if (found.length >= count || window.recurrence === null) break;
  }
  return found;
}

const DAY_MS = 86_400_000;

function openingOf(startWall: number, lengthMs: number, timeZone: string): Opening {
  const startMs = epochOf(startWall, timeZone);
  const endMs = epochOf(startWall + lengthMs, timeZone);
  // where the clocks jump over the start, the end may come before it
  return { startMs, endMs: endMs > startMs ? endMs : startMs + lengthMs };
}

/** Rules that were read; the same few are asked for each minute. */
const read = new Map<string, Recurrence>();
const MOST_READ = 500;

function recurrenceOf({ recurrence, startMs, timeZone }: MaintenanceTimes): Recurrence {
  const key = `${startMs} ${timeZone} ${recurrence}`;
  let found = read.get(key);
  if (!found) {
    found = readRecurrence(recurrence!, startMs, timeZone);
    if (read.size >= MOST_READ) read.delete(read.keys().next().value!);
    read.set(key, found);
  }
  return found;
}
