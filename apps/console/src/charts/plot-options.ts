import uPlot from 'uplot';
import { tickWords, valueRange } from './axis';
import type { Mark } from './marks';
import { isValue } from './series';
import type { Span, Value } from './series';
import { cssColor, faded, seriesColor, variableOf } from './theme';
import type { ChartColor } from './theme';

export type Kind = 'line' | 'step' | 'area' | 'bars';

/** What of a series makes a new plot; its values do not. */
export interface SeriesLook {
  readonly label: string;
  readonly color: ChartColor;
  readonly kind: Kind;
  readonly dashed: boolean;
  /** It has a lower and an upper edge around it. */
  readonly band: boolean;
}

export interface Level {
  readonly value: number;
  readonly label: string;
  readonly color?: ChartColor;
}

export interface PlotLook {
  readonly series: readonly SeriesLook[];
  readonly stacked: boolean;
  readonly zone: string;
  readonly syncKey: string | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Ticks at powers of two times 1, 2, 5: memory. */
  readonly binary: boolean;
}

/** What is drawn now; read anew at each drawing. */
export interface PlotState {
  readonly span: Span;
  readonly empty: readonly Span[];
  /** Further than this from the nearest point the cursor is at none: it is in a gap. */
  readonly reachMs: number;
  readonly marks: readonly Mark[];
  readonly levels: readonly Level[];
  readonly axis: (value: number) => string;
}

/** Pixels that the axis of values takes: the same for all charts, so that their times stand above each other. */
export const AXIS_PX = 56;
export const RIGHT_PX = 12;
const FONT = '11px system-ui, "Liberation Sans", "DejaVu Sans", sans-serif';
const OVER_PX = 0;

export interface PlotHooks {
  readonly onCursor: (plot: uPlot) => void;
  readonly onSelect: (plot: uPlot) => void;
  readonly onReset: () => void;
}

/** Columns of one series in the plot: itself, then the edges of its band. */
export const columnsOf = ({ band }: SeriesLook): number => (band ? 3 : 1);

export function plotOptions(
  look: PlotLook,
  state: () => PlotState,
  hooks: PlotHooks,
): Omit<uPlot.Options, 'width' | 'height'> {
  const bands: uPlot.Band[] = [];
  const series: uPlot.Series[] = [{}];
  // stacked: the highest sum is drawn first and the others over it
  for (const one of look.stacked ? [...look.series].reverse() : look.series) {
    const at = series.length;
    series.push(seriesOf(one, look.stacked));
    if (!one.band) continue;
    series.push(edge(), edge());
    bands.push({ series: [at + 2, at + 1], fill: () => faded(variableOf(one.color), 0.18) });
  }
  return {
    ms: 1,
    tzDate: (ms) => uPlot.tzDate(new Date(ms), look.zone),
    series,
    bands,
    scales: {
      x: { time: true, range: () => [state().span.fromMs, state().span.toMs] },
      y: { range: (_plot, low, high) => [...rangeWith(low, high, look, state().levels)] as uPlot.Range.MinMax },
    },
    axes: [timeAxis(look.zone), valueAxis(state, look.binary)],
    legend: { show: false },
    padding: [8, RIGHT_PX, 0, OVER_PX],
    cursor: {
      drag: { x: true, y: false, setScale: false, dist: 4 },
      points: { size: 7, width: 0 },
      // in a gap there is no value, however near the next one looks
      dataIdx: (plot, _series, closest, ms) =>
        Math.abs((plot.data[0][closest] ?? Infinity) - ms) > state().reachMs ? null! : closest,
      y: false,
      bind: { dblclick: () => () => (hooks.onReset(), null) },
      ...(look.syncKey !== undefined && {
        sync: {
          key: look.syncKey,
          setSeries: false,
          // what one zooms the page gives to all; only the cursor goes from chart to chart
          filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave' },
        },
      }),
    },
    hooks: {
      setCursor: [hooks.onCursor],
      setSelect: [hooks.onSelect],
      drawClear: [(plot) => drawGround(plot, state())],
      draw: [(plot) => drawMarks(plot, state())],
    },
  };
}

function seriesOf({ label, color, kind, dashed }: SeriesLook, stacked: boolean): uPlot.Series {
  const solid = kind === 'bars' || (stacked && kind === 'area');
  return {
    label,
    scale: 'y',
    stroke: () => seriesColor(color),
    width: solid ? 1 : 1.5,
    spanGaps: false,
    ...(dashed && { dash: [5, 4] }),
    ...(kind === 'bars' && { paths: uPlot.paths.bars!({ size: [0.76, 64], align: 0 }) }),
    ...(kind === 'step' && { paths: uPlot.paths.stepped!({ align: 1 }) }),
    ...(solid ? { fill: () => seriesColor(color) } : kind === 'area' && { fill: () => faded(variableOf(color), 0.14) }),
    points:
      kind === 'bars'
        ? { show: false }
        : // a value with a gap on both sides has no line: without a dot it could not be seen
          { show: true, size: 4, width: 0, fill: () => seriesColor(color), filter: lonely },
  };
}

const edge = (): uPlot.Series => ({ scale: 'y', stroke: 'transparent', width: 0, points: { show: false } });

