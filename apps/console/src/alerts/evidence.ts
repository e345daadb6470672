import { decimal } from '../ui/format';

export interface EvidenceLine {
  readonly label: string;
  readonly value: string;
  /** ISO 8601: shown in the zone that the person chose. */
  readonly at?: string;
}

export interface EvidenceGpu {
  readonly index: number | null;
  readonly uuid: string;
  /** null: not reported */
  readonly value: number | null;
}

/** The numbers that made an alert fire, in the order in which somebody wants them. */
export interface Evidence {
  readonly lines: readonly EvidenceLine[];
  /** One value per GPU, where a metric has one. */
  readonly gpus: readonly EvidenceGpu[];
  /** Of a rule: what was compared with what. */
  readonly compared?: {
    readonly metric: string;
    readonly operator: string;
    readonly value: number | null;
    readonly threshold: number;
    readonly unit: string;
  };
}

const UNITS: Readonly<Record<string, string>> = {
  percent: '%',
  celsius: '°C',
  watts: 'W',
  mebibytes: 'MiB',
  megahertz: 'MHz',
  kilobytes_per_second: 'kB/s',
  bytes_per_second: 'B/s',
  per_second: '/s',
  joules: 'J',
  minutes: 'min',
  days: 'days',
  lanes: 'lanes',
};

/** How a unit of a metric is written behind a number; empty: a plain number. @param currency of the tenant */
export const unitWords = (unit: string, currency = ''): string =>
  unit === 'currency' ? currency : (UNITS[unit] ?? '');

export const withUnit = (value: number | null | undefined, unit: string, currency?: string): string =>
  value === null || value === undefined ? 'not reported' : `${decimal(value, 4)} ${unitWords(unit, currency)}`.trim();

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const DEALT_WITH = new Set(['metric', 'operator', 'threshold', 'value', 'unit', 'gpus']);
const WORDS: Readonly<Record<string, string>> = {
  met_since: 'Met since',
  duration_minutes: 'Has to hold, minutes',
  across_gpus: 'Of several GPUs',
  gpu_uuid: 'GPU',
  gpu_index: 'GPU number',
  budget_alert_id: 'Threshold of the budget',
};

const ACRONYMS: Readonly<Record<string, string>> = { pcie: 'PCIe', id: 'id' };

/** `advised_action` as people read it: Advised action. */
export const asWords = (name: string): string => {
  const words = name
    .replaceAll(/[_.-]+/g, ' ')
    .trim()
    .replaceAll(/\b(gpu|ai|cpu|ecc|sm|pcie|id)\b/g, (short) => ACRONYMS[short] ?? short.toUpperCase());
  return WORDS[name] ?? words.charAt(0).toUpperCase() + words.slice(1);
};

/** @param raw `evidence` of an alert: whatever raised it wrote there */
export function readEvidence(raw: Readonly<Record<string, unknown>>): Evidence {
  const { metric, operator, threshold, value, unit } = raw;
  const compares = typeof metric === 'string' && typeof threshold === 'number';
  const lines = Object.entries(raw).flatMap(([name, one]) =>
    DEALT_WITH.has(name) && compares ? [] : linesOf(name, one),
  );
  return {
    lines,
    gpus: compares ? gpusOf(raw['gpus']) : [],
    ...(compares && {
      compared: {
        metric,
        threshold,
        operator: String(operator),
        unit: String(unit ?? ''),
        value: typeof value === 'number' ? value : null,
      },
    }),
  };
}

function gpusOf(raw: unknown): EvidenceGpu[] {
  if (!Array.isArray(raw)) return [];
  return (raw as Readonly<Record<string, unknown>>[]).map(({ gpu_index: index, gpu_uuid: uuid, value }) => ({
    index: typeof index === 'number' ? index : null,
    uuid: String(uuid),
    value: typeof value === 'number' ? value : null,
  }));
}

function linesOf(name: string, value: unknown): EvidenceLine[] {
  const label = asWords(name);
  if (value === null || value === undefined || value === '') return [];
  if (typeof value === 'string') return [ISO.test(value) ? { label, value, at: value } : { label, value: value }];
  if (typeof value === 'number') return [{ label, value: decimal(value, 4) }];
  if (typeof value === 'boolean') return [{ label, value: value ? 'yes' : 'no' }];
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object'))
    return value.length === 0 ? [] : [{ label, value: value.join(', ') }];
  if (Array.isArray(value)) return [{ label, value: JSON.stringify(value) }];
  return Object.entries(value as object).flatMap(([inner, one]) =>
    linesOf(inner, one).map((line) => ({ ...line, label: `${label}: ${line.label.toLowerCase()}` })),
  );
}
