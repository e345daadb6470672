const HOURS = `
  FROM flotilla.ai_usage_hours h
  JOIN flotilla.ai_dimensions d ON d.tenant_id = h.tenant_id AND d.id = h.dimension_id
  JOIN flotilla.tenants t ON t.tenant_id = h.tenant_id
  CROSS JOIN LATERAL (SELECT CASE WHEN d.cost_origin IS NULL THEN NULL WHEN d.currency = t.currency THEN 1
    ELSE flotilla.currency_rate(h.tenant_id, d.currency, t.currency, (h.hour AT TIME ZONE 'UTC')::date) END AS rate) r
  WHERE h.tenant_id = $1 AND h.hour >= $2::date::timestamp AT TIME ZONE 'UTC'
    AND h.hour < ($3::date + 1)::timestamp AT TIME ZONE 'UTC'`;
const CACHED = '(h.cache_read + h.cache_write_5m + h.cache_write_1h)';
/** Of what has a price and a rate. */
const priced = (sum: string) => `sum(${sum}) FILTER (WHERE r.rate IS NOT NULL)`;
/** Parts are told of what was priced by a list. */
const parted = (sum: string) => `sum(${sum}) FILTER (WHERE r.rate IS NOT NULL AND d.cost_origin = 'estimate')`;

/** `$1` tenant, `$2` and `$3` first and last day. */
export const MODEL_USE = `
  SELECT d.provider, d.model, d.instance_id, bool_or(d.simulated) AS simulated, sum(h.requests)::text AS requests,
    sum(h.uncached_input)::text AS input, sum(${CACHED})::text AS cached, sum(h.output)::text AS output,
    ${priced(`h.uncached_input + ${CACHED} + h.output`)}::text AS priced_tokens, ${priced('h.requests')}::text AS priced_requests,
    ${priced('h.cost * r.rate')}::text AS cost,
    (${parted('h.cost_input * r.rate')} * 1000000 / nullif(${parted('h.uncached_input')}, 0))::text AS per_input,
    (${parted('h.cost_cached * r.rate')} * 1000000 / nullif(${parted(CACHED)}, 0))::text AS per_cached,
    (${parted('h.cost_output * r.rate')} * 1000000 / nullif(${parted('h.output')}, 0))::text AS per_output
  ${HOURS}
  GROUP BY d.provider, d.model, d.instance_id, (d.provider = 'self_hosted')
  ORDER BY sum(h.cost) DESC, d.provider, d.model, d.instance_id`;

/** `$4`: how many. */
export const RUNS = `
  SELECT d.run_id, sum(h.records)::text AS records, ${priced('h.cost * r.rate')}::text AS charged_cost,
    coalesce(jsonb_agg(DISTINCT jsonb_build_array(d.instance_id, h.hour))
      FILTER (WHERE d.instance_id IS NOT NULL AND d.cost_origin IS NULL), '[]') AS own
  ${HOURS} AND d.run_id IS NOT NULL
  GROUP BY d.run_id ORDER BY max(h.hour) DESC, d.run_id LIMIT $4`;
