import { downsample, isValue } from './series';
import type { Value } from './series';

interface Box {
  readonly width: number;
  readonly height: number;
  readonly min: number | undefined;
  readonly max: number | undefined;
}

export interface SparkPaths {
  readonly line: string;
  /** Under the line, down to the ground. */
  readonly area: string;
  /** Values with a gap on both sides, of which no line can be drawn. */
  readonly dots: readonly { readonly x: number; readonly y: number }[];
}

/** Paths of an SVG for evenly spaced values: one piece per run without a gap. */
export function sparkPaths(values: readonly Value[], { width, height, min, max }: Box): SparkPaths {
  const indexes = values.map((_, i) => i);
  const { times, values: kept } = downsample({ times: indexes, values }, Math.max(8, width * 2));
  const present = kept.filter(isValue);
  if (present.length === 0) return { line: '', area: '', dots: [] };
  const low = min ?? Math.min(...present);
  const high = max ?? Math.max(...present);
  const room = 1.5;
  const x = (i: number) => round((i / Math.max(1, values.length - 1)) * width);
  const y = (value: number) => {
    const share = high > low ? (Math.min(high, Math.max(low, value)) - low) / (high - low) : 0.5;
    return round(height - room - share * (height - 2 * room));
  };
  const runs: { readonly x: number; readonly y: number }[][] = [];
  let open = false;
  kept.forEach((value, i) => {
    if (!isValue(value)) return void (open = false);
    if (!open) runs.push([]);
    open = true;
    runs.at(-1)!.push({ x: x(times[i]!), y: y(value) });
  });
  const lines = runs.filter((run) => run.length > 1);
  const path = (run: (typeof runs)[number]) => run.map((at, i) => `${i === 0 ? 'M' : 'L'}${at.x} ${at.y}`).join('');
  return {
    line: lines.map(path).join(''),
    area: lines.map((run) => `${path(run)}L${run.at(-1)!.x} ${height}L${run[0]!.x} ${height}Z`).join(''),
    dots: runs.filter((run) => run.length === 1).map(([only]) => only!),
  };
}

const round = (value: number) => Math.round(value * 10) / 10;
