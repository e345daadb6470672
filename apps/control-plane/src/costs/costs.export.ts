import type { ExportCostsQuery } from '@flotilla/contracts';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import type { ExportTable } from '../platform/index.js';
import { COUNTED_COSTS, costFilter } from './costs.filter.js';
import { FOCUS_EXPORT } from './focus.export.js';

/**
 * Into the tenant's currency. Looked up and not joined: only the totals need it, and a million rows should not pay for that.
 */
const CURRENCY = '(SELECT t.currency FROM flotilla.tenants t WHERE t.tenant_id = $1)';
const RATE = `CASE WHEN c.currency = ${CURRENCY} THEN 1 ELSE flotilla.currency_rate(c.tenant_id, c.currency, ${CURRENCY}, c.charge_day) END`;

/** Charges as a file: those that count, each in its own currency. */
export const COSTS_EXPORT: ExportTable<ExportCostsQuery> = {
  name: 'costs',
  title: 'Costs',
  columns: [
    { name: 'date', title: 'Day (UTC)', kind: 'date', sql: 'c.charge_day', width: 9 },
    { name: 'charge_period_start', title: 'From', kind: 'timestamp', sql: 'c.charge_start' },
    { name: 'charge_period_end', title: 'To', kind: 'timestamp', sql: 'c.charge_end' },
    { name: 'cloud_provider', title: 'Provider', kind: 'word', sql: 'c.provider', width: 8 },
    { name: 'account_id', title: 'Account', kind: 'text', sql: 'coalesce(c.sub_account_id, c.billing_account_id)' },
    { name: 'service', title: 'Service', kind: 'text', sql: 'c.service', width: 20 },
    { name: 'region', title: 'Region', kind: 'text', sql: 'c.region', width: 10 },
    { name: 'resource_id', title: 'Resource', kind: 'text', sql: 'c.resource_id', width: 18 },
    { name: 'instance_type', title: 'Type', kind: 'text', sql: 'c.instance_type', width: 10 },
    { name: 'charge_category', title: 'Kind', kind: 'word', sql: 'c.charge_category', width: 8 },
    {
      name: 'usage_quantity',
      title: 'Quantity',
      kind: 'number',
      sql: 'coalesce(c.consumed_quantity, c.pricing_quantity)',
    },
    { name: 'usage_unit', title: 'Unit', kind: 'text', sql: 'coalesce(c.consumed_unit, c.pricing_unit)' },
    { name: 'amount', title: 'Billed', kind: 'money', sql: 'c.billed_cost', width: 9 },
    { name: 'effective_amount', title: 'Effective', kind: 'money', sql: 'c.effective_cost', width: 9 },
    { name: 'list_amount', title: 'List', kind: 'money', sql: 'c.list_cost' },
    { name: 'contracted_amount', title: 'Contracted', kind: 'money', sql: 'c.contracted_cost' },
    { name: 'currency', title: 'Currency', kind: 'word', sql: 'c.currency', width: 5 },
    { name: 'estimated', title: 'Estimated', kind: 'boolean', sql: 'c.estimated' },
    { name: 'origin', title: 'Origin', kind: 'word', sql: 'c.origin' },
    { name: 'tags', title: 'Tags', kind: 'json', sql: 'c.tags' },
  ],
  focus: FOCUS_EXPORT,
  simulated: 'c.simulated',
  totals: [
    { title: 'Billed', kind: 'money', sql: `sum(c.billed_cost * ${RATE})` },
    { title: 'Effective', kind: 'money', sql: `sum(c.effective_cost * ${RATE})` },
    {
      title: 'Charges without a rate, left out above',
      kind: 'integer',
      sql: `count(*) FILTER (WHERE ${RATE} IS NULL)`,
    },
  ],
  chart: {
    title: 'Billed by day',
    kind: 'money',
    label: 'c.charge_day',
    value: `sum(c.billed_cost * ${RATE})`,
    over: 'time',
  },
  async source(tx, actor, query) {
    const { window, values } = await costFilter(tx, actor, query, new Date());
    return {
      from: `FROM flotilla.costs c ${COUNTED_COSTS}`,
      values,
      orderBy: 'c.charge_day, c.id',
      ...(await anySimulated(tx, actor)),
      filters: { days: `${window.firstDay} to ${window.lastDay} (UTC)` },
    };
  },
};

/** Where no charge of the tenant is made up, none of those asked for has to be looked at. */
async function anySimulated(tx: ReadTx, actor: TenantRef): Promise<{ simulated?: false }> {
  const row = await tx.row<{ made: boolean }>(
    'SELECT EXISTS (SELECT FROM flotilla.costs c WHERE c.tenant_id = $1 AND c.simulated) AS made',
    [actor.tenantId],
  );
  return row?.made ? {} : { simulated: false };
}
