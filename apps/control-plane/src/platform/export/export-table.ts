import type { CopyValue, ReadTx, TenantRef } from '@flotilla/persistence';

/**
 * What a column holds; decides how it is written in a CSV, in JSON and in a PDF. A `word` is one of ours, checked by the
 * schema (a state, a currency): it needs no guard against formulas, as a `text` from outside does.
 */
export type ExportKind = 'word' | 'text' | 'integer' | 'number' | 'money' | 'timestamp' | 'date' | 'boolean' | 'json';

export interface ExportColumn {
  /** Header in the CSV and field in JSON: the name that the API gives it. */
  readonly name: string;
  /** Heading in the PDF. */
  readonly title: string;
  readonly kind: ExportKind;
  /** SQL expression over the source. Money and quantities as numeric, times as timestamptz. */
  readonly sql: string;
  /** Share of the PDF's width; without one the column stands in CSV and JSON only. */
  readonly width?: number;
}

/** One figure over all rows. */
export interface ExportTotal {
  readonly title: string;
  readonly kind: ExportKind;
  /** SQL aggregate over the source. */
  readonly sql: string;
}

/** One column chart: a value per label, in the order of the labels. */
export interface ExportChart {
  readonly title: string;
  readonly kind: ExportKind;
  /** SQL expression of the label: a date for a course of time, a text otherwise. */
  readonly label: string;
  /** SQL aggregate. */
  readonly value: string;
  /** time: by label; otherwise the largest first. */
  readonly over: 'time' | 'parts';
}

export interface ExportSource {
  /** `FROM … WHERE …` with `$1`, `$2`, …. */
  readonly from: string;
  readonly values: readonly CopyValue[];
  readonly orderBy: string;
  /** What was asked for in words, beyond the query's own fields: the window that a default chose. */
  readonly filters?: Readonly<Record<string, string>>;
  /** Whether any row is made up, where that is known without looking at them all. */
  readonly simulated?: boolean;
}

/** What a list looks like as a file. Each room describes its own; the room `exports` writes them. */
export interface ExportTable<Query> {
  /** The name in the address and in the file's name. */
  readonly name: string;
  readonly title: string;
  readonly columns: readonly ExportColumn[];
  /** The columns of a format of other people's, by its name: written as they are. */
  readonly focus?: readonly { readonly name: string; readonly sql: string }[];
  /** SQL boolean: this row is made up. Becomes the last column. */
  readonly simulated: string;
  readonly totals: readonly ExportTotal[];
  readonly chart?: ExportChart;
  /** @throws AppError for a query that names what is not there */
  source(tx: ReadTx, actor: TenantRef, query: Query): Promise<ExportSource> | ExportSource;
}
