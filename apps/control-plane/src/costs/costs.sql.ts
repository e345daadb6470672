import type { CostType } from '@flotilla/contracts';
import { COUNTED_COSTS, RATE } from './costs.filter.js';

/** What a charge costs, by kind of cost. A source without a list price says nothing about it. */
export const AMOUNT: Readonly<Record<CostType, string>> = {
  billed: 'c.billed_cost',
  effective: 'c.effective_cost',
  list: 'c.list_cost',
  contracted: 'c.contracted_cost',
};

export const FROM_COSTS = `
  FROM flotilla.costs c
  JOIN flotilla.tenants t ON t.tenant_id = c.tenant_id
  LEFT JOIN flotilla.instances i ON i.tenant_id = c.tenant_id AND i.id = c.instance_id`;

/** Charges of the window in the tenant's currency: `worth` is NULL where nobody gave the rate. */
export const worthOf = (type: CostType, more = '') => `
  SELECT c.*, ${AMOUNT[type]} AS amount, ${AMOUNT[type]} * ${RATE} AS worth ${more}
    FROM flotilla.costs c JOIN flotilla.tenants t ON t.tenant_id = c.tenant_id ${COUNTED_COSTS}`;

export const listSql = (type: CostType) => `
  SELECT c.id, c.charge_day::text AS date, c.charge_start AS charge_period_start, c.charge_end AS charge_period_end, c.service,
         c.service_category, ${AMOUNT[type]} AS amount, c.currency, ${AMOUNT[type]} * ${RATE} AS converted_amount,
         c.provider AS cloud_provider, coalesce(c.sub_account_id, c.billing_account_id) AS account_id, c.region, c.resource_id,
         i.provider_id AS instance_id, c.instance_type, c.charge_category,
         coalesce(c.consumed_quantity, c.pricing_quantity)::text AS usage_quantity,
         coalesce(c.consumed_unit, c.pricing_unit) AS usage_unit, c.tags, c.estimated, c.origin, c.simulated
  ${FROM_COSTS} ${COUNTED_COSTS}`;

/** One pass over the window: sums over everything, by service, by type, by provider and by day. */
export const summarySql = (type: CostType) => `
  SELECT grouping(w.service, w.instance_type, w.provider, w.charge_day) AS grouped,
         w.service, w.instance_type, w.provider, w.charge_day::text AS day, sum(w.worth) AS total_cost, count(w.worth) AS record_count,
         sum(w.worth) FILTER (WHERE w.estimated) AS estimated_cost, bool_or(w.simulated) AS simulated
    FROM (${worthOf(type)}) w
   GROUP BY GROUPING SETS ((), (w.service), (w.instance_type), (w.provider), (w.charge_day))
   ORDER BY grouped, total_cost DESC NULLS LAST, w.charge_day`;

/** What `grouping` answers for each of the sets: a bit for every column that is not grouped by. */
export const GROUPED = { byService: 0b0111, byType: 0b1011, byProvider: 0b1101, byDay: 0b1110, all: 0b1111 } as const;

export const unconvertedSql = (type: CostType) => `
  SELECT w.currency, sum(w.amount) AS amount, count(*) AS record_count
    FROM (${worthOf(type)}) w WHERE w.worth IS NULL AND w.amount IS NOT NULL GROUP BY w.currency ORDER BY w.currency`;

export const dailySql = (type: CostType) => `
  SELECT w.charge_day::text AS date, sum(w.worth) AS total_cost, bool_or(w.simulated) AS simulated
    FROM (${worthOf(type)}) w GROUP BY w.charge_day ORDER BY w.charge_day`;

/** `$10`: the key. An empty value is no value. */
const TAG = `nullif(c.tags ->> $10, '')`;
/** The key in whatever case; where a charge has it in several, the first by name. */
const TAG_IN_ANY_CASE = `(SELECT lower(nullif(e.value, '')) FROM jsonb_each_text(c.tags) e WHERE lower(e.key) = lower($10) ORDER BY e.key LIMIT 1)`;

export const byTagSql = (type: CostType, ignoreCase: boolean) => `
  SELECT w.tag_value, w.charge_day::text AS date, grouping(w.charge_day) = 1 AS is_group, sum(w.worth) AS total_cost,
         count(w.worth) AS record_count, bool_or(w.simulated) AS simulated
    FROM (${worthOf(type, `, ${ignoreCase ? TAG_IN_ANY_CASE : TAG} AS tag_value`)}) w
   WHERE w.worth IS NOT NULL
   GROUP BY GROUPING SETS ((w.tag_value), (w.tag_value, w.charge_day))
   ORDER BY is_group DESC, w.charge_day, total_cost DESC, w.tag_value`;