const lonely: uPlot.Series.Points.Filter = (plot, at) => {
  const values = plot.data[at] as readonly Value[];
  const [from, to] = plot.series[0]!.idxs!;
  const alone: number[] = [];
  for (let i = from; i <= to; i++) {
    if (isValue(values[i]) && !neighbour(values, i, -1) && !neighbour(values, i, 1)) alone.push(i);
  }
  return alone;
};

function neighbour(values: readonly Value[], from: number, step: 1 | -1): boolean {
  let i = from + step;
  while (i >= 0 && i < values.length && values[i] === undefined) i += step;
  return isValue(values[i]);
}

function rangeWith(low: number | null, high: number | null, look: PlotLook, levels: readonly Level[]) {
  const values = levels.map(({ value }) => value);
  if (low !== null) values.push(low);
  if (high !== null) values.push(high);
  const any = values.length > 0;
  return valueRange(any ? Math.min(...values) : null, any ? Math.max(...values) : null, look);
}

function timeAxis(zone: string): uPlot.Axis {
  return {
    stroke: () => cssColor('--text-soft'),
    font: FONT,
    size: 38,
    gap: 4,
    space: 84,
    grid: { stroke: () => faded('--line', 0.6), width: 1 },
    ticks: { stroke: () => cssColor('--line'), width: 1, size: 4 },
    values: (_plot, ticks, _axis, _space, step) => tickWords(ticks, step, zone),
  };
}

function valueAxis(state: () => PlotState, binary: boolean): uPlot.Axis {
  return {
    stroke: () => cssColor('--text-soft'),
    font: FONT,
    size: AXIS_PX,
    gap: 6,
    space: 34,
    grid: { stroke: () => cssColor('--line'), width: 1 },
    ticks: { show: false },
    ...(binary && { incrs: BINARY }),
    values: (_plot, ticks) => ticks.map((tick) => state().axis(tick)),
  };
}

const BINARY = Array.from({ length: 40 }, (_, power) => 2 ** power);

/** Under the lines: where nobody reported anything. */
function drawGround(plot: uPlot, { empty }: PlotState): void {
  const { ctx } = plot;
  const { left, top, width, height } = plot.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  for (const { fromMs, toMs } of empty) {
    const begin = plot.valToPos(fromMs, 'x', true);
    const end = plot.valToPos(toMs, 'x', true);
    ctx.fillStyle = faded('--sunken', 0.75);
    ctx.fillRect(begin, top, end - begin, height);
    hatch(ctx, begin, end, top, height);
  }
  ctx.restore();
}

/** Slanted lines: told from a band of colour also by those who see no colours. */
function hatch(ctx: CanvasRenderingContext2D, begin: number, end: number, top: number, height: number): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(begin, top, end - begin, height);
  ctx.clip();
  ctx.strokeStyle = faded('--text-faint', 0.28);
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  const step = 8 * devicePixelRatio;
  for (let x = begin - height - ((begin - height) % step); x < end; x += step) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

/** Over the lines: what happened, and levels that count. */
function drawMarks(plot: uPlot, { marks, levels, span }: PlotState): void {
  const { ctx } = plot;
  const { left, top, width, height } = plot.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, 0, width, top + height);
  ctx.clip();
  ctx.lineWidth = devicePixelRatio;
  for (const { at, to = at, tone = 'plain' } of marks) {
    if (to < span.fromMs || at > span.toMs) continue;
    const variable = tone === 'plain' ? '--text-faint' : `--${tone}`;
    const x = Math.round(plot.valToPos(at, 'x', true)) + 0.5;
    const end = plot.valToPos(Math.min(to, span.toMs), 'x', true);
    // a span is a bar above the plot: a tint over its whole height would be louder than the lines
    ctx.fillStyle = faded(variable, 0.55);
    if (end - x > 2 * devicePixelRatio) ctx.fillRect(x, top - 6 * devicePixelRatio, end - x, 3 * devicePixelRatio);
    if (at < span.fromMs) continue;
    ctx.strokeStyle = faded(variable, 0.7);
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.stroke();
  }
  for (const level of levels) drawLevel(plot, level);
  ctx.restore();
}

function drawLevel(plot: uPlot, { value, label, color = 'warn' }: Level): void {
  const { ctx } = plot;
  const { left, width, top } = plot.bbox;
  const y = Math.round(plot.valToPos(value, 'y', true)) + 0.5;
  ctx.strokeStyle = seriesColor(color);
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(left, y);
  ctx.lineTo(left + width, y);
  ctx.stroke();
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'right';
  const above = y - top > 18 * devicePixelRatio;
  ctx.textBaseline = above ? 'bottom' : 'top';
  const right = left + width - 4 * devicePixelRatio;
  const base = y + (above ? -3 : 4) * devicePixelRatio;
  const wide = ctx.measureText(label).width + 6 * devicePixelRatio;
  const high = 14 * devicePixelRatio;
  // on a ground of its own: lines go through it
  ctx.fillStyle = faded('--surface', 0.85);
  ctx.fillRect(right - wide + 3 * devicePixelRatio, above ? base - high : base - 1, wide, high);
  ctx.fillStyle = seriesColor(color);
  ctx.fillText(label, right, base);
}
