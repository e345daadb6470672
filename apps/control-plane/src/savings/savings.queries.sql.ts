import { tagsFit } from '../costs/index.js';

const hours = (column: string) => `round(${column} / 3600, 3)::float8`;

export const FIELDS = `
  SELECT v.id, CASE WHEN v.verified_at IS NOT NULL THEN 'verified' WHEN v.ended_at IS NOT NULL THEN 'closed' ELSE 'open' END AS status,
         v.instance_id, v.provider_id, (SELECT i.name FROM flotilla.instances i WHERE i.tenant_id = v.tenant_id AND i.id = v.instance_id) AS name,
         v.cloud_provider, v.action_id, v.policy_id, v.policy_version, v.requested_by, v.tags,
         v.started_at, v.ended_at, v.end_reason, v.capped_at, v.hourly_cost::text AS hourly_cost, v.currency, v.billing_model,
         v.committed_share::float8 AS committed_share, v.estimated::text AS estimated,
         ${hours('v.estimated_hours * 3600')} AS estimated_hours, v.estimate_basis, coalesce(d.observed, 0)::text AS observed,
         d.verified::text AS verified, CASE WHEN v.ended_at IS NOT NULL THEN coalesce(d.realised, 0)::text END AS over,
         ${hours('v.off_seconds')} AS off_hours, ${hours('v.unpriced_seconds')} AS unpriced_hours,
         ${hours('v.unknown_seconds')} AS unknown_hours, v.verified_at, v.simulated
    FROM flotilla.savings v
    LEFT JOIN LATERAL (
      SELECT sum(x.observed) AS observed, sum(x.verified) AS verified, sum(coalesce(x.verified, x.observed)) AS realised
        FROM flotilla.saving_days x WHERE x.tenant_id = v.tenant_id AND x.saving_id = v.id AND x.currency = v.currency) d ON true`;

/** `$1` tenant, `$2` instance, `$3` policy, `$4` what `tagsAsked` makes of tags, `$5` simulated. */
const COMMON = `
     ($2::bigint IS NULL OR v.instance_id = $2::bigint) AND ($3::bigint IS NULL OR v.policy_id = $3::bigint)
     AND ($4::jsonb IS NULL OR ${tagsFit('v.tags', '$4::jsonb')}) AND ($5::boolean IS NULL OR v.simulated = $5::boolean)`;

/** Time off that is worth something, in the days `$9` to `$10`. */
const OFF_DAYS = `SELECT FROM flotilla.saving_days y WHERE y.tenant_id = v.tenant_id AND y.saving_id = v.id
       AND ($9::date IS NULL OR y.day >= $9::date) AND ($10::date IS NULL OR y.day <= $10::date)`;

/**
 * and `$6` status, `$7` and `$8` when it was stopped, `$9` and `$10` days that it counts in, `$11` only what was observed,
 * `$12` the provider's id, `$13` whether a policy asked, `$14` a tag that it lacks
 */
export const FILTER = `
   WHERE v.tenant_id = $1 AND ${COMMON}
     AND ($6::text IS NULL OR $6::text = CASE WHEN v.verified_at IS NOT NULL THEN 'verified' WHEN v.ended_at IS NOT NULL THEN 'closed' ELSE 'open' END)
     AND ($7::timestamptz IS NULL OR v.started_at >= $7) AND ($8::timestamptz IS NULL OR v.started_at < $8)
     AND ($9::date IS NULL AND $10::date IS NULL OR EXISTS (${OFF_DAYS})
       OR coalesce((v.started_at AT TIME ZONE 'UTC')::date >= $9::date, true) AND coalesce((v.started_at AT TIME ZONE 'UTC')::date <= $10::date, true))
     AND ($11::boolean IS NULL OR $11::boolean = EXISTS (${OFF_DAYS} AND y.observed <> 0))
     AND ($12::text IS NULL OR v.provider_id = $12) AND ($13::boolean IS NULL OR $13::boolean = (v.policy_id IS NOT NULL))
     AND ($14::text IS NULL OR nullif(v.tags ->> $14, '') IS NULL)`;

