import type { ReadTx } from '@flotilla/persistence';
import type { ExportSource, ExportTable } from '../platform/index.js';
import type { Bar } from './pdf/chart.js';

/** Columns of a chart: more are no picture any more. */
const MOST_BARS = 120;

/** Dates as their text, so that a day stays a day on a host of any time zone. */
const value = (kind: string, sql: string) => (kind === 'date' ? `(${sql})::text` : sql);

/** The figures over all rows, and how many there are. */
export async function totalsOf<Query>(
  tx: ReadTx,
  table: ExportTable<Query>,
  source: ExportSource,
): Promise<{ totals: { title: string; value: unknown }[]; total: number }> {
  const columns = table.totals.map((total, index) => `, ${total.sql} AS total_${index}`).join('');
  const row = await tx.row<Record<string, unknown> & { n: number }>(
    `SELECT count(*) AS n${columns} ${source.from}`,
    source.values,
  );
  return {
    totals: table.totals.map(({ title }, index) => ({ title, value: row?.[`total_${index}`] ?? null })),
    total: row?.n ?? 0,
  };
}

/** The columns of the chart: the newest of a course of time, the largest of parts. */
export async function barsOf<Query>(tx: ReadTx, table: ExportTable<Query>, source: ExportSource): Promise<Bar[]> {
  const { chart } = table;
  if (!chart) return [];
  const isTime = chart.over === 'time';
  const rows = await tx.rows<{ label: unknown; value: string | number | null }>(
    `SELECT ${value(isTime ? 'date' : 'text', chart.label)} AS label, ${chart.value} AS value ${source.from}
      GROUP BY 1 ORDER BY ${isTime ? '1 DESC' : '2 DESC NULLS LAST'} LIMIT ${MOST_BARS}`,
    source.values,
  );
  return isTime ? rows.reverse() : rows;
}

/** The first rows, as the table wants them. */
export function rowsOf<Query>(
  tx: ReadTx,
  table: ExportTable<Query>,
  source: ExportSource,
  most: number,
): Promise<Record<string, unknown>[]> {
  const columns = table.columns
    .filter((column) => column.width !== undefined)
    .map((column) => `${value(column.kind, column.sql)} AS ${column.name}`);
  return tx.rows(
    `SELECT ${columns.join(', ')}, ${table.simulated} AS simulated ${source.from} ORDER BY ${source.orderBy} LIMIT ${most}`,
    source.values,
  );
}
