import { COUNTED_COSTS, RATE } from '../costs/index.js';

/**
 * Takes the snapshot at `$10`; `$1` to `$9` as COUNTED_COSTS has them, the first day early enough for what still runs.
 *
 * A charge counts to the last 24 hours by the part of its time that lies in them. What is estimated is what it came to so
 * far, so its time ends now; what is not is for its whole time.
 */
export const TAKE = `
  WITH charges AS (
    SELECT c.service, c.currency, c.billed_cost AS amount, c.billed_cost * ${RATE} AS worth, c.simulated,
           c.charge_day >= date_trunc('month', $10::timestamptz AT TIME ZONE 'UTC')::date AS in_month,
           greatest(0, extract(epoch FROM least(c.charge_end, $10::timestamptz) - greatest(c.charge_start, $10::timestamptz - interval '24 hours')))
             / nullif(extract(epoch FROM CASE WHEN c.estimated THEN least(c.charge_end, $10::timestamptz) ELSE c.charge_end END - c.charge_start), 0) AS part
      FROM flotilla.costs c JOIN flotilla.tenants t ON t.tenant_id = c.tenant_id ${COUNTED_COSTS} AND c.charge_start < $10::timestamptz
  ), services AS (
    SELECT w.service, coalesce(sum(w.worth) FILTER (WHERE w.in_month), 0) AS month_to_date,
           round(coalesce(sum(w.worth * w.part), 0), 10) AS last_24h, bool_or(w.simulated) AS simulated
      FROM charges w WHERE w.worth IS NOT NULL AND (w.in_month OR w.part > 0) GROUP BY w.service
  ), apart AS (
    SELECT w.currency, sum(w.amount) AS amount, count(*) AS record_count
      FROM charges w WHERE w.worth IS NULL AND w.amount IS NOT NULL AND w.in_month GROUP BY w.currency
  ), snapshot AS (
    INSERT INTO flotilla.cost_snapshots AS k (tenant_id, hour, at, currency, month_to_date, last_24h, by_service, unconverted, simulated)
    SELECT t.tenant_id, date_trunc('hour', $10::timestamptz, 'UTC'), $10::timestamptz, t.currency,
           coalesce(sum(s.month_to_date), 0), coalesce(sum(s.last_24h), 0),
           coalesce(jsonb_agg(jsonb_build_object('service', s.service, 'month_to_date', s.month_to_date, 'last_24h', s.last_24h)
                              ORDER BY s.month_to_date DESC, s.service) FILTER (WHERE s.service IS NOT NULL), '[]'),
           coalesce((SELECT jsonb_agg(to_jsonb(a) ORDER BY a.currency) FROM apart a), '[]'),
           coalesce(bool_or(s.simulated), false)
      FROM flotilla.tenants t LEFT JOIN services s ON true WHERE t.tenant_id = $1 GROUP BY t.tenant_id
    ON CONFLICT (tenant_id, hour) DO NOTHING
    RETURNING k.currency
  ), seen AS (
    INSERT INTO flotilla.cost_snapshot_services AS v (tenant_id, service, first_seen_at, last_seen_at, currency, month_to_date, last_24h)
    SELECT $1, s.service, $10::timestamptz, $10::timestamptz, k.currency, s.month_to_date, s.last_24h FROM services s CROSS JOIN snapshot k
    ON CONFLICT (tenant_id, service) DO UPDATE
      SET last_seen_at = excluded.last_seen_at, currency = excluded.currency, month_to_date = excluded.month_to_date, last_24h = excluded.last_24h
      WHERE v.last_seen_at < excluded.last_seen_at
    RETURNING 1
  )
  SELECT EXISTS (SELECT FROM snapshot) AS taken, (SELECT count(*) FROM seen) AS services`;

/** Tenants that have charges and no snapshot of this hour. */
export const TENANTS = `
  SELECT t.tenant_id FROM flotilla.tenants t
   WHERE t.status = 'active' AND EXISTS (SELECT FROM flotilla.costs c WHERE c.tenant_id = t.tenant_id)
     AND NOT EXISTS (SELECT FROM flotilla.cost_snapshots s WHERE s.tenant_id = t.tenant_id AND s.hour = date_trunc('hour', now(), 'UTC'))`;

/** `$1`: days. */
export const FORGET = `
  WITH old AS (DELETE FROM flotilla.cost_snapshots s WHERE s.hour < now() - make_interval(days => $1) RETURNING 1),
       gone AS (DELETE FROM flotilla.cost_snapshot_services s WHERE s.last_seen_at < now() - make_interval(days => $1) RETURNING 1)
  SELECT (SELECT count(*) FROM old)::integer AS snapshots, (SELECT count(*) FROM gone)::integer AS services`;
