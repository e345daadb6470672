import { useMemo } from 'react';
import css from './charts.module.css';
import { sparkPaths } from './spark-paths';
import { variableOf } from './theme';
import type { ChartColor } from './theme';
import type { Value } from './series';

interface Props {
  /** Evenly spaced; null and NaN are gaps. */
  readonly values: readonly Value[];
  /** What it shows, told instead of the picture; left out: the numbers beside it say it. */
  readonly label?: string;
  readonly color?: ChartColor;
  /** Bounds of the axis; the values' own where left out. */
  readonly min?: number;
  readonly max?: number;
  readonly width?: number;
  readonly height?: number;
}

/** A line of a word's size. */
export function Sparkline({ values, label, color = 1, min, max, width = 96, height = 24 }: Props) {
  const { line, area, dots } = useMemo(
    () => sparkPaths(values, { width, height, min, max }),
    [values, width, height, min, max],
  );
  const stroke = `var(${variableOf(color)})`;
  return (
    <svg
      className={css['spark']}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    >
      <path d={area} fill={stroke} opacity={0.14} />
      <path
        d={line}
        fill="none"
        stroke={stroke}
        strokeWidth={1.5}
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
      {dots.map(({ x, y }) => (
        <circle key={x} cx={x} cy={y} r={1.2} fill={stroke} />
      ))}
    </svg>
  );
}
