import { BEST_SOURCE, TOLD, WITNESS } from './ai-spend.filter.js';

/**
 * Workloads with what they spent this calendar month of the tenant's time zone, in the currency of their budgets. `$1`
 * tenant, `$2` now. Of sources that tell of the same calls of a workload the best one counts. The month is seen as begun an hour ago at least, so that its first minutes project nothing wild.
 */
export const BUDGET_STATUS = `
  WITH month AS (
    SELECT t.timezone, t.currency, m.first_day AT TIME ZONE t.timezone AS begins, (m.first_day + interval '1 month') AT TIME ZONE t.timezone AS ends,
           to_char(m.first_day, 'YYYY-MM') AS name
      FROM flotilla.tenants t, LATERAL (SELECT date_trunc('month', $2::timestamptz AT TIME ZONE t.timezone) AS first_day) m
     WHERE t.tenant_id = $1),
  found AS MATERIALIZED (
    SELECT w.id, w.id AS workload_id, h.cost, h.records, (h.hour AT TIME ZONE 'UTC')::date AS day, d.provider, d.model, d.project_id,
           d.instance_id, d.cost_origin, r.rate, ${WITNESS}
      FROM flotilla.ai_workloads w
      JOIN flotilla.ai_dimensions d ON d.tenant_id = w.tenant_id AND (d.workload_ref = w.external_id OR d.workload_ref = w.id::text)
      JOIN flotilla.ai_usage_hours h ON h.tenant_id = d.tenant_id AND h.dimension_id = d.id
      CROSS JOIN month m
      CROSS JOIN LATERAL (SELECT CASE WHEN d.currency = w.currency THEN 1
        ELSE flotilla.currency_rate(w.tenant_id, d.currency, w.currency, (h.hour AT TIME ZONE 'UTC')::date) END AS rate) r
     WHERE w.tenant_id = $1 AND h.tenant_id = $1 AND h.hour >= m.begins AND h.hour < m.ends), ${TOLD},
  spent AS (
    SELECT f.id, sum(f.cost * f.rate) FILTER (WHERE f.cost_origin IS NOT NULL) AS spent,
           coalesce(sum(f.records) FILTER (WHERE f.cost_origin IS NULL), 0) AS unpriced_records,
           coalesce(sum(f.records) FILTER (WHERE f.cost_origin IS NOT NULL AND f.rate IS NULL), 0) AS unconverted_records
      FROM found f WHERE ${BEST_SOURCE} GROUP BY f.id),
  known AS (
    SELECT w.*, coalesce(s.spent, 0) AS spent, coalesce(s.unpriced_records, 0) AS unpriced_records,
           coalesce(s.unconverted_records, 0) AS unconverted_records, m.begins, m.ends,
           extract(epoch FROM greatest(least($2::timestamptz, m.ends), m.begins + interval '1 hour') - m.begins) / 86400 AS elapsed_days,
           extract(epoch FROM m.ends - m.begins) / 86400 AS all_days
      FROM flotilla.ai_workloads w CROSS JOIN month m LEFT JOIN spent s ON s.id = w.id WHERE w.tenant_id = $1),
  projected AS (
    SELECT k.*, round(k.spent / k.elapsed_days, 12) AS burn_rate_daily, round(k.spent * k.all_days / k.elapsed_days, 12) AS projected FROM known k)
  SELECT p.id AS workload_id, p.name AS workload_name, p.owner, p.currency, p.monthly_budget AS budget, p.spent,
         p.monthly_budget - p.spent AS remaining, round(p.spent * 100 / p.monthly_budget, 4)::float8 AS utilization_percent,
         trim_scale(p.burn_rate_daily) AS burn_rate_daily, round(p.projected / p.monthly_budget, 6)::float8 AS burn_rate,
         trim_scale(p.projected) AS projected_spend, CASE WHEN p.monthly_budget IS NOT NULL THEN trim_scale(greatest(p.projected - p.monthly_budget, 0)) END AS projected_overage,
         CASE WHEN p.spent < p.monthly_budget AND p.projected >= p.monthly_budget
           THEN p.begins + make_interval(secs => (p.monthly_budget / p.burn_rate_daily * 86400)::float8) END AS exhausted_at,
         CASE WHEN p.monthly_budget IS NULL THEN 'no_budget' WHEN p.spent >= p.monthly_budget THEN 'exceeded'
           WHEN p.projected >= p.monthly_budget THEN 'at_risk' ELSE 'ok' END AS status,
         p.unpriced_records, p.unconverted_records
    FROM projected p ORDER BY p.projected / p.monthly_budget DESC NULLS LAST, p.id LIMIT 1000`;

/** The month itself: `$1` tenant, `$2` now. */
export const MONTH = `
  SELECT t.timezone, to_char(m.first_day, 'YYYY-MM') AS month, m.first_day AT TIME ZONE t.timezone AS period_start,
         (m.first_day + interval '1 month') AT TIME ZONE t.timezone AS period_end
    FROM flotilla.tenants t, LATERAL (SELECT date_trunc('month', $2::timestamptz AT TIME ZONE t.timezone) AS first_day) m
   WHERE t.tenant_id = $1`;
