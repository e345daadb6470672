import { useMemo, useState } from 'react';
import { useTenant } from '../../data/tenant';
import { count, decimal, duration, money } from '../../ui/format';
import { Card } from '../../ui/page';
import { Choice } from '../../ui/tabs';
import type { Simulation } from '../proof';
import { pointsOf } from './geometry';
import type { Cell, Point } from './geometry';
import { pointWords } from './point-words';
import css from './sweep.module.css';
import { SweepCurve } from './sweep-curve';

interface Props {
  readonly sweep: NonNullable<Simulation['sweep']>;
  /** What the draft asks now; null: its condition cannot be swept. */
  readonly current: { readonly threshold: number; readonly duration: number } | null;
  readonly onChoose: (cell: Cell) => void;
}

/** What other thresholds and durations would have done; a click takes one of them into the draft. */
export function SweepCard({ sweep, current, onChoose }: Props) {
  const currency = useTenant()?.currency ?? 'USD';
  const [view, setView] = useState<'curve' | 'grid'>('curve');
  const points = useMemo(() => pointsOf(sweep.curve, currency, current), [sweep, currency, current]);
  return (
    <Card
      title="Other thresholds and durations"
      hint="Without gate, caps and protection"
      actions={
        <Choice
          label="How the sweep is shown"
          value={view}
          options={[
            ['curve', 'Curve'],
            ['grid', 'Grid'],
          ]}
          onChange={setView}
        />
      }
      padded
    >
      {view === 'curve' ? (
        <SweepCurve points={points} currency={currency} onChoose={onChoose} />
      ) : (
        <SweepGrid points={points} currency={currency} onChoose={onChoose} />
      )}
    </Card>
  );
}

interface PointsProps {
  readonly points: readonly Point[];
  readonly currency: string;
  readonly onChoose: (cell: Cell) => void;
}

/** The same as a table: thresholds downwards, durations across. */
function SweepGrid({ points, currency, onChoose }: PointsProps) {
  const thresholds = [...new Set(points.map(({ cell }) => cell.threshold))];
  const durations = [...new Set(points.map(({ cell }) => cell.duration))];
  const most = Math.max(...points.map(({ dollars }) => dollars), 1e-9);
  const at = new Map(points.map((point) => [`${point.cell.threshold} ${point.cell.duration}`, point]));
  return (
    <div className={css['gridBox']} role="region" aria-label="Sweep, as a table" tabIndex={0}>
      <table className={css['grid']}>
        <thead>
          <tr>
            <th scope="col">Below</th>
            {durations.map((minutes) => (
              <th key={minutes} scope="col">
                {duration(minutes * 60)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {thresholds.map((threshold) => (
            <tr key={threshold}>
              <th scope="row">{decimal(threshold)} %</th>
              {durations.map((minutes) => {
                const point = at.get(`${threshold} ${minutes}`);
                if (!point) return <td key={minutes} />;
                return (
                  <td key={minutes}>
                    <button
                      type="button"
                      aria-pressed={point.current}
                      data-best={point.best}
                      aria-label={pointWords(point, currency)}
                      title={pointWords(point, currency)}
                      style={{
                        background: `color-mix(in srgb, var(--accent-soft) ${Math.round((point.dollars / most) * 100)}%, var(--surface))`,
                      }}
                      onClick={() => onChoose(point.cell)}
                    >
                      {money(point.dollars, currency, point.dollars < 10 ? undefined : 0)}
                      <span data-wrong={point.falseStops > 0}>{count(point.falseStops)} false</span>
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
