import { useMemo, useState } from 'react';
import type { PointerEvent } from 'react';
import { NONE } from '../ui/format';
import { ChartTable, useWidth } from './frame';
import { labelled, scaleOf, stacked } from './scale';
import css from './stacked-bars.module.css';

export interface BarSeries {
  readonly key: string;
  readonly label: string;
  /** As many as there are places; null: nothing is known there. */
  readonly values: readonly (number | null)[];
  readonly color: string;
  /** Striped, so that it is told apart without its colour: what belongs to nobody. */
  readonly striped?: boolean;
}

interface Props {
  /** What it shows, for people who do not see it. */
  readonly label: string;
  readonly places: readonly string[];
  readonly series: readonly BarSeries[];
  readonly format: (value: number | null) => string;
  /** On the axis, short. */
  readonly formatAxis: (value: number) => string;
  readonly formatPlace: (place: string, long: boolean) => string;
  /** A place that is not over: drawn lighter, and what is told of it. */
  readonly unfinished?: { readonly place: string; readonly words: string } | undefined;
  readonly onPlace?: (place: string) => void;
  readonly height?: number;
}

const LEFT = 52;
const BOTTOM = 22;
const TOP = 8;

/** Bars by day, in parts; what takes back (credits) goes below the axis. The same as a table on request. */
export function StackedBars(props: Props) {
  const { label, places, series, format, formatAxis, formatPlace, unfinished, onPlace, height = 320 } = props;
  const [box, width] = useWidth();
  const [over, setOver] = useState<number | null>(null);
  const [asTable, setAsTable] = useState(false);
  const spans = useMemo(() => stacked(series.map(({ values }) => values)), [series]);
  const scale = useMemo(() => scaleOf(spans.flatMap((of) => of.map(({ to }) => to))), [spans]);
  const inner = Math.max(1, width - LEFT);
  const step = inner / Math.max(1, places.length);
  const y = (value: number) => TOP + (1 - scale.at(value)) * (height - TOP - BOTTOM);
  const placeAt = (event: PointerEvent<SVGSVGElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT;
    const index = Math.floor(x / step);
    return index >= 0 && index < places.length ? index : null;
  };
  return (
    <figure className={css['figure']} aria-label={label}>
      <ChartTable
        label={label}
        asTable={asTable}
        onAsTable={setAsTable}
        head={['Day', ...series.map((one) => one.label), 'Total']}
        rows={() =>
          places.map((place, i) => [
            formatPlace(place, true) + (unfinished?.place === place ? ` (${unfinished.words})` : ''),
            ...series.map(({ values }) => (values[i] == null ? NONE : format(values[i]))),
            format(totalAt(series, i)),
          ])
        }
      >
        <div ref={box} className={css['plot']} style={{ height }}>
          {width > 0 && (
            <svg
              width={width}
              height={height}
              role="img"
              aria-label={`${label}. The button “As a table” shows the numbers.`}
              className={onPlace ? css['clickable'] : undefined}
              onPointerMove={(event) => setOver(placeAt(event))}
              onPointerLeave={() => setOver(null)}
              onClick={() => over !== null && onPlace?.(places[over]!)}
            >
              <Stripes series={series} />
              {scale.ticks.map((tick) => (
                <g key={tick}>
                  <line
                    x1={LEFT}
                    x2={width}
                    y1={y(tick)}
                    y2={y(tick)}
                    className={tick === 0 ? css['zero'] : css['grid']}
                  />
                  <text x={LEFT - 8} y={y(tick)} dy="0.32em" textAnchor="end" className={css['axis']}>
                    {formatAxis(tick)}
                  </text>
                </g>
              ))}
              {over !== null && (
                <rect
                  x={LEFT + over * step}
                  y={TOP}
                  width={step}
                  height={height - TOP - BOTTOM}
                  className={css['over']}
                />
              )}
              {spans.map((of, place) => (
                <g key={places[place]} opacity={places[place] === unfinished?.place ? 0.5 : 1}>
                  {of.map(({ index, from, to }) => (
                    <rect
                      key={series[index]!.key}
                      x={LEFT + place * step + (step > 4 ? step * 0.12 : 0)}
                      width={step > 4 ? step * 0.76 : step}
                      y={y(Math.max(from, to))}
                      height={Math.max(0.5, Math.abs(y(from) - y(to)))}
                      fill={series[index]!.striped ? `url(#${stripeId(series[index]!)})` : series[index]!.color}
                    />
                  ))}
                </g>
              ))}
              {labelled(places.length, inner / 64).map((place) => (
                <text
                  key={place}
                  x={LEFT + (place + 0.5) * step}
                  y={height - 6}
                  textAnchor="middle"
                  className={css['axis']}
                >
                  {formatPlace(places[place]!, false)}
                </text>
              ))}
            </svg>
          )}
          {over !== null && (
            <Tip
              {...props}
              index={over}
              // beside the bar, on the side that has room
              left={LEFT + (over + 0.5) * step}
              width={width}
            />
          )}
        </div>
      </ChartTable>
    </figure>
  );
}

const totalAt = (series: readonly BarSeries[], i: number) =>
  series.every(({ values }) => values[i] == null)
    ? null
    : series.reduce((sum, { values }) => sum + (values[i] ?? 0), 0);
const stripeId = ({ key }: BarSeries) =>
  `stripes-${Array.from(key, (char) => char.codePointAt(0)!.toString(36)).join('')}`.slice(0, 60);

function Stripes({ series }: { readonly series: readonly BarSeries[] }) {
  return (
    <defs>
      {series
        .filter(({ striped }) => striped)
        .map((one) => (
          <pattern
            key={one.key}
            id={stripeId(one)}
            width="6"
            height="6"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect width="6" height="6" fill={one.color} opacity="0.35" />
            <rect width="3" height="6" fill={one.color} />
          </pattern>
        ))}
    </defs>
  );
}

function Tip({
  series,
  places,
  format,
  formatPlace,
  unfinished,
  index,
  left,
  width,
}: Props & { readonly index: number; readonly left: number; readonly width: number }) {
  const rows = series
    .filter(({ values }) => (values[index] ?? 0) !== 0)
    .sort((a, b) => b.values[index]! - a.values[index]!);
  const place = places[index]!;
  return (
    <div
      className={css['tip']}
      style={left > width / 2 ? { right: width - left + 12 } : { left: left + 12 }}
      aria-hidden
    >
      <div className={css['tipHead']}>
        <span>
          {formatPlace(place, true)}
          {unfinished?.place === place && <span className={css['soft']}> {unfinished.words}</span>}
        </span>
        <b>{format(totalAt(series, index))}</b>
      </div>
      {rows.slice(0, 10).map((one) => (
        <div key={one.key} className={css['tipRow']}>
          <i className={css['swatch']} style={{ background: one.color }} />
          <bdi>{one.label}</bdi>
          <span>{format(one.values[index] ?? null)}</span>
        </div>
      ))}
    </div>
  );
}

/** Which colour is what; beside a chart whose table below does not say it already. */
export function Legend({
  series,
}: {
  readonly series: readonly Pick<BarSeries, 'key' | 'label' | 'color' | 'striped'>[];
}) {
  return (
    <ul className={css['legend']}>
      {series.map(({ key, label, color, striped }) => (
        <li key={key}>
          <i className={css['swatch']} data-striped={striped} style={{ background: color }} aria-hidden />
          <bdi title={label}>{label}</bdi>
        </li>
      ))}
    </ul>
  );
}
