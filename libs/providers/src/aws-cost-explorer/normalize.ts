import { isObject, listOf, objectOf, textOf } from '../ask/index.js';
import type { Json } from '../ask/index.js';
import { exactAmount, isNegative } from '../spend/amount.js';
import { Gathering } from '../spend/collect.js';
import { recordId } from '../spend/record.js';
import type { CostRecord, Normalized } from '../spend/record.js';

/** What was billed, in the order in which it is believed; the amortised amount is `effective_amount`. */
const BILLED = ['UnblendedCost', 'NetUnblendedCost', 'BlendedCost'] as const;
const EFFECTIVE = ['AmortizedCost', 'NetAmortizedCost'] as const;
const DAY = /^\d{4}-\d\d-\d\d$/;

/**
 * Pages of GetCostAndUsage as `costs` elements.
 *
 * Amounts are text and stay what they are. `TEAM$value` is the tag TEAM with that value, `TEAM$` is without it. A
 * group's name that stands for "none" (NoRegion, NoInstanceType, ...) is left out.
 *
 * @param account goes into the identity of each record; the payer account's name will do
 */
export function normalizeCostExplorer(pagesOfAnswer: readonly Json[], account: string): Normalized {
  const gathering = new Gathering();
  for (const page of pagesOfAnswer) {
    const groups = listOf(page['GroupDefinitions']).map((group) => {
      const { Type, Key } = objectOf(group);
      return { type: String(Type), key: String(Key) };
    });
    for (const entry of listOf(page['ResultsByTime'])) {
      const result = objectOf(entry);
      const { Start, End } = objectOf(result['TimePeriod']);
      if (typeof Start !== 'string' || typeof End !== 'string' || !isStart(Start) || !isStart(End)) {
        gathering.unreadable('a result without TimePeriod');
        continue;
      }
      const period = { start: Start, end: End, estimated: result['Estimated'] === true };
      const rows = groups.length > 0 ? listOf(result['Groups']) : [{ Keys: [], Metrics: result['Total'] }];
      for (const row of rows) {
        const record = costOf(gathering, objectOf(row), { groups, account, period });
        if (record) gathering.add({ section: 'costs', record }, result);
      }
    }
  }
  return gathering.result;
}

interface Place {
  readonly groups: readonly { readonly type: string; readonly key: string }[];
  readonly account: string;
  readonly period: { readonly start: string; readonly end: string; readonly estimated: boolean };
}

function costOf(gathering: Gathering, row: Json, { groups, account, period }: Place): CostRecord | null {
  const metrics = objectOf(row['Metrics']);
  const billed = sumOf(metrics, BILLED) ?? sumOf(metrics, EFFECTIVE);
  const effective = sumOf(metrics, EFFECTIVE);
  // a day without any cost has a Total of nothing
  if (billed === null && Object.keys(metrics).length === 0) return null;
  if (billed?.amount == null || !/^[A-Z]{3}$/.test(billed.unit)) {
    gathering.unreadable(`no amount of money: ${JSON.stringify(row['Metrics'])?.slice(0, 80)}`);
    return null;
  }
  const keys = listOf(row['Keys']).map(String);
  const facts: Partial<Record<keyof CostRecord, unknown>> = {};
  const tags: Record<string, string> = {};
  groups.forEach(({ type, key }, at) => Object.assign(facts, factsOf(type, key, keys[at] ?? '', tags)));
  const category = facts.charge_category ?? (isNegative(billed.amount) ? 'adjustment' : 'usage');
  const usage = objectOf(metrics['UsageQuantity']);
  const quantity = exactAmount(usage['Amount']);
  const unit = textOf(usage['Unit']);
  const hourly = period.start.length > 10;
  return {
    ...(hourly ? { timestamp: period.start } : { date: period.start }),
    ...(hourly || !isNextDay(period) ? { period_end: hourly ? period.end : `${period.end}T00:00:00.000Z` } : {}),
    service: 'AWS',
    ...facts,
    amount: billed.amount,
    ...(effective?.amount != null && effective.unit === billed.unit ? { effective_amount: effective.amount } : {}),
    currency: billed.unit,
    cloud_provider: 'aws',
    cost_source: 'bill',
    // a negative sum is no purchase and no usage, whatever it is filed under
    charge_category: isNegative(billed.amount) && category !== 'credit' ? 'adjustment' : category,
    ...(period.estimated ? { estimated: true } : {}),
    // quantities of different units have been added up to a number without a meaning
    ...(quantity !== null && unit !== undefined && unit !== 'N/A'
      ? { usage_quantity: quantity, usage_unit: unit }
      : {}),
    ...(Object.keys(tags).length > 0 ? { tags } : {}),
    record_id: recordId('aws-cost-explorer', account, period.end, period.start, {
      ...Object.fromEntries(groups.map(({ type, key }, at) => [`${type} ${key}`, keys[at]])),
      currency: billed.unit,
    }),
  } as CostRecord;
}

function sumOf(metrics: Json, names: readonly string[]): { amount: string | null; unit: string } | null {
  for (const name of names) {
    const metric = metrics[name];
    if (isObject(metric)) return { amount: exactAmount(metric['Amount']), unit: String(metric['Unit']) };
  }
  return null;
}

const NONE = /^(No[A-Z][A-Za-z]*|No [a-z ]+|global|)$/;

/** What one group of a row says of it. Tags go into `tags`. */
function factsOf(type: string, key: string, value: string, tags: Record<string, string>): Record<string, string> {
  if (type !== 'DIMENSION') {
    const tag = value.startsWith(`${key}$`) ? value.slice(key.length + 1) : value;
    if (tag !== '') tags[key.slice(0, 128)] = tag.slice(0, 256);
    return {};
  }
  if (key === 'SERVICE') return { service: (value || 'AWS').slice(0, 256) };
  if (key === 'RECORD_TYPE') return { charge_category: CATEGORIES[value] ?? 'usage' };
  const field = FIELDS[key];
  if (NONE.test(value)) return {};
  if (field === undefined) {
    tags[`aws:${key.toLowerCase()}`] = value.slice(0, 256);
    return {};
  }
  return { [field]: value.slice(0, 128) };
}

const FIELDS: Readonly<Record<string, string>> = {
  REGION: 'region',
  LINKED_ACCOUNT: 'account_id',
  INSTANCE_TYPE: 'instance_type',
  USAGE_TYPE: 'sku',
  RESOURCE_ID: 'resource_id',
};

const CATEGORIES: Readonly<Record<string, string>> = {
  Credit: 'credit',
  Refund: 'credit',
  Tax: 'tax',
  Fee: 'purchase',
  RIFee: 'purchase',
  SavingsPlanRecurringFee: 'purchase',
  SavingsPlanUpfrontFee: 'purchase',
  SavingsPlanNegation: 'adjustment',
  BundledDiscount: 'adjustment',
  EdpDiscount: 'adjustment',
  PrivateRateDiscount: 'adjustment',
  Discount: 'adjustment',
};

const isStart = (text: string) => DAY.test(text) || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text);

const isNextDay = ({ start, end }: { start: string; end: string }) =>
  Date.parse(end) - Date.parse(start) === 24 * 3_600_000;
