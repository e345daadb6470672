import { useMemo, useState } from 'react';
import { NONE } from '../ui/format';
import { ChartTable, useWidth } from './frame';
import { labelled, scaleOf } from './scale';
import css from './stacked-bars.module.css';

/** One place of a chart that goes from what is known to what is expected. */
export interface BandPoint {
  readonly place: string;
  /** null: not known yet. */
  readonly known: number | null;
  /** null: known already, or nothing is expected. */
  readonly expected: number | null;
  /** Where it lies with 80 and 95 %; null: not known. */
  readonly inner: Span | null;
  readonly outer: Span | null;
}
interface Span {
  readonly low: number;
  readonly high: number;
}

interface Props {
  readonly label: string;
  readonly points: readonly BandPoint[];
  readonly format: (value: number | null) => string;
  readonly formatAxis: (value: number) => string;
  readonly formatPlace: (place: string, long: boolean) => string;
  readonly height?: number;
}

const LEFT = 52;
const RIGHT = 10;
const TOP = 8;
const BOTTOM = 22;

/** A line that is known until now, and from there on expected, with the spans in which it will lie. */
export function BandChart({ label, points, format, formatAxis, formatPlace, height = 220 }: Props) {
  const [box, width] = useWidth();
  const [asTable, setAsTable] = useState(false);
  const [over, setOver] = useState<number | null>(null);
  const scale = useMemo(
    () => scaleOf(points.flatMap((point) => [point.known ?? 0, point.expected ?? 0, point.outer?.high ?? 0])),
    [points],
  );
  const step = Math.max(1, width - LEFT - RIGHT) / Math.max(1, points.length - 1);
  const x = (place: number) => LEFT + place * step;
  const y = (value: number) => TOP + (1 - scale.at(value)) * (height - TOP - BOTTOM);
  const line = (of: (point: BandPoint) => number | null) =>
    points.flatMap((point, i) => (of(point) === null ? [] : [`${x(i)},${y(of(point)!)}`])).join(' ');
  const area = (of: (point: BandPoint) => Span | null) => {
    const within = points.flatMap((point, i) => (of(point) ? [[x(i), of(point)!] as const] : []));
    return [
      ...within.map(([at, { high }]) => `${at},${y(high)}`),
      ...within.reverse().map(([at, { low }]) => `${at},${y(low)}`),
    ].join(' ');
  };
  const shown = over === null ? undefined : points[over];
  return (
    <figure className={css['figure']} aria-label={label}>
      <ChartTable
        label={label}
        asTable={asTable}
        onAsTable={setAsTable}
        head={['Day', 'So far', 'Expected', '80 %', '95 %']}
        rows={() =>
          points.map(({ place, known, expected, inner, outer }) => [
            formatPlace(place, true),
            format(known),
            format(expected),
            spanWords(inner, format),
            spanWords(outer, format),
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
              onPointerMove={(event) => {
                const at = Math.round((event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT) / step);
                setOver(at >= 0 && at < points.length ? at : null);
              }}
              onPointerLeave={() => setOver(null)}
            >
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
              <polygon points={area(({ outer }) => outer)} className={css['outer']} />
              <polygon points={area(({ inner }) => inner)} className={css['inner']} />
              <polyline points={line(({ expected }) => expected)} className={css['expected']} />
              <polyline points={line(({ known }) => known)} className={css['known']} />
              {over !== null && shown && (
                <>
                  <line x1={x(over)} x2={x(over)} y1={TOP} y2={height - BOTTOM} className={css['zero']} />
                  <circle cx={x(over)} cy={y(shown.known ?? shown.expected ?? 0)} r="3.5" className={css['dot']} />
                </>
              )}
              {labelled(points.length, (width - LEFT) / 64).map((place) => (
                <text
                  key={place}
                  x={x(place)}
                  y={height - 6}
                  textAnchor={place === 0 ? 'start' : 'middle'}
                  className={css['axis']}
                >
                  {formatPlace(points[place]!.place, false)}
                </text>
              ))}
            </svg>
          )}
          {over !== null && shown && (
            <div
              className={css['tip']}
              style={x(over) > width / 2 ? { right: width - x(over) + 12 } : { left: x(over) + 12 }}
              aria-hidden
            >
              <div className={css['tipHead']}>
                <span>{formatPlace(shown.place, true)}</span>
                <b>{format(shown.known ?? shown.expected)}</b>
              </div>
              {shown.expected !== null && (
                <>
                  <div>80 %: {spanWords(shown.inner, format)}</div>
                  <div>95 %: {spanWords(shown.outer, format)}</div>
                </>
              )}
            </div>
          )}
        </div>
      </ChartTable>
    </figure>
  );
}

const spanWords = (span: Span | null, format: Props['format']) =>
  span === null ? NONE : `${format(span.low)} to ${format(span.high)}`;
