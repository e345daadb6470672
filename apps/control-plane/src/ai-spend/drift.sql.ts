import { RATE } from '../costs/index.js';
import { HOURS } from './ai-spend.filter.js';

/**
 * Estimates against what providers billed, per UTC day, provider and model, in the tenant's currency. A charge of a model
 * has the SKU `model/kind of token/tier`; charges of anything else are no side of this.
 *
 * What is not known is no 0: an estimate without the rate of its currency is NULL as a whole.
 */
export const DRIFT = `
  WITH estimated AS (
    SELECT s.day, s.provider, s.model,
           CASE WHEN bool_and(s.rate IS NOT NULL) FILTER (WHERE s.cost_origin = 'estimate')
             THEN sum(s.worth) FILTER (WHERE s.cost_origin = 'estimate') END AS cost,
           coalesce(sum(s.records) FILTER (WHERE s.cost_origin IS NULL), 0) AS unpriced_records
      FROM (${HOURS}) s WHERE s.provider <> 'self_hosted' GROUP BY s.day, s.provider, s.model),
  billed AS (
    SELECT b.day, b.provider, b.model, CASE WHEN bool_and(b.worth IS NOT NULL) THEN sum(b.worth) END AS cost
      FROM (
        SELECT c.charge_day AS day, c.provider, regexp_replace(c.sku_id, '/[^/]*/[^/]*$', '') AS model, c.billed_cost * ${RATE} AS worth
          FROM flotilla.costs c JOIN flotilla.tenants t ON t.tenant_id = c.tenant_id
         WHERE c.tenant_id = $1 AND c.superseded_by IS NULL AND c.origin <> 'metered'
           AND c.charge_day >= $2::date AND c.charge_day <= $3::date AND c.sku_id ~ '^.+/[^/]*/[^/]*$'
           AND c.provider IN (SELECT d.provider FROM flotilla.ai_dimensions d WHERE d.tenant_id = $1)
           AND ($5::text IS NULL OR c.provider = $5)) b
     WHERE $6::text IS NULL OR b.model = $6
     GROUP BY b.day, b.provider, b.model),
  both_sides AS (
    SELECT coalesce(e.day, b.day) AS day, coalesce(e.provider, b.provider) AS provider, coalesce(e.model, b.model) AS model,
           e.cost AS estimated_cost, b.cost AS billed_cost, coalesce(e.unpriced_records, 0) AS unpriced_records
      FROM estimated e FULL JOIN billed b ON b.day = e.day AND b.provider = e.provider AND b.model = e.model)
  SELECT x.day::text AS date, x.provider, x.model AS model_name, x.estimated_cost, x.billed_cost,
         x.billed_cost - x.estimated_cost AS drift,
         round((x.billed_cost - x.estimated_cost) * 100 / nullif(x.billed_cost, 0), 4)::float8 AS drift_percent, x.unpriced_records
    FROM both_sides x
   ORDER BY x.day, x.provider, x.model`;

/** The rows of DRIFT that have both sides, added up. */
export const DRIFT_TOTAL = `
  SELECT sum(x.estimated_cost) AS estimated_cost, sum(x.billed_cost) AS billed_cost, sum(x.drift) AS drift,
         round(sum(x.drift) * 100 / nullif(sum(x.billed_cost), 0), 4)::float8 AS drift_percent, count(*)::integer AS compared
    FROM (${DRIFT}) x WHERE x.drift IS NOT NULL`;
