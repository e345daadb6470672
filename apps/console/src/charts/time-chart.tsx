import { RotateCcw, Table2, ChartLine } from 'lucide-react';
import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { IconButton } from '../ui/button';
import { useZone } from '../ui/time';
import { momentWords } from './axis';
import { ChartTable } from './chart-table';
import css from './charts.module.css';
import { chartWords } from './chart-words';
import { Legend } from './legend';
import { MarkLane } from './mark-lane';
import type { Mark } from './marks';
import type { Kind, Level, PlotLook, PlotState } from './plot-options';
import { Plot } from './plot';
import type { CursorAt, PlotEvents, PlotValues } from './plot';
import { emptySpans, holeMs, isValue, moved, valueAt, zoomed } from './series';
import type { Span, Value } from './series';
import { colorOf } from './theme';
import type { ChartColor } from './theme';

export interface ChartSeries {
  readonly label: string;
  /** One per time; null and NaN are gaps, undefined is no point and no gap. */
  readonly values: readonly Value[];
  /** By its place where left out: the first is 1, after eight they come again. */
  readonly color?: ChartColor;
  /** Where it differs from the chart's. */
  readonly kind?: Kind;
  /** What is not certain: a forecast, an estimate. */
  readonly dashed?: boolean;
  /** Edges of what it may be as well: the quantiles of a forecast, the extremes of a mean. */
  readonly lower?: readonly Value[];
  readonly upper?: readonly Value[];
}

export interface TimeChartProps {
  /** What it shows, in words: the heading of the chart. */
  readonly title: string;
  /** Unix milliseconds, ascending. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  /** How a value is written, with its unit; null: there is none. */
  readonly format: (value: number | null) => string;
  /** How values at the axis are written, where they are written shorter there. */
  readonly formatAxis?: (value: number) => string;
  /** What the axis of time shows; all times where left out. */
  readonly span?: Span;
  /** Milliseconds that the source promises from point to point; the usual distance where left out. */
  readonly stepMs?: number;
  /** What is this young at the end of the span may still come: not shown as a gap. Milliseconds. */
  readonly awaitedMs?: number;
  readonly kind?: Kind;
  /** Areas or bars on top of each other. */
  readonly stacked?: boolean;
  /** Bounds of the values' axis: percent goes from 0 to 100. */
  readonly min?: number;
  readonly max?: number;
  /** Ticks at powers of two, where the unit is one of memory. */
  readonly binary?: boolean;
  /** Charts with the same one share their cursor. */
  readonly syncKey?: string;
  readonly marks?: readonly Mark[];
  /** The lane of marks over the plot: off where another chart of the group has it. Lines are drawn all the same. */
  readonly lane?: boolean;
  /** Lines across: a limit, a budget. */
  readonly levels?: readonly Level[];
  /** Called with Unix milliseconds when somebody zooms; where left out the chart zooms by itself. */
  readonly onZoom?: (fromMs: number, toMs: number) => void;
  /** Undoes it; shown where given. */
  readonly onReset?: (() => void) | undefined;
  /** Series that are not drawn, by label; where left out the chart keeps them itself. */
  readonly hidden?: ReadonlySet<string>;
  readonly onHidden?: (hidden: ReadonlySet<string>) => void;
  readonly legend?: boolean;
  /** Pixels of the plot. */
  readonly height?: number;
  /** In which days begin and times are written; the person's choice where left out. */
  readonly zone?: string;
  /** Stands there where there is no value at all: why, where one knows. */
  readonly nothing?: string;
  /** Stands beside the title: a number, a note. */
  readonly note?: ReactNode;
}

const NO_MARKS: readonly Mark[] = [];
const NO_LEVELS: readonly Level[] = [];

/**
 * Values over time. Drag to zoom, double-click to go back; with the keyboard: arrows move the cursor (with Shift the
 * span), + and − zoom, 0 goes back. Gaps stay gaps. Everything can be read as a table instead.
 */
