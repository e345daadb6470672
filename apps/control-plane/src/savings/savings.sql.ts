/** `$1` tenant: stops that were done and have no entry, with the moment from which on the machine was off. */
export const NEW_STOPS = `
  SELECT a.id AS action_id, a.instance_id, a.policy_id, a.policy_version, a.requester_label, i.provider_id, i.cloud_provider,
         i.tags, i.simulated OR t.simulated AS simulated, i.placement ->> 'lifecycle' AS lifecycle,
         (extract(epoch FROM s.since) * 1000000)::bigint AS start_micros, s.hourly_cost::text AS hourly_cost, s.currency,
         coalesce(b.committed / nullif(b.total, 0), 0)::text AS committed_share
    FROM flotilla.actions a
    JOIN flotilla.instances i ON i.tenant_id = a.tenant_id AND i.id = a.instance_id
    JOIN flotilla.tenants t ON t.tenant_id = a.tenant_id
   CROSS JOIN LATERAL (
      SELECT s.since, s.hourly_cost, s.currency FROM flotilla.instance_spans s
       WHERE s.tenant_id = a.tenant_id AND s.instance_id = a.instance_id AND s.state = 'stopped'
         AND s.since >= a.requested_at AND (s.until IS NULL OR s.until > s.since)
       ORDER BY s.since, s.id LIMIT 1) s
    LEFT JOIN LATERAL (
      SELECT sum(coalesce(c.list_cost, c.effective_cost)) AS total,
             sum(coalesce(c.list_cost, c.effective_cost)) FILTER (WHERE c.pricing_category = 'Committed'
               OR c.commitment_discount_id IS NOT NULL) AS committed
        FROM flotilla.costs c
       WHERE c.tenant_id = a.tenant_id AND c.instance_id = a.instance_id AND c.origin IN ('bill', 'provider_api')
         AND c.superseded_by IS NULL AND c.charge_category = 'Usage'
         AND c.charge_day >= (s.since AT TIME ZONE 'UTC')::date - 30 AND c.charge_day < (s.since AT TIME ZONE 'UTC')::date) b ON true
   WHERE a.tenant_id = $1 AND a.verb = 'stop' AND a.status = 'succeeded' AND a.level = 'power' AND NOT a.dry_run
     AND a.result_at > now() - interval '62 days'
     AND NOT EXISTS (SELECT FROM flotilla.savings v WHERE v.tenant_id = a.tenant_id AND v.action_id = a.id)
     AND NOT EXISTS (SELECT FROM flotilla.savings v
                      WHERE v.tenant_id = a.tenant_id AND v.instance_id = a.instance_id AND v.started_at = s.since)
   ORDER BY s.since, a.id LIMIT 500`;

/** `$1` tenant, `$2` [{…}] entries. A stop that another entry of the same moment has is no second one. */
export const INSERT_SAVING = `
  INSERT INTO flotilla.savings (tenant_id, instance_id, provider_id, cloud_provider, action_id, policy_id, policy_version, requested_by,
    tags, hourly_cost, currency, billing_model, committed_share, started_at, capped_at, estimated, estimated_hours, estimate_basis, simulated)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
  ON CONFLICT DO NOTHING RETURNING id`;

/** `$1` tenant, `$2` instances: no two entries of one share a moment. `$3` horizon in days. */
export const CAP = `
  UPDATE flotilla.savings v SET capped_at = n.capped_at
    FROM (SELECT x.id, least(x.started_at + $3 * interval '1 day',
                             lead(x.started_at) OVER (PARTITION BY x.instance_id ORDER BY x.started_at)) AS capped_at
            FROM flotilla.savings x WHERE x.tenant_id = $1 AND x.instance_id = ANY ($2::bigint[])) n
   WHERE v.tenant_id = $1 AND v.id = n.id AND v.capped_at > n.capped_at`;

/** `$1` tenant: entries that grow, and those over whose spans or bills may still be corrected. */
export const TO_ADVANCE = `
  SELECT v.id, v.instance_id, v.provider_id, v.cloud_provider, v.currency, v.hourly_cost::text AS hourly_cost, v.billing_model,
         v.committed_share::text AS committed_share, v.estimated::text AS estimated, v.simulated, v.ended_at, v.verified_at,
         (extract(epoch FROM v.started_at) * 1000000)::bigint AS start_micros,
         (extract(epoch FROM v.capped_at) * 1000000)::bigint AS cap_micros, i.placement ->> 'account' AS account
    FROM flotilla.savings v
    JOIN flotilla.instances i ON i.tenant_id = v.tenant_id AND i.id = v.instance_id
   WHERE v.tenant_id = $1 AND (v.advanced_at IS NULL OR v.ended_at IS NULL
      OR v.ended_at > now() - interval '62 days' AND v.advanced_at < now() - interval '1 hour')
   ORDER BY v.advanced_at NULLS FIRST, v.id LIMIT 1000`;

