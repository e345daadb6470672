import { NONE } from '../ui/format';
import { momentWords } from './axis';
import type { PlotState } from './plot-options';
import { summarise } from './series';
import type { Value } from './series';

interface Described {
  readonly times: readonly number[];
  readonly series: readonly { readonly label: string; readonly values: readonly Value[] }[];
  readonly format: (value: number | null) => string;
}

/** A chart in words, for those who do not see it: its span, the extremes of each series, gaps and marks. */
export function chartWords({ series, format, times }: Described, { span, empty, marks }: PlotState, zone: string) {
  if (times.length === 0) return 'No values in this span.';
  const length = span.toMs - span.fromMs;
  const each = series.slice(0, 16).map(({ label, values }) => {
    const { min, max, last } = summarise(values);
    return max === null ? `${label}: ${NONE}` : `${label}: ${format(min)} to ${format(max)}, last ${format(last)}`;
  });
  const words = [
    `From ${momentWords(span.fromMs, length / 100, zone)} to ${momentWords(span.toMs, length / 100, zone)}.`,
  ];
  words.push(`${each.join('; ')}.`);
  if (empty.length > 0) words.push(`${empty.length} ${empty.length === 1 ? 'span' : 'spans'} without any values.`);
  if (marks.length > 0) words.push(`${marks.length} ${marks.length === 1 ? 'mark' : 'marks'}.`);
  return words.join(' ');
}
