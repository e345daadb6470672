import { useMemo, useState } from 'react';
import { Pager } from '../ui/pager';
import ui from '../ui/ui.module.css';
import { momentWords } from './axis';
import css from './charts.module.css';
import { isValue } from './series';
import type { Span, Value } from './series';

interface Props {
  readonly title: string;
  readonly times: readonly number[];
  readonly series: readonly { readonly label: string; readonly values: readonly Value[] }[];
  readonly format: (value: number | null) => string;
  readonly span: Span;
  readonly zone: string;
  /** Milliseconds from point to point: how fine the times are written. */
  readonly step: number;
}

const ROWS = 50;

/** The same values to read, the newest first. Moments without any value are left out. */
export function ChartTable({ title, times, series, format, span, zone, step }: Props) {
  const [page, setPage] = useState(1);
  const rows = useMemo(
    () =>
      times
        .map((time, i) => ({ time, i }))
        .filter(({ time, i }) => time >= span.fromMs && time <= span.toMs && series.some((s) => isValue(s.values[i])))
        .reverse(),
    [times, series, span],
  );
  const shown = Math.min(page, Math.max(1, Math.ceil(rows.length / ROWS)));
  return (
    <>
      <div
        className={`${ui['tableBox']} ${css['table']}`}
        tabIndex={0}
        role="region"
        aria-label={`${title} as a table`}
      >
        <table className={ui['table']}>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {series.map(({ label }) => (
                <th key={label} scope="col" className={ui['number']}>
                  <bdi>{label}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice((shown - 1) * ROWS, shown * ROWS).map(({ time, i }) => (
              <tr key={time}>
                <th scope="row">{momentWords(time, step, zone)}</th>
                {series.map(({ label, values }) => {
                  const value = values[i];
                  return (
                    <td key={label} className={ui['number']}>
                      {format(isValue(value) ? value : null)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <p className={css['none']}>No values in this span.</p>}
      </div>
      <Pager page={shown} limit={ROWS} total={rows.length} onPage={setPage} />
    </>
  );
}
