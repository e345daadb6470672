import type { CostDimension, CostType } from '@flotilla/contracts';
import { ACCOUNT, GPU_TYPE } from './costs.filter.js';
import { worthOf } from './costs.sql.js';

const COLUMNS: Readonly<Record<CostDimension, string>> = {
  service: 'c.service',
  provider: 'c.provider',
  account: ACCOUNT,
  region: 'c.region',
  instance_type: 'c.instance_type',
  gpu_type: GPU_TYPE,
  instance: 'c.instance_id::text',
  charge_category: 'c.charge_category',
  origin: 'c.origin',
};

/**
 * Charges by a dimension, in one pass over the window and the days before it: every group as a whole (`day` NULL) and by day.
 *
 * `$2` is the first of the days before, `$10` the first day of the window, `$11` the last one that is compared, `$12` how
 * many groups stand for themselves; `$13` the key of a tag. Groups beyond are one row without a key.
 */
export const breakdownSql = (type: CostType, by: string) => {
  const value = by.startsWith('tag:') ? `nullif(c.tags ->> $13, '')` : COLUMNS[by as CostDimension];
  return `
  WITH w AS (${worthOf(type, `, ${value} AS value, coalesce(c.consumed_quantity, c.pricing_quantity) AS quantity, coalesce(c.consumed_unit, c.pricing_unit) AS unit`)}
  ), d AS MATERIALIZED (
    -- '=' and the value, or nothing: what is missing is joined and grouped as anything else
    SELECT coalesce('=' || w.value, '') AS key, w.charge_day AS day, sum(w.worth) AS cost, count(*) AS records,
           sum(w.worth) FILTER (WHERE w.estimated) AS estimated, sum(w.quantity) AS quantity, min(w.unit) AS unit, max(w.unit) AS unit_too,
           bool_and(w.unit IS NOT NULL AND w.quantity IS NOT NULL) AS measured, bool_or(w.simulated) AS simulated
      FROM w WHERE w.worth IS NOT NULL GROUP BY 1, 2
  ), g AS (
    SELECT d.key, row_number() OVER (ORDER BY greatest(abs(coalesce(sum(d.cost) FILTER (WHERE d.day >= $10::date), 0)),
                                                       abs(coalesce(sum(d.cost) FILTER (WHERE d.day < $10::date), 0))) DESC, d.key) AS rank
      FROM d GROUP BY d.key
  ), s AS (
    SELECT d.*, CASE WHEN g.rank <= $12::integer THEN d.key END AS shown, d.day >= $10::date AS inside,
           d.day >= $10::date AND d.day <= $11::date AS compared FROM d JOIN g ON g.key = d.key
  )
  SELECT s.shown AS key, grouping(s.shown) = 1 AS is_total, s.day::text AS day, count(DISTINCT s.key)::integer AS groups,
         coalesce(sum(s.cost) FILTER (WHERE s.inside), 0)::text AS total_cost,
         coalesce(sum(s.estimated) FILTER (WHERE s.inside), 0)::text AS estimated_cost,
         coalesce(sum(s.records) FILTER (WHERE s.inside), 0)::integer AS record_count,
         coalesce(sum(s.cost) FILTER (WHERE s.compared), 0)::text AS current_cost,
         coalesce(sum(s.cost) FILTER (WHERE NOT s.inside), 0)::text AS previous_cost,
         (coalesce(sum(s.cost) FILTER (WHERE s.compared), 0) - coalesce(sum(s.cost) FILTER (WHERE NOT s.inside), 0))::text AS change,
         CASE WHEN bool_and(s.measured) AND min(s.unit) = max(s.unit_too) THEN min(s.unit) END AS unit,
         coalesce(sum(s.quantity) FILTER (WHERE s.compared), 0)::text AS current_quantity,
         coalesce(sum(s.quantity) FILTER (WHERE NOT s.inside), 0)::text AS previous_quantity,
         bool_or(s.simulated) FILTER (WHERE s.inside) AS simulated
    FROM s GROUP BY GROUPING SETS ((), (s.shown), (s.shown, s.day))
   ORDER BY sum(s.cost) FILTER (WHERE s.inside) DESC NULLS LAST, s.shown`;
};

/** `$10`: how many keys. */
export const tagKeysSql = (type: CostType) => `
  SELECT k.key AS tag_key, count(DISTINCT k.value)::integer AS values, sum(w.worth)::text AS total_cost, count(*)::integer AS record_count,
         bool_or(w.simulated) AS simulated
    FROM (${worthOf(type)}) w CROSS JOIN LATERAL jsonb_each_text(w.tags) AS k(key, value)
   WHERE w.worth IS NOT NULL AND k.value <> '' GROUP BY k.key ORDER BY sum(w.worth) DESC, k.key LIMIT $10::integer`;

export const INSTANCE_NAMES = `
  SELECT i.id::text AS id, i.provider_id, i.name FROM flotilla.instances i WHERE i.tenant_id = $1 AND i.id = ANY ($2::bigint[])`;
