import type { ExportChart } from '../../platform/index.js';
import type { LocaleText } from './locale-text.js';
import { ACCENT, BODY, FAINT, LINE, MARGIN } from './page.js';
import type { Page } from './page.js';

export interface Bar {
  readonly label: unknown;
  /** As the database gives it; null: nothing is known, and nothing is drawn. */
  readonly value: string | number | null;
}

const HEIGHT = 110;
const AXIS = 62;
const MOST_LABELS = 12;

/** A column chart; who cannot see it is told its range and its highest value. */
export function drawChart(page: Page, chart: ExportChart, bars: readonly Bar[], text: LocaleText): void {
  const values = bars.map((bar) => (bar.value === null ? null : Number(bar.value)));
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return;
  page.room(HEIGHT + 40);
  page.line('H2', chart.title, 9, { bold: true });
  const high = Math.max(0, ...known);
  const low = Math.min(0, ...known);
  const span = high - low || 1;
  const top = page.y + 4;
  const left = MARGIN + AXIS;
  const step = (page.width - AXIS) / bars.length;
  const yOf = (value: number) => top + ((high - value) / span) * HEIGHT;
  const labelKind = chart.over === 'time' ? 'date' : 'text';
  const { pdf } = page;
  const figure = pdf.struct('Figure', { alt: inWords(chart, bars, text, labelKind) }, () => {
    for (const value of new Set([low, 0, high])) {
      pdf
        .moveTo(left, yOf(value))
        .lineTo(left + page.width - AXIS, yOf(value))
        .lineWidth(0.5)
        .stroke(LINE);
      const label = text.of(chart.kind, rounded(value));
      page.use('text', BODY, FAINT);
      pdf.text(label, left - 6 - pdf.widthOfString(label), yOf(value) - 4, { lineBreak: false });
    }
    for (const [index, value] of values.entries()) {
      if (value === null) continue;
      const x = left + index * step + step * 0.12;
      pdf.rect(x, Math.min(yOf(value), yOf(0)), step * 0.76, Math.max(Math.abs(yOf(value) - yOf(0)), 0.4)).fill(ACCENT);
    }
    const every = Math.ceil(bars.length / MOST_LABELS);
    page.use('text', BODY, FAINT);
    for (let index = 0; index < bars.length; index += every) {
      const label = page.text.fit(text.of(labelKind, bars[index]!.label), step * every - 4).shown;
      pdf.text(label, left + index * step, top + HEIGHT + 5, { lineBreak: false });
    }
  });
  pdf.addStructure(figure);
  page.y = top + HEIGHT + 24;
}

function inWords(chart: ExportChart, bars: readonly Bar[], text: LocaleText, labelKind: 'date' | 'text'): string {
  const known = bars.filter((bar) => bar.value !== null);
  const highest = known.reduce((a, b) => (Number(b.value) > Number(a.value) ? b : a));
  const label = (bar: Bar | undefined) => text.of(labelKind, bar?.label);
  return `${chart.title}: ${known.length} values from ${label(bars[0])} to ${label(bars.at(-1))}; the highest is ${text.of(chart.kind, highest.value)} (${label(highest)}).`;
}

/** An axis needs no more than three digits that matter. */
const rounded = (value: number) => Number(value.toPrecision(3));