/** `$1` tenant, `$2` instance, `$3` from. */
export const SPANS_OF = `
  SELECT s.state, s.hourly_cost::text AS "hourlyCost", s.currency,
         (extract(epoch FROM s.since) * 1000000)::bigint AS "sinceMicros",
         (extract(epoch FROM s.until) * 1000000)::bigint AS "untilMicros"
    FROM flotilla.instance_spans s
   WHERE s.tenant_id = $1 AND s.instance_id = $2 AND (s.until IS NULL OR s.until > $3)
   ORDER BY s.since, s.id`;

/**
 * `$1` tenant, `$2` instance, `$3` and `$4` days, `$5` currency, `$6` provider, `$7` account or null: days of which a bill
 * tells, and what it charges the machine. `billed` NULL: an amount has no rate into the currency.
 */
export const BILLED = `
  SELECT d.day::text AS day,
         (SELECT CASE WHEN bool_or(flotilla.currency_rate($1, c.currency, $5, c.charge_day) IS NULL) THEN NULL
                      ELSE coalesce(sum(c.effective_cost * flotilla.currency_rate($1, c.currency, $5, c.charge_day)), 0) END::text
            FROM flotilla.costs c
           WHERE c.tenant_id = $1 AND c.instance_id = $2 AND c.charge_day = d.day AND c.origin IN ('bill', 'provider_api')
             AND c.superseded_by IS NULL AND c.charge_category = 'Usage') AS billed
    FROM (SELECT DISTINCT c.charge_day AS day FROM flotilla.costs c
           WHERE c.tenant_id = $1 AND c.provider = $6 AND c.charge_day >= $3::date AND c.charge_day <= $4::date
             AND c.origin IN ('bill', 'provider_api') AND c.superseded_by IS NULL AND c.charge_category = 'Usage' AND NOT c.estimated
             AND ($7::text IS NULL OR c.sub_account_id IS NULL OR c.sub_account_id = $7)) d
   ORDER BY d.day`;

/** `$1` tenant, `$2` entry, `$3` [{day, currency, off_seconds, observed, billed, verified}]. */
export const PUT_DAYS = `
  WITH said AS (
    SELECT * FROM jsonb_to_recordset($3::jsonb)
      AS r(day date, currency char(3), off_seconds numeric, observed numeric, billed numeric, verified numeric)),
  gone AS (
    DELETE FROM flotilla.saving_days d
     WHERE d.tenant_id = $1 AND d.saving_id = $2
       AND NOT EXISTS (SELECT FROM said s WHERE s.day = d.day AND s.currency = d.currency))
  INSERT INTO flotilla.saving_days AS d (tenant_id, saving_id, day, currency, off_seconds, observed, billed, verified)
  SELECT $1, $2, s.day, s.currency, s.off_seconds, s.observed, s.billed, s.verified FROM said s
  ON CONFLICT (tenant_id, saving_id, day, currency) DO UPDATE
    SET off_seconds = excluded.off_seconds, observed = excluded.observed, billed = excluded.billed, verified = excluded.verified
  WHERE (d.off_seconds, d.observed, d.billed, d.verified)
    IS DISTINCT FROM (excluded.off_seconds, excluded.observed, excluded.billed, excluded.verified)`;

export const PUT_SAVING = `
  UPDATE flotilla.savings SET ended_at = $3, end_reason = $4, off_seconds = $5, unpriced_seconds = $6, unknown_seconds = $7,
         verified_at = CASE WHEN $8 THEN coalesce(verified_at, now()) END, advanced_at = now()
   WHERE tenant_id = $1 AND id = $2`;

export const TENANTS_WITH_STOPS = `
  SELECT t.tenant_id FROM flotilla.tenants t WHERE t.status = 'active' AND (
    EXISTS (SELECT FROM flotilla.savings v WHERE v.tenant_id = t.tenant_id) OR
    EXISTS (SELECT FROM flotilla.actions a WHERE a.tenant_id = t.tenant_id AND a.verb = 'stop' AND a.status = 'succeeded'
              AND a.level = 'power' AND NOT a.dry_run AND a.result_at > now() - interval '62 days'))
   ORDER BY t.tenant_id`;
