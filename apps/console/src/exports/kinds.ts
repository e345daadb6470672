export type Format = 'csv' | 'json' | 'pdf' | 'focus';

export interface Filter {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  /** Without them it is written freely. */
  readonly options?: readonly (readonly [string, string])[];
}

export interface Kind {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** How the period travels; none: what is there now. */
  readonly period?: readonly [from: string, to: string, unit: 'day' | 'moment'];
  readonly formats: readonly Format[];
  readonly filters: readonly Filter[];
  readonly adminOnly?: boolean;
}

const USUAL: readonly Format[] = ['csv', 'json', 'pdf'];
const words = (...values: string[]) =>
  [['', 'Any'], ...values.map((value) => [value, value.replaceAll('_', ' ')] as const)] as const;

/** What can be taken away as a file. */
export const KINDS: readonly Kind[] = [
  {
    id: 'costs',
    title: 'Charges',
    about: 'A row per charge and day, as billed and effective, with where it comes from.',
    period: ['start_date', 'end_date', 'day'],
    formats: ['csv', 'json', 'pdf', 'focus'],
    filters: [
      { name: 'service', label: 'Service' },
      { name: 'tag', label: 'Tag', hint: 'key:value' },
      { name: 'instance_id', label: 'Instance' },
      { name: 'origin', label: 'Source', options: words('bill', 'provider_api', 'reported', 'metered') },
    ],
  },
  {
    id: 'ai-spend',
    title: 'AI spend',
    about: 'A row per hour, model and team.',
    period: ['start_date', 'end_date', 'day'],
    formats: USUAL,
    filters: [
      { name: 'provider', label: 'Provider' },
      { name: 'model_name', label: 'Model' },
      { name: 'team_id', label: 'Team' },
    ],
  },
  {
    id: 'instances',
    title: 'Instances',
    about: 'A row per instance as it is now.',
    formats: USUAL,
    filters: [
      { name: 'state', label: 'State', options: words('running', 'stopped', 'terminated', 'unknown') },
      { name: 'cloud_provider', label: 'Provider' },
      { name: 'region', label: 'Region' },
      { name: 'gpu_type', label: 'GPU' },
      { name: 'tag', label: 'Tag', hint: 'key:value' },
      { name: 'search', label: 'Search' },
    ],
  },
  {
    id: 'metrics',
    title: 'Metrics',
    about: 'A row per minute, hour or sample of each GPU. Samples of a whole fleet are large.',
    period: ['from', 'to', 'moment'],
    formats: USUAL,
    filters: [
      { name: 'instance_id', label: 'Instance', hint: 'Empty: all' },
      {
        name: 'resolution',
        label: 'A row per',
        options: [
          ['', 'Minute'],
          ['1h', 'Hour'],
          ['raw', 'Sample'],
        ],
      },
      { name: 'metric', label: 'Metrics', hint: 'Separated by commas; empty: all' },
    ],
  },
  {
    id: 'alerts',
    title: 'Alerts',
    about: 'A row per alert, with who looked after it.',
    period: ['from', 'to', 'moment'],
    formats: USUAL,
    filters: [
      { name: 'status', label: 'Status', options: words('active', 'resolved', 'ignored') },
      {
        name: 'acknowledged',
        label: 'Looked after',
        options: [
          ['', 'Any'],
          ['true', 'By somebody'],
          ['false', 'By nobody'],
        ],
      },
      { name: 'severity', label: 'Severity', options: words('low', 'medium', 'high', 'critical') },
      { name: 'alert_type', label: 'Type' },
      { name: 'instance_id', label: 'Instance' },
      { name: 'rule_id', label: 'Rule', hint: 'Its number' },
    ],
  },
  {
    id: 'actions',
    title: 'Actions',
    about: 'A row per start and stop, with who asked, who approved and what the gate said.',
    formats: USUAL,
    filters: [
      { name: 'type', label: 'Type', options: words('start', 'stop') },
      { name: 'status', label: 'States', hint: 'Separated by commas; empty: any' },
      { name: 'instance_id', label: 'Instance', hint: 'Its number' },
      {
        name: 'dry_run',
        label: 'Dry runs',
        options: [
          ['', 'With them'],
          ['true', 'Only them'],
          ['false', 'Without them'],
        ],
      },
    ],
  },
  {
    id: 'audit',
    title: 'Audit',
    about: 'A row per entry of the record of who did what.',
    period: ['since', 'until', 'moment'],
    formats: USUAL,
    adminOnly: true,
    filters: [
      { name: 'event_type', label: 'Type', hint: 'user finds user.invited' },
      { name: 'actor', label: 'Who' },
      { name: 'subject_type', label: 'Kind of thing' },
    ],
  },
];

export const FORMATS: Readonly<Record<Format, string>> = {
  csv: 'CSV, for spreadsheets',
  json: 'JSON lines, for programs',
  pdf: 'PDF, a report of at most 10,000 rows',
  focus: 'FOCUS 1.2, for cost tools',
};

interface Wanted {
  readonly format: Format;
  readonly bom: boolean;
  /** Days, as 2026-11-01; empty: not limited. */
  readonly from: string;
  readonly to: string;
  readonly filters: Readonly<Record<string, string>>;
}

/** The address of the file. Moments begin and end with a UTC day; `to` is included. */
export function exportAddress(kind: Kind, { format, bom, from, to, filters }: Wanted): string {
  const query = new URLSearchParams({ format });
  if (bom && format === 'csv') query.set('bom', 'true');
  if (kind.period) {
    const [first, last, unit] = kind.period;
    if (from) query.set(first, unit === 'day' ? from : `${from}T00:00:00Z`);
    if (to) query.set(last, unit === 'day' ? to : dayAfter(to));
  }
  for (const { name } of kind.filters) if (filters[name]) query.set(name, filters[name]);
  return `/api/exports/${kind.id}?${query}`;
}

/**
 * The address of the form for a file, filled with what a screen shows.
 *
 * @param asked as the screen asks the API; what the file has no filter for is left out
 * @param days first and last, included
 */
export function exportForm(
  of: string,
  asked: Readonly<Record<string, unknown>>,
  days: { readonly first?: string; readonly last?: string } = {},
): string {
  const query = new URLSearchParams({ of });
  for (const { name } of KINDS.find(({ id }) => id === of)?.filters ?? []) {
    const value = asked[name];
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  for (const [name, day] of Object.entries(days)) if (day) query.set(name, day.slice(0, 10));
  return `/exports?${query}`;
}

/** The day before a day that is not included any more; empty for none. */
export const dayBefore = (day: string): string =>
  day === '' ? '' : new Date(Date.parse(`${day.slice(0, 10)}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);

function dayAfter(day: string): string {
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000);
  return next.toISOString().replace('.000', '');
}
