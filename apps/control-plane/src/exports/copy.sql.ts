import type { CopyOptions } from '@flotilla/persistence';
import type { ExportColumn, ExportKind, ExportSource, ExportTable } from '../platform/index.js';

/** How a column is written in a CSV. A bare minus of a number stays: only texts are guarded against formulas. */
const CSV: Readonly<Record<ExportKind, (sql: string) => string>> = {
  text: (sql) => `flotilla.spreadsheet_text(${sql})`,
  word: (sql) => sql,
  // an object: it begins with a brace
  json: (sql) => sql,
  integer: (sql) => sql,
  number: (sql) => sql,
  money: (sql) => sql,
  timestamp: (sql) => iso(sql),
  date: (sql) => sql,
  boolean: (sql) => `CASE ${sql} WHEN true THEN 'true' WHEN false THEN 'false' END`,
};

/**
 * ISO 8601 in UTC with milliseconds, as everywhere in the API. Whole seconds of a plain column are written without
 * to_char, which takes twice as long.
 */
function iso(sql: string): string {
  const inUtc = `${sql} AT TIME ZONE 'UTC'`;
  const written = `to_char(${inUtc}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  if (!/^\w+\.\w+$/.test(sql)) return written;
  return `CASE WHEN ${sql} = date_trunc('second', ${sql}) THEN replace((${inUtc})::text, ' ', 'T') || '.000Z' ELSE ${written} END`;
}

/** How a column is written in JSON. */
const json = (column: ExportColumn) =>
  column.kind === 'timestamp' ? iso(column.sql) : column.kind === 'date' ? `(${column.sql})::text` : column.sql;

const withSimulated = <Query>(table: ExportTable<Query>): ExportColumn[] => [
  ...table.columns,
  { name: 'simulated', title: 'Simulated', kind: 'boolean', sql: table.simulated },
];

export const csvStatement = <Query>(table: ExportTable<Query>, source: ExportSource): string =>
  `SELECT ${withSimulated(table)
    .map((column) => `${CSV[column.kind](column.sql)} AS ${column.name}`)
    .join(', ')} ${source.from} ORDER BY ${source.orderBy}`;

/** A row in the words of another format. @throws Error for a table that has none (its contract does not offer it) */
export function focusStatement<Query>(table: ExportTable<Query>, source: ExportSource): string {
  if (!table.focus) throw new Error(`the export ${table.name} has no FOCUS columns`);
  const columns = table.focus.map(({ name, sql }) => `${sql} AS "${name}"`);
  return `SELECT ${columns.join(', ')} ${source.from} ORDER BY ${source.orderBy}`;
}

export const CSV_OPTIONS: CopyOptions = { format: 'FORMAT csv, HEADER true', endOfRow: 'crlf' };

export const jsonStatement = <Query>(table: ExportTable<Query>, source: ExportSource): string =>
  `SELECT json_build_object(${withSimulated(table)
    .map((column) => `'${column.name}', ${json(column)}`)
    .join(', ')}) ${source.from} ORDER BY ${source.orderBy}`;

/**
 * JSON has no control characters outside of escapes, so with these as delimiter and quote nothing is ever quoted, and
 * one line is one object. The text format would double each backslash.
 */
export const JSON_OPTIONS: CopyOptions = { format: `FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01'`, endOfRow: 'lf' };
