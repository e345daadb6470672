/** `$1` tenant, `$2` first day: instances with time since then or with something to compute anew, and from which day on. */
export const INSTANCES_TO_METER = `
  SELECT s.instance_id AS id
    FROM flotilla.instance_spans s
   WHERE s.tenant_id = $1 AND (s.remeter_from IS NOT NULL OR (s.state <> 'terminated' AND (s.until IS NULL OR s.until > $2)))
   GROUP BY s.instance_id ORDER BY s.instance_id`;

/** `$1` tenant, `$2` instances: held until the transaction ends, so that none changes between reading and clearing. */
export const LOCK_MARKS = `
  SELECT s.id, s.instance_id, (extract(epoch FROM s.remeter_from) * 1000000)::bigint AS from_micros
    FROM flotilla.instance_spans s
   WHERE s.tenant_id = $1 AND s.instance_id = ANY ($2::bigint[]) AND s.remeter_from IS NOT NULL
   ORDER BY s.id FOR UPDATE`;

export const CLEAR_MARKS = `
  UPDATE flotilla.instance_spans s SET remeter_from = NULL WHERE s.tenant_id = $1 AND s.id = ANY ($2::bigint[])`;

/** `$1` tenant, `$2` instances. */
export const INSTANCES = `
  SELECT i.id, i.cloud_provider, i.provider_id, i.name, i.region, i.instance_type, i.placement ->> 'account' AS account_id,
         i.tags, i.simulated OR t.simulated AS simulated
    FROM flotilla.instances i JOIN flotilla.tenants t ON t.tenant_id = i.tenant_id
   WHERE i.tenant_id = $1 AND i.id = ANY ($2::bigint[])`;

/** `$1` tenant, `$2` [{id, from}]: the spans of each instance from its moment on. */
export const SPANS = `
  SELECT s.instance_id, s.state, s.hourly_cost::text AS "hourlyCost", s.currency,
         (extract(epoch FROM s.since) * 1000000)::bigint AS "sinceMicros",
         (extract(epoch FROM s.until) * 1000000)::bigint AS "untilMicros"
    FROM jsonb_to_recordset($2::jsonb) AS w(id bigint, from_at timestamptz)
    JOIN flotilla.instance_spans s ON s.tenant_id = $1 AND s.instance_id = w.id AND (s.until IS NULL OR s.until > w.from_at)
   ORDER BY s.since, s.id`;

/** `$1` tenant, `$2` [{id, from_at}], `$3` keys that stand: metered charges that the spans do not tell any more. */
export const FORGET = `
  DELETE FROM flotilla.costs c
   USING jsonb_to_recordset($2::jsonb) AS w(id bigint, from_at timestamptz)
   WHERE c.tenant_id = $1 AND c.instance_id = w.id AND c.charge_day >= (w.from_at AT TIME ZONE 'UTC')::date
     AND c.origin = 'metered' AND c.source = 'metering' AND encode(c.record_key, 'hex') <> ALL ($3::text[])`;

/** `$1` tenant, `$2` [{key, id}]: the instance itself, where its provider's id names several. */
export const LINK = `
  UPDATE flotilla.costs c SET instance_id = w.id
    FROM jsonb_to_recordset($2::jsonb) AS w(key text, id bigint)
   WHERE c.tenant_id = $1 AND c.record_key = decode(w.key, 'hex') AND c.instance_id IS DISTINCT FROM w.id`;

export const PROGRESS = `
  SELECT (extract(epoch FROM now()) * 1000000)::bigint AS now_micros,
         (SELECT (extract(epoch FROM p.metered_to) * 1000000)::bigint FROM flotilla.metering_progress p WHERE p.tenant_id = $1) AS metered_to`;

export const SET_PROGRESS = `
  INSERT INTO flotilla.metering_progress AS p (tenant_id, metered_to) VALUES ($1, $2)
  ON CONFLICT (tenant_id) DO UPDATE SET metered_to = excluded.metered_to`;

export const TENANTS = `SELECT t.tenant_id FROM flotilla.tenants t WHERE t.status = 'active'
  AND EXISTS (SELECT FROM flotilla.instance_spans s WHERE s.tenant_id = t.tenant_id) ORDER BY t.tenant_id`;

/** `$1` tenant, `$2` and `$3` first and last day, `$4` provider or null, `$5` the tag of the billing model: see `billsIn`. */
export const UNMETERED = `
  SELECT count(DISTINCT s.instance_id) FILTER (WHERE s.hourly_cost IS NULL AND s.bills)::integer AS unpriced_instances,
         count(DISTINCT s.instance_id) FILTER (WHERE s.bills IS NULL)::integer AS unknown_state_instances
    FROM (SELECT s.instance_id, s.hourly_cost,
                 CASE WHEN m.model = 'always_on' THEN s.state <> 'terminated'
                      ELSE r.bills END AS bills
            FROM flotilla.instance_spans s
            JOIN flotilla.instances i ON i.tenant_id = s.tenant_id AND i.id = s.instance_id
           CROSS JOIN LATERAL (SELECT CASE WHEN s.state <> 'unknown' THEN s.state IN ('running', 'stopping') END AS bills) r
           CROSS JOIN LATERAL (SELECT CASE WHEN i.tags ->> $5 IN ('running', 'always_on') THEN i.tags ->> $5
                                           WHEN i.cloud_provider = 'on_prem' THEN 'always_on' ELSE 'running' END AS model) m
           WHERE s.tenant_id = $1 AND s.since < $3::date + 1 AND (s.until IS NULL OR s.until > $2::date)
             AND ($4::text IS NULL OR i.cloud_provider = $4)
             AND (s.hourly_cost IS NULL OR s.state = 'unknown')) s`;
