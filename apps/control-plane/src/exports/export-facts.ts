import type { ExportOptions } from '@flotilla/contracts';
import type { ReadTx } from '@flotilla/persistence';
import type { ExportSource, ExportTable, RequestActor } from '../platform/index.js';

/** What every export says about itself, whatever its format. */
export interface ExportFacts {
  readonly tenant: string;
  readonly currency: string;
  readonly locale: string;
  readonly timezone: string;
  readonly at: Date;
  readonly by: string;
  readonly filters: Readonly<Record<string, string>>;
  /** At least one row is made up, or the tenant is. */
  readonly simulated: boolean;
}

type TenantRow = Pick<ExportFacts, 'tenant' | 'currency' | 'locale' | 'timezone' | 'at'> & {
  readonly simulated: boolean;
};

const FORMAT_OPTIONS: readonly string[] = ['format', 'bom'] satisfies (keyof ExportOptions)[];

export async function exportFacts<Query extends object>(
  tx: ReadTx,
  actor: RequestActor,
  table: ExportTable<Query>,
  source: ExportSource,
  query: Query,
): Promise<ExportFacts> {
  const tenant = (await tx.row<TenantRow & Record<string, unknown>>(
    `SELECT t.name AS tenant, t.currency, t.locale, t.timezone, t.simulated, now() AS at
       FROM flotilla.tenants t WHERE t.tenant_id = $1`,
    [actor.tenantId],
  ))!;
  const made = tenant.simulated || (source.simulated ?? (await hasSimulatedRows(tx, table, source)));
  return { ...tenant, by: actor.label, filters: filtersOf(query, source), simulated: made };
}

async function hasSimulatedRows<Query>(tx: ReadTx, table: ExportTable<Query>, source: ExportSource): Promise<boolean> {
  const row = await tx.row<{ made: boolean }>(
    `SELECT EXISTS (SELECT ${source.from} AND (${table.simulated})) AS made`,
    source.values,
  );
  return row?.made === true;
}

function filtersOf(query: object, source: ExportSource): Record<string, string> {
  const asked = Object.entries(query).filter(([name, value]) => value !== undefined && !FORMAT_OPTIONS.includes(name));
  return { ...Object.fromEntries(asked.map(([name, value]) => [name, inWords(value)])), ...source.filters };
}

const inWords = (value: unknown): string =>
  value instanceof Date ? value.toISOString() : Array.isArray(value) ? value.map(inWords).join(', ') : String(value);
