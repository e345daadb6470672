/** Tenants with usage that has no price, whose prices are others than those that it was looked at with last. `$1` the list. */
export const TENANTS_TO_REPRICE = `
  SELECT d.tenant_id, m.mark
    FROM (SELECT DISTINCT x.tenant_id FROM flotilla.ai_dimensions x WHERE x.cost_origin IS NULL) d
   CROSS JOIN LATERAL (
     SELECT concat_ws(' ', $1::text, count(*), max(p.id), max(p.updated_at)) AS mark FROM flotilla.prices p
      WHERE p.tenant_id = d.tenant_id AND p.kind = 'model') m
   WHERE m.mark IS DISTINCT FROM (SELECT r.prices_mark FROM flotilla.ai_repricings r WHERE r.tenant_id = d.tenant_id ORDER BY r.id DESC LIMIT 1)
   ORDER BY d.tenant_id`;

/** Combinations without a price. `$1` tenant. */
export const UNPRICED_DIMENSIONS = `
  SELECT d.* FROM flotilla.ai_dimensions d
   WHERE d.tenant_id = $1 AND d.cost_origin IS NULL`;

/** Records of one combination that are kept, from a place on. `$1` tenant, `$2` combination, `$3` and `$4` the place, `$5` how many. */
export const UNPRICED_RECORDS = `
  SELECT u.day::text AS day, u.record_key::text AS record_key, u.content::text AS content, u.at, u.requests, u.errors, u.uncached_input,
         u.cache_read, u.cache_write_5m, u.cache_write_1h, u.output, u.reasoning, u.input_audio, u.cache_read_audio, u.output_audio,
         u.usage_quantity::text AS usage_quantity
    FROM flotilla.ai_usage u
   WHERE u.tenant_id = $1 AND u.dimension_id = $2 AND (u.day, u.record_key) > ($3::date, $4::uuid)
   ORDER BY u.day, u.record_key LIMIT $5`;

/** What was corrected meanwhile keeps what it was corrected to. */
export const REPRICE = `
  WITH put AS (
    UPDATE flotilla.ai_usage u
       SET dimension_id = g.dimension_id, cost = g.cost, cost_input = g.cost_input, cost_cached = g.cost_cached, cost_output = g.cost_output
      FROM jsonb_to_recordset($3::jsonb) AS g(day date, record_key uuid, content uuid, dimension_id bigint, cost numeric, cost_input numeric,
             cost_cached numeric, cost_output numeric)
     WHERE u.tenant_id = $1 AND u.dimension_id = $2 AND u.day = g.day AND u.record_key = g.record_key AND u.content = g.content
    RETURNING g.dimension_id, u.cost
  )
  SELECT d.currency, d.price_source, count(*) AS records, trim_scale(sum(p.cost))::text AS cost
    FROM put p JOIN flotilla.ai_dimensions d ON d.tenant_id = $1 AND d.id = p.dimension_id
   GROUP BY d.currency, d.price_source ORDER BY d.currency, d.price_source`;
