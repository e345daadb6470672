import { listOf, objectOf, textOf } from '../ask/index.js';
import type { Json } from '../ask/index.js';
import { exactAmount, isNegative } from '../spend/amount.js';
import { Gathering } from '../spend/collect.js';
import { DAY_MS } from '../spend/dataset.js';
import { recordId } from '../spend/record.js';
import type { CostRecord, Normalized } from '../spend/record.js';

/** The columns that may hold the sum, in the order in which they are believed. */
const AMOUNTS = ['Cost', 'PreTaxCost', 'totalCost', 'CostUSD', 'PreTaxCostUSD'] as const;
/** Days after a month until its figures are settled. */
const SETTLING_DAYS = 5;

/**
 * Pages of Microsoft.CostManagement/query (ActualCost, daily) as `costs` elements.
 *
 * Columns are read by their names: their order is not promised. `UsageDate` is a number, yyyymmdd.
 *
 * @param scope what was asked for; goes into the identity of each record
 * @param nowMs figures of a month are `estimated` until five days after its end
 */
export function normalizeAzureCosts(
  pagesOfAnswer: readonly Json[],
  account: string,
  scope: string,
  nowMs: number,
): Normalized {
  const gathering = new Gathering();
  for (const page of pagesOfAnswer) {
    const properties = objectOf(page['properties']);
    const columns = listOf(properties['columns']).map((column) => String(objectOf(column)['name']));
    for (const row of listOf(properties['rows'])) {
      const cells = listOf(row);
      const named: Json = Object.fromEntries(columns.map((name, at) => [name, cells[at]]));
      const record = costOf(gathering, named, { account, scope, nowMs });
      if (record) gathering.add({ section: 'costs', record }, page);
    }
  }
  return gathering.result;
}

function costOf(
  gathering: Gathering,
  row: Json,
  { account, scope, nowMs }: { account: string; scope: string; nowMs: number },
): CostRecord | null {
  const column = AMOUNTS.find((name) => row[name] !== undefined);
  const amount = exactAmount(column && row[column]);
  const currency = column?.endsWith('USD') ? 'USD' : textOf(row['Currency'])?.toUpperCase();
  const date = dateOf(row['UsageDate']);
  if (amount === null || currency === undefined || !/^[A-Z]{3}$/.test(currency) || date === null) {
    gathering.unreadable(`no date, sum or currency: ${JSON.stringify(row).slice(0, 120)}`);
    return null;
  }
  const tagKey = textOf(row['TagKey']);
  const tagValue = textOf(row['TagValue']);
  const facts = Object.entries(FIELDS).flatMap(([name, [field, most]]) => {
    const value = textOf(row[name]);
    return value === undefined ? [] : [[field, value.slice(0, most)] as const];
  });
  const measured = new Set<string>([...AMOUNTS, 'UsageDate', 'Currency']);
  const groups = Object.fromEntries(
    Object.entries(row)
      .filter(([name]) => !measured.has(name))
      .map(([name, value]) => [name, value === null || value === undefined ? undefined : String(value as string)]),
  );
  return {
    date,
    service: 'Azure',
    ...Object.fromEntries(facts),
    amount,
    currency,
    cloud_provider: 'azure',
    cost_source: 'bill',
    charge_category: isNegative(amount) ? 'adjustment' : 'usage',
    ...(nowMs < settledMs(date) ? { estimated: true } : {}),
    ...(tagKey !== undefined && tagValue !== undefined
      ? { tags: { [tagKey.slice(0, 128)]: tagValue.slice(0, 256) } }
      : {}),
    record_id: recordId('azure-cost', account, 'costs', date, { ...groups, scope, currency }),
  } as CostRecord;
}

const FIELDS: Readonly<Record<string, readonly [field: keyof CostRecord, most: number]>> = {
  ServiceName: ['service', 256],
  ResourceLocation: ['region', 128],
  ResourceId: ['resource_id', 512],
  SubscriptionId: ['account_id', 256],
  SubscriptionName: ['account_id', 256],
  MeterSubCategory: ['sku', 256],
  Meter: ['sku', 256],
};

/** 20260301 as 2026-03-01; also what is text already. Null for what is no day. */
function dateOf(value: unknown): string | null {
  const [, year, month, day] = /^(\d{4})-?(\d\d)-?(\d\d)/.exec(String(value)) ?? [];
  if (year === undefined) return null;
  const text = `${year}-${month}-${day}`;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(text) ? text : null;
}

function settledMs(date: string): number {
  return Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 1) + SETTLING_DAYS * DAY_MS;
}
