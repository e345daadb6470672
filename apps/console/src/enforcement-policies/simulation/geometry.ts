import type { Schemas } from '../../data/api';

export type Episode = Schemas['SimulatedEpisode'];
export type Cell = Schemas['SimulatedSweepCell'];

/** Where a moment stands between two others, 0 to 1; before and after them at their ends. */
export function placeIn(at: string, from: number, to: number): number {
  return Math.min(1, Math.max(0, (Date.parse(at) - from) / (to - from)));
}

/** Beginnings of days in a zone between two moments, with the share of the way at which they stand. */
export function daysBetween(from: number, to: number, zone: string): { at: number; place: number }[] {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
  const marks: { at: number; place: number }[] = [];
  const step = 15 * 60_000;
  let day = format.format(from);
  for (let at = Math.ceil(from / step) * step; at < to; at += step) {
    const here = format.format(at);
    if (here !== day) marks.push({ at, place: (at - from) / (to - from) });
    day = here;
  }
  return marks;
}

export interface Point {
  readonly cell: Cell;
  readonly dollars: number;
  readonly falseStops: number;
  /** The tree has these values now. */
  readonly current: boolean;
  /** No other point avoids as much with fewer false stops, or more with as few. */
  readonly best: boolean;
}

/** Avoided in one currency; amounts of others are not added to it. */
export const dollarsOf = (cell: Pick<Cell, 'avoidable'>, currency: string): number =>
  cell.avoidable.find((one) => one.currency === currency)?.amount ?? 0;

/** The cells of a sweep as points, and which of them nobody would do better by another. */
export function pointsOf(
  cells: readonly Cell[],
  currency: string,
  current: { readonly threshold: number; readonly duration: number } | null,
): Point[] {
  const rough = cells.map((cell) => ({ cell, dollars: dollarsOf(cell, currency), falseStops: cell.false_stops }));
  let most = -Infinity;
  const best = new Set<Cell>();
  // fewest false stops first, of as many the dearest first: each that avoids more than all before it is on the edge
  for (const one of [...rough].sort((a, b) => a.falseStops - b.falseStops || b.dollars - a.dollars)) {
    if (one.dollars <= most) continue;
    most = one.dollars;
    best.add(one.cell);
  }
  return rough.map((one) => ({
    ...one,
    current: one.cell.threshold === current?.threshold && one.cell.duration === current.duration,
    best: best.has(one.cell),
  }));
}

/** Round numbers for an axis, from 0 to at least `most`. */
export function ticks(most: number, about = 4): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough)!;
  const marks = Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
  return marks.length > 1 ? marks : [0, step];
}

/** Rows by what they have in common, each group in the order of the rows. */
export function grouped<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

/**
 * A scale for counts of which few matter most: 0 stands apart from 1, and each tenfold takes the same room.
 *
 * @returns where a count stands, 0 to 1, and the counts to name
 */
export function countScale(most: number): { at: (count: number) => number; marks: number[] } {
  const end = Math.max(1, most);
  if (end <= 20) return { at: (count) => count / end, marks: ticks(end).filter(Number.isInteger) };
  const marks = [0, 1];
  while (marks.at(-1)! * 10 <= end) marks.push(marks.at(-1)! * 10);
  return { at: (count) => Math.log1p(count) / Math.log1p(end), marks };
}

/** Of places for labels, in their order of importance, those that do not lie over one that is placed already. */
export function roomFor<One extends { readonly x: number; readonly y: number }>(
  places: readonly One[],
  width: number,
  height: number,
): One[] {
  const placed: One[] = [];
  for (const one of places) {
    if (!placed.some((other) => Math.abs(other.x - one.x) < width && Math.abs(other.y - one.y) < height))
      placed.push(one);
  }
  return placed;
}
