import type { LocalCalendar } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';
import { spendOf } from '../budgets/index.js';
import { RATE } from '../costs/index.js';

/** Metric → one value per minute. */
export type TenantMoney = ReadonlyMap<string, Float64Array>;

const DAY_MINUTES = 1_440;

interface Budget extends Record<string, unknown> {
  readonly id: number;
  readonly scope: string;
  readonly scope_key: string | null;
  readonly scope_value: string | null;
  readonly currency: string;
  readonly cost_type: string;
  readonly amount: number;
}

/**
 * The money metrics of a tenant, minute by minute, as the ledger tells it today: what came later (a bill that replaced a
 * metered charge) is in the past too. The cost of a day that is over grows evenly through that day; of today everything that is
 * known counts at once.
 */
export async function readTenantMoney(
  tx: ReadTx,
  tenantId: string,
  calendar: LocalCalendar,
  fromMinute: number,
  toMinute: number,
): Promise<TenantMoney> {
  const since = calendar.monthStart(fromMinute);
  const firstDay = isoDay(since);
  const clock = await tx.row<{ minute: number }>('SELECT floor(extract(epoch FROM now()) / 60)::integer AS minute');
  const today = Math.floor(clock!.minute / DAY_MINUTES);
  const monthly = (days: ReadonlyMap<string, number>) =>
    monthToDate(days, calendar, { since, fromMinute, toMinute, today });

  const spend = await tx.rows<{ day: string; amount: number }>(SPEND_BY_DAY, [tenantId, firstDay]);
  const money = new Map([['monthly_spend', monthly(new Map(spend.map(({ day, amount }) => [day, amount])))]]);

  const budgets = await tx.rows<Budget>(MONTHLY_BUDGETS, [tenantId]);
  const found = await spendOf(
    tx,
    tenantId,
    budgets.map((budget) => ({ ...budget, first: firstDay, last: isoDay(toMinute) })),
    firstDay,
    isoDay(toMinute),
  );
  const used = new Float64Array(toMinute - fromMinute).fill(NaN);
  for (const { id, amount } of budgets) {
    const days = new Map<string, number>();
    for (const { days: own } of found(id).series)
      for (const [day, cost] of own) days.set(day, (days.get(day) ?? 0) + cost);
    const spent = monthly(days);
    // a budget of 0 is used up by the first cent
    spent.forEach((sum, m) => {
      const percent = amount > 0 ? (100 * sum) / amount : sum > 0 ? Infinity : 0;
      if (!(used[m]! >= percent)) used[m] = percent;
    });
  }
  money.set('monthly_budget_utilization', used);
  await addAiSpend(money, tx, tenantId, calendar, { since, fromMinute, toMinute });
  return money;
}

function monthToDate(
  days: ReadonlyMap<string, number>,
  calendar: LocalCalendar,
  span: { since: number; fromMinute: number; toMinute: number; today: number },
): Float64Array {
  const out = new Float64Array(span.toMinute - span.fromMinute);
  // cost days are UTC: their sum up to a minute, less their sum up to the beginning of the local month
  const first = Math.floor(span.since / DAY_MINUTES);
  const last = Math.floor(span.toMinute / DAY_MINUTES);
  const before = new Float64Array(last - first + 2);
  for (let d = first; d <= last; d++)
    before[d - first + 1] = before[d - first]! + (days.get(isoDay(d * DAY_MINUTES)) ?? 0);
  // from the beginning of the first day to the end (or the beginning) of a minute
  const upTo = (day: number, part: number) =>
    before[day - first]! + (before[day - first + 1]! - before[day - first]!) * part;
  let [slot, begun] = [-1, 0];
  for (let m = 0; m < out.length; m++) {
    const minute = span.fromMinute + m;
    if (Math.floor(minute / 15) !== slot) {
      slot = Math.floor(minute / 15);
      const start = calendar.monthStart(minute);
      begun = upTo(Math.floor(start / DAY_MINUTES), (start % DAY_MINUTES) / DAY_MINUTES);
    }
    const day = Math.floor(minute / DAY_MINUTES);
    out[m] = upTo(day, day >= span.today ? 1 : ((minute % DAY_MINUTES) + 1) / DAY_MINUTES) - begun;
  }
  return out;
}

async function addAiSpend(
  money: Map<string, Float64Array>,
  tx: ReadTx,
  tenantId: string,
  calendar: LocalCalendar,
  { since, fromMinute, toMinute }: { since: number; fromMinute: number; toMinute: number },
): Promise<void> {
  const begin = Math.min(since, fromMinute - 60);
  const rows = await tx.rows<{ minute: number; cost: number | null; tokens: number }>(AI_BY_MINUTE, [
    tenantId,
    new Date(begin * 60_000),
    new Date(toMinute * 60_000),
  ]);
  // sums up to and with each minute since `begin`: a window is the difference of two
  const costs = new Float64Array(toMinute - begin + 1);
  const tokens = new Float64Array(toMinute - begin + 1);
  for (const row of rows) {
    costs[row.minute - begin + 1]! += row.cost ?? 0;
    tokens[row.minute - begin + 1]! += row.tokens;
  }
  for (let m = 1; m < costs.length; m++) {
    costs[m]! += costs[m - 1]!;
    tokens[m]! += tokens[m - 1]!;
  }
  const window = (sums: Float64Array, startOf: (minute: number) => number) =>
    Float64Array.from({ length: toMinute - fromMinute }, (_, m) => {
      const minute = fromMinute + m;
      return sums[minute - begin + 1]! - sums[Math.max(0, startOf(minute) - begin)]!;
    });
  money.set(
    'ai_spend_hourly',
    window(costs, (minute) => minute - 59),
  );
  money.set(
    'ai_tokens_hourly',
    window(tokens, (minute) => minute - 59),
  );
  money.set(
    'ai_spend_daily',
    window(costs, (minute) => calendar.dayStart(minute)),
  );
  money.set(
    'ai_spend_monthly',
    window(costs, (minute) => calendar.monthStart(minute)),
  );
}

const isoDay = (minute: number) => new Date(minute * 60_000).toISOString().slice(0, 10);

const SPEND_BY_DAY = `
  SELECT c.charge_day::text AS day, coalesce(sum(c.effective_cost * ${RATE}), 0)::float8 AS amount
  FROM flotilla.costs c JOIN flotilla.tenants t ON t.tenant_id = c.tenant_id
  WHERE c.tenant_id = $1 AND c.superseded_by IS NULL AND c.charge_day >= $2::date
  GROUP BY c.charge_day`;

const MONTHLY_BUDGETS = `
  SELECT b.id, b.scope, b.scope_key, b.scope_value, b.currency, b.cost_type, b.amount::float8 AS amount
  FROM flotilla.budgets b WHERE b.tenant_id = $1 AND b.enabled AND b.period = 'month' ORDER BY b.id`;

/** A call counts when it began. */
const AI_BY_MINUTE = `
  SELECT floor(extract(epoch FROM u.at) / 60)::integer AS minute, sum(u.cost)::float8 AS cost,
    sum(u.uncached_input + u.cache_read + u.cache_write_5m + u.cache_write_1h + u.output)::float8 AS tokens
  FROM flotilla.ai_usage u
  WHERE u.tenant_id = $1 AND u.day >= ($2::timestamptz AT TIME ZONE 'UTC')::date AND u.at >= $2 AND u.at < $3
  GROUP BY 1`;
