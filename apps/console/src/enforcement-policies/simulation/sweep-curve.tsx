import { useEffect, useRef, useState } from 'react';
import { count, decimal, duration, money } from '../../ui/format';
import ui from '../../ui/ui.module.css';
import { countScale, roomFor, ticks } from './geometry';
import type { Cell, Point } from './geometry';
import { pointWords } from './point-words';
import css from './sweep.module.css';

const HEIGHT = 280;
const EDGE = { top: 14, right: 18, bottom: 40, left: 64 };

interface Props {
  readonly points: readonly Point[];
  readonly currency: string;
  readonly onChoose: (cell: Cell) => void;
}

/** Dollars against false stops, a point for each threshold and duration; the line joins those that nothing betters. */
export function SweepCurve({ points, currency, onChoose }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(720);
  const [near, setNear] = useState<Point | null>(null);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(Math.max(260, entry!.contentRect.width)));
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  const scale = countScale(Math.max(...points.map(({ falseStops }) => falseStops), 1));
  const ys = ticks(Math.max(...points.map(({ dollars }) => dollars), 0));
  const x = (value: number) => EDGE.left + scale.at(value) * (width - EDGE.left - EDGE.right);
  const y = (value: number) => HEIGHT - EDGE.bottom - (value / ys.at(-1)!) * (HEIGHT - EDGE.top - EDGE.bottom);
  const best = points.filter((point) => point.best).sort((a, b) => a.falseStops - b.falseStops);
  const current = points.find((point) => point.current);
  const told = near ?? current;
  const placed = [...(current ? [current] : []), ...best].map((point) => ({
    point,
    x: x(point.falseStops),
    y: y(point.dollars),
  }));
  const names = width < 500 ? [] : roomFor(placed, 130, 22);
  const nearest = (event: { clientX: number; clientY: number; currentTarget: Element }) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const far = (p: Point) =>
      Math.hypot(x(p.falseStops) - (event.clientX - left), y(p.dollars) - (event.clientY - top));
    const [first] = [...points].sort((a, b) => far(a) - far(b) || Number(b.best) - Number(a.best));
    return first && far(first) < 40 ? first : null;
  };
  return (
    <div ref={box} className={css['curve']}>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`Dollars against false stops for ${count(points.length)} thresholds and durations; the grid has every number`}
        data-pointed={near !== null}
        onMouseMove={(event) => setNear(nearest(event))}
        onMouseLeave={() => setNear(null)}
        onClick={(event) => {
          const point = nearest(event);
          if (point) onChoose(point.cell);
        }}
      >
        {ys.map((value) => (
          <g key={value}>
            <line className={css['gridLine']} x1={EDGE.left} x2={width - EDGE.right} y1={y(value)} y2={y(value)} />
            <text x={EDGE.left - 8} y={y(value) + 4} textAnchor="end">
              {money(value, currency, value < 10 && value > 0 ? 2 : 0)}
            </text>
          </g>
        ))}
        {scale.marks.map((value) => (
          <text key={value} x={x(value)} y={HEIGHT - EDGE.bottom + 18} textAnchor="middle">
            {count(value)}
          </text>
        ))}
        <text className={css['axisName']} x={width - EDGE.right} y={HEIGHT - 6} textAnchor="end">
          false stops →
        </text>
        <polyline
          className={css['frontier']}
          points={best.map((point) => `${x(point.falseStops)},${y(point.dollars)}`).join(' ')}
        />
        {points.map((point) => (
          <circle
            key={`${point.cell.threshold} ${point.cell.duration}`}
            className={css['point']}
            data-best={point.best}
            data-near={point === near}
            cx={x(point.falseStops)}
            cy={y(point.dollars)}
            r={point === near ? 6 : point.best ? 4.5 : 3}
          />
        ))}
        {current && <circle className={css['ring']} cx={x(current.falseStops)} cy={y(current.dollars)} r={9} />}
        {names.map(({ point, x: left, y: top }) => (
          <text
            key={`${point.cell.threshold} ${point.cell.duration}`}
            className={css['pointName']}
            x={left + (left > width - 120 ? -12 : 12)}
            y={top - 8}
            textAnchor={left > width - 120 ? 'end' : 'start'}
          >
            {decimal(point.cell.threshold)} % · {duration(point.cell.duration * 60)}
          </text>
        ))}
      </svg>
      <p className={css['told']}>
        {told ? (
          <>
            <b>{told === near ? 'Click to take it' : 'Now'}</b> {pointWords(told, currency)}.
          </>
        ) : (
          <span className={ui['hint']}>Point at the curve to see what a threshold and a duration would have done.</span>
        )}
      </p>
    </div>
  );
}