/** and `$6`, `$7` first and last day */
export const WHERE_DAYS = `WHERE v.tenant_id = $1 AND ${COMMON} AND d.day >= $6::date AND d.day <= $7::date`;

const KEYS: Readonly<Record<string, string>> = {
  all: `NULL::text`,
  month: `to_char(x.day, 'YYYY-MM')`,
  policy: 'x.policy_id::text',
  instance: 'x.provider_id',
  tag: `nullif(x.tags ->> $8, '')`,
};

// Two kinds of rows: what the days of the window saved, and what the stops of the window promised; each at the rate of its day.
// The ratio is of stops that are over, whole: what they realised in all their days against what they promised.
export const SUMMARY = (kind: string) => `
  SELECT ${KEYS[kind]} AS key, coalesce(sum(x.estimated), 0)::text AS estimated,
         coalesce(sum(x.estimated) FILTER (WHERE x.over IS NOT NULL), 0)::text AS estimated_over,
         coalesce(sum(x.over), 0)::text AS realised_over, coalesce(sum(x.observed), 0)::text AS observed,
         sum(x.verified)::text AS verified, count(x.stop)::integer AS stops, coalesce(${hours('sum(x.off_seconds)')}, 0) AS off_hours
    FROM (
      SELECT v.policy_id, v.provider_id, v.tags, d.day, NULL::numeric AS estimated, NULL::numeric AS over, d.observed * r.rate AS observed,
             d.verified * r.rate AS verified, NULL::bigint AS stop, CASE WHEN r.rate IS NOT NULL THEN d.off_seconds END AS off_seconds
        FROM flotilla.saving_days d
        JOIN flotilla.savings v ON v.tenant_id = d.tenant_id AND v.id = d.saving_id
        JOIN flotilla.tenants t ON t.tenant_id = v.tenant_id
       CROSS JOIN LATERAL (SELECT flotilla.currency_rate(d.tenant_id, d.currency, t.currency, d.day) AS rate) r
       ${WHERE_DAYS}
      UNION ALL
      SELECT v.policy_id, v.provider_id, v.tags, d.day, v.estimated * r.rate,
             CASE WHEN v.ended_at IS NOT NULL AND v.estimated IS NOT NULL THEN coalesce((
               SELECT sum(coalesce(y.verified, y.observed)) FROM flotilla.saving_days y
                WHERE y.tenant_id = v.tenant_id AND y.saving_id = v.id AND y.currency = v.currency), 0) * r.rate END,
             NULL, NULL, v.id, NULL
        FROM flotilla.savings v
        JOIN flotilla.tenants t ON t.tenant_id = v.tenant_id
       CROSS JOIN LATERAL (SELECT (v.started_at AT TIME ZONE 'UTC')::date AS day) d
       CROSS JOIN LATERAL (SELECT flotilla.currency_rate(v.tenant_id, v.currency, t.currency, d.day) AS rate) r
       ${WHERE_DAYS}) x
   ${kind === 'all' ? '' : `GROUP BY 1 ORDER BY ${kind === 'month' ? '1' : 'coalesce(sum(x.observed), 0) DESC, 1'}`}`;

export const TOTALS = `
  SELECT t.currency,
         (SELECT count(*)::integer FROM flotilla.savings v CROSS JOIN LATERAL (SELECT (v.started_at AT TIME ZONE 'UTC')::date AS day) d
           ${WHERE_DAYS} AND v.hourly_cost IS NULL) AS unpriced,
         EXISTS (SELECT FROM flotilla.saving_days d JOIN flotilla.savings v ON v.tenant_id = d.tenant_id AND v.id = d.saving_id
           ${WHERE_DAYS} AND v.simulated) AS simulated
    FROM flotilla.tenants t WHERE t.tenant_id = $1`;

export const UNCONVERTED = `
  SELECT d.currency, sum(d.observed)::text AS observed
    FROM flotilla.saving_days d
    JOIN flotilla.savings v ON v.tenant_id = d.tenant_id AND v.id = d.saving_id
    JOIN flotilla.tenants t ON t.tenant_id = v.tenant_id`;
