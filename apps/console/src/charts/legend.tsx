import type { CSSProperties } from 'react';
import css from './charts.module.css';
import { valueAt } from './series';
import type { Value } from './series';
import { colorOf, variableOf } from './theme';
import type { ChartColor } from './theme';

interface Props {
  readonly series: readonly {
    readonly label: string;
    readonly values: readonly Value[];
    readonly color?: ChartColor;
    readonly dashed?: boolean;
  }[];
  /** The cursor, `index` null in a gap; null: the newest value stands there. */
  readonly at: { readonly index: number | null } | null;
  readonly format: (value: number | null) => string;
  readonly hidden: ReadonlySet<string>;
  readonly onHidden: (hidden: ReadonlySet<string>) => void;
}

/** What line is what, its value, and whether it is drawn. With Alt or a double click: only this one, then all again. */
export function Legend({ series, at, format, hidden, onHidden }: Props) {
  const toggle = (label: string, alone: boolean) => {
    const others = series.filter((one) => one.label !== label).map((one) => one.label);
    if (alone) onHidden(new Set(others.every((one) => hidden.has(one)) ? [] : others));
    else {
      const next = new Set(hidden);
      if (!next.delete(label)) next.add(label);
      onHidden(next);
    }
  };
  return (
    <ul className={css['legend']} aria-label="Series">
      {series.map(({ label, values, color, dashed }, i) => (
        <li key={label}>
          <button
            type="button"
            aria-pressed={!hidden.has(label)}
            title={`${hidden.has(label) ? 'Show' : 'Hide'} ${label}. With Alt: only this one`}
            onClick={(event) => toggle(label, event.altKey)}
          >
            <Swatch color={color ?? colorOf(i)} dashed={dashed ?? i >= 8} />
            <bdi className={css['legendName']}>{label}</bdi>
            <span className={css['legendValue']}>
              {format(at === null ? newest(values) : at.index === null ? null : valueAt(values, at.index))}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** A piece of the line as it is drawn. */
export function Swatch({ color, dashed = false }: { readonly color: ChartColor; readonly dashed?: boolean }) {
  return (
    <span
      className={css['swatch']}
      data-dashed={dashed}
      style={{ '--swatch': `var(${variableOf(color)})` } as CSSProperties}
      aria-hidden
    />
  );
}

function newest(values: readonly Value[]): number | null {
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i];
    if (value !== undefined) return value === null || !Number.isFinite(value) ? null : value;
  }
  return null;
}