export function TimeChart(props: TimeChartProps) {
  const { title, times, series, format, kind = 'line', stacked = false, min, max, syncKey, legend = true } = props;
  const { marks = NO_MARKS, levels = NO_LEVELS, height = 180, lane = true, note, awaitedMs = 0 } = props;
  const chosenZone = useZone();
  const zone = props.zone ?? chosenZone;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(null);
  const [isTable, setTable] = useState(false);
  const [own, setOwn] = useState<Span | null>(null);
  const [ownHidden, setOwnHidden] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState<CursorAt | null>(null);
  const hidden = props.hidden ?? ownHidden;
  const setHidden = props.onHidden ?? setOwnHidden;
  const [first = 0, last = 1] = [times[0], times.at(-1)];
  const stepMs = props.stepMs ?? Math.max(1, (last - first) / Math.max(1, times.length - 1));
  const [fromMs, toMs] = own
    ? [own.fromMs, own.toMs]
    : [props.span?.fromMs ?? first - barRoom(kind, stepMs), props.span?.toMs ?? last + barRoom(kind, stepMs)];
  const span = useMemo(() => ({ fromMs, toMs: Math.max(toMs, fromMs + 1) }), [fromMs, toMs]);

  const state: PlotState = useMemo(() => {
    const columns = series.map(({ values }) => values);
    const isBars = kind === 'bars';
    const until = { ...span, toMs: span.toMs - awaitedMs };
    const empty = isBars || times.length === 0 ? [] : emptySpans({ times, columns }, until, stepMs);
    const reachMs = isBars ? stepMs : holeMs(times, stepMs) / 2;
    return { span, empty, reachMs, marks, levels, axis: props.formatAxis ?? format };
  }, [series, times, kind, span, stepMs, awaitedMs, marks, levels, props.formatAxis, format]);
  const values: PlotValues = useMemo(
    () => ({
      times,
      columns: series.map((one) => one.values),
      bands: series.map(({ lower, upper }) => (lower && upper ? { lower, upper } : null)),
      hidden: (index) => hidden.has(series[index]?.label ?? ''),
    }),
    [times, series, hidden],
  );
  const lookKey = JSON.stringify({
    series: series.map((one, i) => ({
      label: one.label,
      color: one.color ?? colorOf(i),
      kind: one.kind ?? kind,
      dashed: one.dashed ?? i >= 8,
      band: !stacked && one.lower !== undefined && one.upper !== undefined,
    })),
    stacked,
    zone,
    syncKey,
    min,
    max,
    binary: props.binary ?? false,
  });

  const zoom = (from: number, to: number) =>
    props.onZoom ? props.onZoom(from, to) : setOwn({ fromMs: from, toMs: to });
  const reset = props.onReset ?? (own ? () => setOwn(null) : undefined);
  const newest = useNewest({ state, values });
  const events = useNewest<PlotEvents>({ onCursor: setAt, onZoom: zoom, onReset: () => reset?.() });
  const zoomTo = useCallback((from: number, to: number) => events.current.onZoom(from, to), [events]);
  useEffect(() => {
    if (isTable || !box.current) return;
    const look = JSON.parse(lookKey) as PlotLook;
    const { state: now, values: drawn } = newest.current;
    plot.current = measured(title, drawn, () => new Plot(box.current!, look, now, drawn, () => events.current));
    return () => {
      plot.current?.destroy();
      plot.current = null;
    };
  }, [lookKey, isTable, title, newest, events]);
  useEffect(() => {
    if (plot.current) measured(title, values, () => plot.current?.show(state, values));
  }, [state, values, title]);

  const words = useMemo(() => chartWords({ series, times, format }, state, zone), [series, times, format, state, zone]);
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = plot.current?.cursor()?.ms;
    const around = here ?? (span.fromMs + span.toMs) / 2;
    const go = (to: Span) => zoom(to.fromMs, to.toMs);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step && event.shiftKey) go(moved(span, step * 0.25));
    else if (step) plot.current?.point(here === undefined ? around : next(times, here, step, span));
    else if (event.key === 'Home') plot.current?.point(span.fromMs);
    else if (event.key === 'End') plot.current?.point(span.toMs);
    else if (event.key === '+' || event.key === '=') go(zoomed(span, around, 0.5));
    else if (event.key === '-') go(zoomed(span, around, 2));
    else if (event.key === '0' && reset) reset();
    else if (event.key === 'Escape' && here !== undefined) plot.current?.leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const moment = at?.ms;
  const told =
    moment === undefined
      ? ''
      : `${momentWords(moment, stepMs, zone)}: ${series
          .filter(({ label }) => !hidden.has(label))
          .map((one) => `${one.label} ${format(at?.index == null ? null : valueAt(one.values, at.index))}`)
          .join(', ')}`;
  return (
    <figure className={css['chart']} aria-labelledby={`${id}-title`}>
      <div className={css['head']}>
        <h3 id={`${id}-title`}>{title}</h3>
        {note !== undefined && <span className={css['note']}>{note}</span>}
        <span className={css['moment']}>{moment !== undefined && momentWords(moment, stepMs, zone)}</span>
        {reset && (
          <IconButton label={`${title}: whole span again`} onClick={reset}>
            <RotateCcw size={14} aria-hidden />
          </IconButton>
        )}
        <IconButton
          label={isTable ? `${title}: show as a chart` : `${title}: show as a table`}
          aria-pressed={isTable}
          onClick={() => setTable(!isTable)}
        >
          {isTable ? <ChartLine size={15} aria-hidden /> : <Table2 size={15} aria-hidden />}
        </IconButton>
      </div>
      {isTable ? (
        <ChartTable title={title} times={times} series={series} format={format} span={span} zone={zone} step={stepMs} />
      ) : (
        <>
          {lane && marks.length > 0 && <MarkLane marks={marks} span={span} zone={zone} onZoom={zoomTo} />}
          <div
            ref={box}
            className={css['plot']}
            style={{ height }}
            tabIndex={0}
            role="application"
            aria-roledescription="chart"
            aria-labelledby={`${id}-title`}
            aria-describedby={`${id}-words`}
            onKeyDown={keys}
            onBlur={() => plot.current?.leave()}
          >
            {times.length === 0 && <p className={css['nothing']}>{props.nothing ?? 'No values in this span'}</p>}
          </div>
          <p id={`${id}-words`} className="visually-hidden">
            {words} Arrows move the cursor, with Shift the span; plus and minus zoom, 0 shows the whole span.
          </p>
          <Told words={told} within={box} />
        </>
      )}
      {legend && (
        <Legend series={series} at={isTable ? null : at} format={format} hidden={hidden} onHidden={setHidden} />
      )}
    </figure>
  );
}

