import { FOCUS_AMOUNTS, FOCUS_COLUMNS, FOCUS_QUANTITIES, FOCUS_TEXTS, FOCUS_TIMES } from '@flotilla/domain';

const snake = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const of = (map: Readonly<Record<string, string>>, write = (sql: string) => sql) =>
  Object.entries(map).map(([name, field]) => [name, write(`c.${snake(field)}`)] as const);
/** FOCUS: ISO 8601 in UTC, to the second. */
const time = (sql: string) => `to_char(date_trunc('second', ${sql}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

const SQL: ReadonlyMap<string, string> = new Map([
  ...of(FOCUS_TEXTS),
  ...of(FOCUS_AMOUNTS),
  ...of(FOCUS_QUANTITIES),
  ...of(FOCUS_TIMES, time),
  ['ProviderName', 'coalesce(c.provider_name, c.provider)'],
  ['BillingCurrency', 'c.currency'],
  ['ChargeCategory', 'c.charge_category'],
  ['Tags', `nullif(c.tags, '{}')`],
]);

const bool = (sql: string) => `CASE WHEN ${sql} THEN 'true' ELSE 'false' END`;

/**
 * Charges in the columns of FOCUS 1.2. What the ledger has no place for comes from the row as it was imported; our own
 * columns begin with `x_`, as FOCUS asks for. Texts are as they are: the file is for programs, and an apostrophe that a
 * spreadsheet needs would be another resource id.
 */
export const FOCUS_EXPORT: readonly { readonly name: string; readonly sql: string }[] = [
  ...FOCUS_COLUMNS.map((name) => ({ name, sql: SQL.get(name) ?? `c.focus ->> '${name}'` })),
  { name: 'x_FlotillaOrigin', sql: 'c.origin' },
  { name: 'x_FlotillaEstimated', sql: bool('c.estimated') },
  { name: 'x_FlotillaSimulated', sql: bool('c.simulated') },
];
