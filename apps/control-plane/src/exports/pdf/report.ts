import { setImmediate } from 'node:timers/promises';
import type { ExportTable } from '../../platform/index.js';
import { drawChart } from './chart.js';
import type { Bar } from './chart.js';
import { LocaleText } from './locale-text.js';
import type { Reading } from './locale-text.js';
import { FAINT, Page } from './page.js';
import type { Pdf } from './page.js';
import { PdfTable } from './table.js';

/** Everything that a report shows besides its rows. */
export interface ReportFacts {
  readonly table: ExportTable<never>;
  readonly reading: Reading;
  readonly tenant: string;
  /** Who asked for it: an e-mail or a key's name. */
  readonly by: string;
  readonly at: Date;
  readonly filters: Readonly<Record<string, string>>;
  readonly simulated: boolean;
  /** ISO 4217: of the totals and of the chart. */
  readonly currency: string;
  readonly totals: readonly { readonly title: string; readonly value: unknown }[];
  readonly bars: readonly Bar[];
  /** How many rows there are; more than are given are said to be left out. */
  readonly total: number;
}

/** How many rows are drawn before others get their turn: some five milliseconds. */
const ROWS_AT_ONCE = 25;

/**
 * Begins a PDF and goes on writing it; the caller pipes it away. Text with a structure that screen readers follow: title,
 * facts, totals, chart in words, and a table with headed columns.
 */
export function writeReport(
  facts: ReportFacts,
  rows: readonly Readonly<Record<string, unknown>>[],
): { pdf: Pdf; done: Promise<void> } {
  const text = new LocaleText(facts.reading);
  const title = `${facts.table.title} · ${facts.tenant}`;
  const at = `${text.of('timestamp', facts.at)} (${facts.reading.timezone})`;
  const page = new Page(
    title,
    facts.by,
    facts.reading.locale,
    `${title} · ${at}${facts.simulated ? ' · SIMULATED DATA' : ''}`,
  );
  head(page, facts, text, at);
  return { pdf: page.pdf, done: body(page, facts, text, rows) };
}

function head(page: Page, facts: ReportFacts, text: LocaleText, at: string): void {
  page.line('H1', facts.table.title, 16, { bold: true });
  if (facts.simulated) {
    page.line('P', 'Simulated data: rows marked in the last column are made up and describe no real machine.', 10, {
      bold: true,
      colour: '#9a3412',
    });
  }
  page.line('P', `Tenant: ${facts.tenant}`, 8);
  page.line('P', `Exported: ${at}, by ${facts.by}`, 8);
  const filters = Object.entries(facts.filters).map(([name, value]) => `${name} = ${value}`);
  page.line('P', `Filter: ${filters.length > 0 ? filters.join('; ') : 'none'}`, 8);
  page.line('P', `Rows: ${text.of('integer', facts.total)}`, 8);
  page.y += 4;
  for (const total of facts.totals) {
    const spec = facts.table.totals.find(({ title }) => title === total.title)!;
    const unit = spec.kind === 'money' ? ` ${facts.currency}` : '';
    const value = total.value === null ? 'not known' : text.of(spec.kind, total.value) + unit;
    page.line('P', `${total.title}: ${value}`, 9, { bold: true });
  }
  page.y += 6;
  if (facts.table.chart) {
    const chart = facts.table.chart;
    const unit = chart.kind === 'money' ? `, ${facts.currency}` : '';
    drawChart(page, { ...chart, title: `${chart.title}${unit}` }, facts.bars, text);
  }
}

async function body(
  page: Page,
  facts: ReportFacts,
  text: LocaleText,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  // a turn before the first row: the caller pipes the document away meanwhile
  await setImmediate();
  if (rows.length === 0) page.line('P', 'No rows match the filter.', 9, { colour: FAINT });
  const columns = facts.simulated
    ? [...facts.table.columns, { name: 'simulated', title: 'Simulated', kind: 'boolean' as const, sql: '', width: 6 }]
    : facts.table.columns;
  const table = rows.length > 0 ? new PdfTable(page, columns, text) : null;
  for (const [index, row] of rows.entries()) {
    table!.row(row);
    if (index % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await setImmediate();
  }
  table?.end();
  if (facts.total > rows.length) {
    page.room(20);
    page.line(
      'P',
      `The first ${text.of('integer', rows.length)} of ${text.of('integer', facts.total)} rows. A CSV has them all.`,
      8,
    );
  }
  page.pdf.end();
}
