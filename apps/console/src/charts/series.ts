/** What a chart draws, before it draws it. Pure. Times are Unix milliseconds, ascending. */

/** A value, or nothing: null and NaN are drawn as a gap. */
export type Value = number | null | undefined;

export interface Points {
  readonly times: readonly number[];
  readonly values: readonly Value[];
}

export interface Aligned {
  readonly times: readonly number[];
  /**
   * One list per series that came in, each as long as `times`. null breaks the line; undefined is a moment at which only
   * other series have a point, over which the line goes on.
   */
  readonly columns: readonly (readonly Value[])[];
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export const isValue = (value: Value): value is number =>
  value !== null && value !== undefined && Number.isFinite(value);

/** A distance this many times the usual one is a hole: clocks and networks are not exact, a second sample late is none. */
const HOLE = 2.5;

/**
 * From which distance between two points on there is a hole between them.
 *
 * @param stepMs the distance that the source promises; where points come more seldom than that (a step of a second,
 * a sample each ten), the usual distance counts
 */
export const holeMs = (times: readonly number[], stepMs: number): number => usualMs(times, stepMs) * HOLE;

/** The distance from point to point: as promised, or the usual one where that is longer. */
export function usualMs(times: readonly number[], stepMs: number): number {
  if (times.length < 3) return stepMs;
  const distances: number[] = [];
  for (let i = 1; i < times.length; i++) distances.push(times[i]! - times[i - 1]!);
  distances.sort((a, b) => a - b);
  return Math.max(stepMs, distances[distances.length >> 1]!);
}

/**
 * Brings series with times of their own onto one axis. A moment at which one series has no point is a gap of that series
 * only where it really paused: between two of its points that are as near as usual, the others' moments are passed over.
 */
export function alignSeries(series: readonly Points[], stepMs: number): Aligned {
  const moments = new Set<number>();
  const holes = series.map(({ times }) => holeMs(times, stepMs));
  series.forEach(({ times }, s) => {
    times.forEach((time, i) => {
      moments.add(time);
      // a moment in the middle of the hole, which nobody has a value for, breaks the line
      const before = times[i - 1];
      if (before !== undefined && time - before > holes[s]!) moments.add(Math.round((before + time) / 2));
    });
  });
  const times = [...moments].sort((a, b) => a - b);
  return { times, columns: series.map((one, s) => spread(one, times, holes[s]!)) };
}

function spread({ times, values }: Points, onto: readonly number[], hole: number): Value[] {
  let next = 0;
  let last: number | undefined;
  return onto.map((time) => {
    const following = times[next];
    if (following !== time) {
      // between two of its own points: no point, and no gap
      const within = last !== undefined && following !== undefined && following - last <= hole;
      return within ? undefined : null;
    }
    const value = values[next];
    last = time;
    next += 1;
    return isValue(value) ? value : null;
  });
}

/** What a series has at a moment; where only others have a point there, the nearest of its own around it. */
export function valueAt(column: readonly Value[], index: number): number | null {
  for (let off = 0; off < column.length; off++) {
    for (const i of off === 0 ? [index] : [index - off, index + off]) {
      const value = column[i];
      if (value !== undefined) return isValue(value) ? value : null;
    }
  }
  return null;
}

/** The spans of time within `span` in which no series has a value and which are longer than usual. */
export function emptySpans({ times, columns }: Aligned, span: Span, stepMs: number): Span[] {
  const filled = times.filter((_, i) => columns.some((column) => isValue(column[i])));
  if (filled.length === 0) return [span];
  const hole = holeMs(filled, stepMs);
  const found: Span[] = [];
  let before = span.fromMs;
  for (const time of [...filled, span.toMs]) {
    if (time < span.fromMs) {
      before = Math.max(before, time);
      continue;
    }
    const to = Math.min(time, span.toMs);
    if (to - before > hole) found.push({ fromMs: before, toMs: to });
    before = to;
  }
  return found;
}

/**
 * At most `most` points (at least 4), of each bucket its lowest and its highest in the order in which they came, so that
 * no spike is lost. A bucket without any value stays as one gap.
 */
export function downsample({ times, values }: Points, most: number): Points {
  if (times.length <= most) return { times, values };
  const buckets = Math.max(2, Math.floor(most / 2));
  const out: { times: number[]; values: Value[] } = { times: [], values: [] };
  const keep = (i: number) => {
    out.times.push(times[i]!);
    out.values.push(values[i]);
  };
  for (let b = 0; b < buckets; b++) {
    const from = Math.floor((b * times.length) / buckets);
    const to = Math.floor(((b + 1) * times.length) / buckets);
    let [low, high] = [-1, -1];
    for (let i = from; i < to; i++) {
      const value = values[i];
      if (!isValue(value)) continue;
      if (low < 0 || value < values[low]!) low = i;
      if (high < 0 || value > values[high]!) high = i;
    }
    if (low < 0) keep(from);
    else if (low === high) keep(low);
    else for (const i of low < high ? [low, high] : [high, low]) keep(i);
  }
  return out;
}

export interface Summary {
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly last: number | null;
}

/** null: no value at all. */
export function summarise(values: readonly Value[]): Summary {
  let [min, max, sum, n] = [Infinity, -Infinity, 0, 0];
  let last: number | null = null;
  for (const value of values) {
    if (!isValue(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    n += 1;
    last = value;
  }
  return n === 0 ? { min: null, max: null, mean: null, last: null } : { min, max, mean: sum / n, last };
}

/**
 * Sums from the bottom up, for stacked charts. What is missing adds nothing to those above it and stays missing itself.
 *
 * @param shown which of them count; the others are missing
 */
export function stack(
  columns: readonly (readonly Value[])[],
  shown: (index: number) => boolean = () => true,
): (number | null)[][] {
  const below = new Array<number>(columns[0]?.length ?? 0).fill(0);
  return columns.map((column, s) =>
    column.map((value, i) => {
      if (!isValue(value) || !shown(s)) return null;
      below[i] = below[i]! + value;
      return below[i]!;
    }),
  );
}

/** The index of the moment nearest to `time`; -1 where there is none. */
export function nearest(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length - 1];
  if (high < 0) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low > 0 && time - times[low - 1]! < times[low]! - time ? low - 1 : low;
}

/** A span half or twice as long around the same place, never longer than `most` nor shorter than `leastMs`. */
export function zoomed(span: Span, aroundMs: number, factor: number, leastMs = 2_000): Span {
  const length = Math.max(leastMs, (span.toMs - span.fromMs) * factor);
  const share = (aroundMs - span.fromMs) / (span.toMs - span.fromMs);
  const fromMs = Math.round(aroundMs - length * Math.min(1, Math.max(0, share)));
  return { fromMs, toMs: Math.round(fromMs + length) };
}

export const moved = ({ fromMs, toMs }: Span, share: number): Span => {
  const by = Math.round((toMs - fromMs) * share);
  return { fromMs: fromMs + by, toMs: toMs + by };
};