/** Says what is at the cursor, once it rests, to those who came by keyboard. */
function Told({
  words,
  within,
}: {
  readonly words: string;
  readonly within: { readonly current: HTMLElement | null };
}) {
  const [said, say] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => say(within.current?.contains(document.activeElement) ? words : ''), 400);
    return () => clearTimeout(timer);
  }, [words, within]);
  return (
    <p className="visually-hidden" aria-live="polite">
      {said}
    </p>
  );
}

/** What effects read that must not run anew for it. */
function useNewest<T>(value: T): { readonly current: T } {
  const newest = useRef(value);
  useEffect(() => {
    newest.current = value;
  });
  return newest;
}

/** Bars stand around their moment. */
const barRoom = (kind: Kind, stepMs: number) => (kind === 'bars' ? stepMs * 0.6 : 0);

/** The moment before or after, within what is shown. */
function next(times: readonly number[], from: number, step: number, { fromMs, toMs }: Span): number {
  const to = times[times.indexOf(from) + step];
  return to === undefined || to < fromMs || to > toMs ? from : to;
}

/** How long a drawing took, for whoever measures: the newest of each chart, so that nothing grows. */
function measured<T>(title: string, { times, columns }: PlotValues, draw: () => T): T {
  const name = `flotilla.chart ${title}`;
  const start = performance.now();
  const made = draw();
  // the canvas itself is drawn in a microtask after this one
  queueMicrotask(() => {
    performance.clearMeasures(name);
    const points = columns.reduce((n, column) => n + column.filter(isValue).length, 0);
    performance.measure(name, { start, detail: { points, moments: times.length } });
  });
  return made;
}
