import { completionByAge, dayNumber, dayText } from '@flotilla/domain';
import type { Sighting, SpendSeries } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';
import { RATE } from '../costs/index.js';

/** What is summed for one budget. Days are UTC cost days, included. */
export interface SpendWanted {
  readonly id: number;
  readonly scope: string;
  readonly scope_key: string | null;
  readonly scope_value: string | null;
  readonly currency: string;
  readonly cost_type: string;
  readonly first: string;
  readonly last: string;
}

export interface Spend {
  /** Of the period so far: decimal text, exact. */
  readonly actual: string;
  readonly unconverted: number;
  readonly series: readonly SpendSeries[];
}

const NO_SPEND: Spend = { actual: '0', unconverted: 0, series: [] };

/**
 * The cost of many budgets by day, in one pass over the charges from `firstDay` on: first added up by what a scope asks
 * for, then joined with the budgets that ask for it, so that a thousand budgets cost little more than one.
 */
export async function spendOf(
  tx: ReadTx,
  tenantId: string,
  wanted: readonly SpendWanted[],
  firstDay: string,
): Promise<(id: number) => Spend> {
  if (wanted.length === 0) return () => NO_SPEND;
  const rows = await tx.rows<{
    id: number;
    provider: string;
    actual: string;
    unconverted: number;
    days: string[];
    amounts: number[];
  }>(SPEND, [tenantId, firstDay, JSON.stringify(wanted)]);
  const sums = await tx.rows<{ id: number; actual: string; unconverted: number }>(SUMS, [
    JSON.stringify(rows.map(({ id, actual, unconverted }) => ({ id, actual, unconverted }))),
  ]);
  const found = new Map(sums.map(({ id, ...spend }) => [id, { ...spend, series: [] as SpendSeries[] }]));
  for (const { id, provider, days, amounts } of rows) {
    found.get(id)!.series.push({ provider, days: new Map(days.map((day, i) => [day, amounts[i]!])) });
  }
  return (id) => found.get(id) ?? NO_SPEND;
}

const branch = (scope: string, column: string) => `
  SELECT b.*, d.day, d.provider, CASE b.cost_type WHEN 'effective' THEN d.effective ELSE d.billed END AS worth, d.unconverted
    FROM (SELECT day, provider, ${column} AS value, sum(billed) AS billed, sum(effective) AS effective, sum(unconverted) AS unconverted
            FROM dims GROUP BY 1, 2, 3) d
    JOIN b ON b.scope = '${scope}' AND b.scope_value = d.value`;

const SPEND = `
  WITH b AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($3::jsonb) AS b(id bigint, scope text, scope_key text, scope_value text, currency text,
                                                     cost_type text, first date, last date)
  ), dims AS MATERIALIZED (
    SELECT w.day, w.provider, w.service, w.account, w.instance, w.tags, sum(w.billed_cost * w.rate) AS billed,
           sum(w.effective_cost * w.rate) AS effective, count(*) FILTER (WHERE w.rate IS NULL) AS unconverted
      FROM (SELECT c.charge_day AS day, c.provider, c.service, coalesce(c.sub_account_id, c.billing_account_id) AS account,
                   c.instance_id::text AS instance, c.tags, c.billed_cost, c.effective_cost, ${RATE} AS rate
              FROM flotilla.costs c JOIN flotilla.tenants t ON t.tenant_id = c.tenant_id
             WHERE c.tenant_id = $1 AND c.superseded_by IS NULL AND c.charge_day >= $2::date) w
     GROUP BY 1, 2, 3, 4, 5, 6
  ), matched AS (
    SELECT b.*, d.day, d.provider, CASE b.cost_type WHEN 'effective' THEN d.effective ELSE d.billed END AS worth, d.unconverted
      FROM (SELECT day, provider, sum(billed) AS billed, sum(effective) AS effective, sum(unconverted) AS unconverted
              FROM dims GROUP BY 1, 2) d JOIN b ON b.scope = 'all'
    UNION ALL ${branch('service', 'service')}
    UNION ALL ${branch('provider', 'provider')}
    UNION ALL ${branch('account', 'account')}
    UNION ALL ${branch('instance', 'instance')}
    UNION ALL
    SELECT b.*, d.day, d.provider, CASE b.cost_type WHEN 'effective' THEN d.effective ELSE d.billed END AS worth, d.unconverted
      FROM (SELECT dims.day, dims.provider, e.key, e.value, sum(dims.billed) AS billed, sum(dims.effective) AS effective,
                   sum(dims.unconverted) AS unconverted
              FROM dims CROSS JOIN LATERAL jsonb_each_text(dims.tags) e
             WHERE e.key IN (SELECT b.scope_key FROM b) GROUP BY 1, 2, 3, 4) d
      JOIN b ON b.scope IN ('team', 'tag') AND b.scope_key = d.key AND b.scope_value = d.value
  ), daily AS (
    SELECT m.id, m.provider, m.day, m.day >= m.first AND m.day <= m.last AS counted, m.unconverted,
           CASE WHEN m.currency = t.currency THEN coalesce(m.worth, 0)
                ELSE coalesce(m.worth, 0) / flotilla.currency_rate(t.tenant_id, m.currency::char(3), t.currency, m.day) END AS worth
      FROM matched m CROSS JOIN flotilla.tenants t WHERE t.tenant_id = $1
  )
  SELECT d.id, d.provider, trim_scale(coalesce(sum(d.worth) FILTER (WHERE d.counted), 0))::text AS actual,
         coalesce(sum(d.unconverted + CASE WHEN d.worth IS NULL THEN 1 ELSE 0 END) FILTER (WHERE d.counted), 0)::bigint AS unconverted,
         array_agg(d.day::text ORDER BY d.day) AS days, array_agg(coalesce(d.worth, 0)::float8 ORDER BY d.day) AS amounts
    FROM daily d GROUP BY d.id, d.provider`;

