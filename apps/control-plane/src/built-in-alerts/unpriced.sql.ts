import { SELF_HOSTED } from '@flotilla/domain';

/**
 * What costs money and nobody knows the price of: a machine with GPUs that has run for a quarter of an hour without a price,
 * and a model whose usage of the last day has none. What is not known must not look free, so somebody is told.
 */
const UNPRICED = `
  wrong AS (
    SELECT i.tenant_id, 'spend_unpriced' AS key, 'instance' AS subject_type, i.id::text AS subject_id,
           coalesce(i.name, i.provider_id) AS label, i.id AS instance_id, 'No price: ' || coalesce(i.name, i.provider_id) AS title,
           coalesce(i.name, i.provider_id) || coalesce(' (' || i.instance_type || ')', '')
             || ' runs, and nobody knows what it costs: its hours are in no sum. Set its price with PATCH /instances/' || i.id
             || ' or a price of its type at POST /prices.' AS message,
           jsonb_build_object('cloud_provider', i.cloud_provider, 'instance_type', i.instance_type, 'region', i.region) AS evidence,
           i.simulated OR t.simulated AS simulated
      FROM flotilla.instances i
      JOIN flotilla.tenants t ON t.tenant_id = i.tenant_id AND t.status = 'active'
     WHERE i.state = 'running' AND i.hourly_cost IS NULL AND i.state_changed_at < now() - interval '15 minutes'
       AND EXISTS (SELECT FROM flotilla.devices d WHERE d.tenant_id = i.tenant_id AND d.instance_id = i.id AND d.kind = 'gpu')
    UNION ALL
    SELECT d.tenant_id, 'spend_unpriced', 'model', d.provider || '/' || d.model, d.provider || '/' || d.model, NULL,
           'No price: ' || d.provider || '/' || d.model,
           sum(h.records) || ' records of usage of ' || d.provider || '/' || d.model || ' within the last day have no price ('
             || string_agg(DISTINCT d.unpriced_reason, ', ') || '): they are counted and in no sum. Set a price at POST /prices; what is there already is priced then.',
           jsonb_build_object('provider', d.provider, 'model', d.model, 'records', sum(h.records), 'requests', sum(h.requests)),
           bool_and(d.simulated OR t.simulated)
      FROM flotilla.ai_dimensions d
      JOIN flotilla.tenants t ON t.tenant_id = d.tenant_id AND t.status = 'active'
      JOIN flotilla.ai_usage_hours h ON h.tenant_id = d.tenant_id AND h.dimension_id = d.id AND h.hour > now() - interval '1 day'
     -- what own machines serve costs what they cost: the first half tells where that is not known
     WHERE d.cost_origin IS NULL AND d.provider <> '${SELF_HOSTED}'
     GROUP BY d.tenant_id, d.provider, d.model
  )`;

/** What has no price and no alert is open for. */
export const UNPRICED_BEGUN = `
  WITH ${UNPRICED}
  SELECT w.* FROM wrong w
   WHERE NOT EXISTS (SELECT FROM flotilla.alerts a WHERE a.tenant_id = w.tenant_id AND a.ended_at IS NULL
                       AND a.identity = 'built_in:' || w.key || '|' || w.subject_type || ':' || w.subject_id)
     AND NOT EXISTS (SELECT FROM flotilla.built_in_rules b WHERE b.tenant_id = w.tenant_id AND b.key = w.key AND NOT b.enabled)
   ORDER BY w.tenant_id, w.subject_type, w.subject_id`;

/** What has a price now, or costs nothing any more. */
export const UNPRICED_OVER = `
  WITH ${UNPRICED}
  SELECT a.tenant_id, a.built_in AS key, a.subject_type, a.subject_id FROM flotilla.alerts a
   WHERE a.built_in = 'spend_unpriced' AND a.ended_at IS NULL
     AND NOT EXISTS (SELECT FROM wrong w WHERE w.tenant_id = a.tenant_id AND w.subject_type = a.subject_type AND w.subject_id = a.subject_id)
   ORDER BY a.tenant_id, a.id`;
