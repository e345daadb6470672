import type { ExportFormat } from '@flotilla/contracts';
import type { ExportFacts } from './export-facts.js';

const TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/x-ndjson; charset=utf-8',
  pdf: 'application/pdf',
  focus: 'text/csv; charset=utf-8; header=present',
};
const ENDINGS: Readonly<Record<ExportFormat, string>> = { csv: 'csv', json: 'jsonl', pdf: 'pdf', focus: 'focus.csv' };
/** More of a filter than a header should carry; the audit has it whole. */
const LONGEST_FILTER = 1_000;

/** `flotilla-costs-2026-11-22-simulated.csv`: a CSV has no place for a remark but its name and its columns. */
export const fileName = (name: string, format: ExportFormat, facts: ExportFacts): string =>
  `flotilla-${name}-${facts.at.toISOString().slice(0, 10)}${facts.simulated ? '-simulated' : ''}.${ENDINGS[format]}`;

/** When, by whom, with which filter, and whether it is real: percent-encoded, since names hold anything. */
export function headersOf(name: string, format: ExportFormat, facts: ExportFacts): Record<string, string> {
  const filters = new URLSearchParams(facts.filters).toString();
  return {
    'Content-Type': TYPES[format],
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Flotilla-Export': name,
    'X-Flotilla-Export-At': facts.at.toISOString(),
    'X-Flotilla-Export-By': encodeURIComponent(facts.by),
    'X-Flotilla-Export-Filter': filters.slice(0, LONGEST_FILTER),
    'X-Flotilla-Export-Simulated': String(facts.simulated),
  };
}