const SUMS = `
  SELECT s.id, trim_scale(sum(s.actual))::text AS actual, sum(s.unconverted)::bigint AS unconverted
    FROM jsonb_to_recordset($1::jsonb) AS s(id bigint, actual numeric, unconverted bigint) GROUP BY s.id`;

/** Ages at which a cost day is looked at. */
const AGES = 35;
/** Cost days that lateness is learned from. */
const LEARN_DAYS = 90;

/** Keeps what is known today of the days of the last weeks: what lateness is learned from. The last look of a day stays. */
export async function keepSightings(tx: ReadTx, tenantId: string, today: string): Promise<void> {
  await tx.rows(
    `INSERT INTO flotilla.cost_day_sightings AS s (tenant_id, provider, cost_day, age_days, amount)
     SELECT c.tenant_id, c.provider, d.day::date, $2::date - d.day::date,
            coalesce(sum(c.amount) FILTER (WHERE c.charge_day = d.day::date), 0)
       FROM generate_series($2::date - ${AGES}, $2::date - 1, '1 day') AS d(day)
       JOIN (SELECT c.tenant_id, c.provider, c.charge_day, sum(c.billed_cost * ${RATE}) AS amount
               FROM flotilla.costs c JOIN flotilla.tenants t ON t.tenant_id = c.tenant_id
              WHERE c.tenant_id = $1 AND c.superseded_by IS NULL AND c.charge_day >= $2::date - ${2 * AGES} AND c.charge_day < $2::date
              GROUP BY 1, 2, 3) c
         -- a provider says nothing about days before its first charge
         ON true
      GROUP BY c.tenant_id, c.provider, d.day
     HAVING d.day::date >= min(c.charge_day)
     ON CONFLICT (tenant_id, provider, cost_day, age_days) DO UPDATE SET amount = excluded.amount`,
    [tenantId, today],
  );
  await tx.rows(
    `DELETE FROM flotilla.cost_day_sightings WHERE tenant_id = $1 AND cost_day < $2::date - ${LEARN_DAYS + AGES}`,
    [tenantId, today],
  );
}

/** How late each provider is: provider → age in days → share that is known. */
export async function completionOf(
  tx: ReadTx,
  tenantId: string,
  today: string,
): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
  const rows = await tx.rows<{ provider: string; day: string; age: number; amount: string }>(
    `SELECT s.provider, s.cost_day::text AS day, s.age_days AS age, s.amount::text AS amount FROM flotilla.cost_day_sightings s
      WHERE s.tenant_id = $1 AND s.cost_day >= $2::date`,
    [tenantId, dayText(dayNumber(today) - LEARN_DAYS)],
  );
  const byProvider = new Map<string, Sighting[]>();
  for (const { provider, day, age, amount } of rows) {
    const sightings = byProvider.get(provider) ?? [];
    sightings.push({ costDay: day, ageDays: age, amount: Number(amount) });
    byProvider.set(provider, sightings);
  }
  return new Map([...byProvider].map(([provider, sightings]) => [provider, completionByAge(sightings)]));
}
