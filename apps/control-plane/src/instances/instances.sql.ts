/** The fields of an instance in a list, for FROM_INSTANCES. Money as text: NUMERIC never becomes a double in SQL. */
export const INSTANCE_FIELDS = `
  i.id, i.provider_id AS instance_id, i.name, i.cloud_provider, i.region, i.instance_type, i.gpu_type, i.gpu_count, i.state,
  i.state_changed_at, i.workload_state, i.tags, i.hourly_cost::text AS hourly_cost, i.currency, i.hourly_cost_source,
  i.placement, i.protected, i.generation, i.simulated, i.created_at, i.first_seen_at, i.last_seen_at,
  i.agent_id, g.version AS agent_version, g.last_seen_at AS agent_last_seen_at,
  coalesce(g.connected_until > clock_timestamp(), false) AS agent_connected`;

export const FROM_INSTANCES = `
  FROM flotilla.instances i
  LEFT JOIN flotilla.agents g ON g.tenant_id = i.tenant_id AND g.id = i.agent_id`;

export const DEVICES = `
  SELECT d.*, l.at AS live_at, l.metrics, l.readings
    FROM flotilla.devices d
    LEFT JOIN flotilla.my_gpu_live l ON l.device_id = d.id
   WHERE d.tenant_id = $1 AND d.instance_id = ANY ($2::bigint[])
   ORDER BY d.instance_id, d.kind, d.gpu_index NULLS LAST, d.uuid`;

/** Sort fields → column and its type, for keyset paging. All of them are indexed together with the id. */
export const SORTS: Readonly<Record<string, { readonly column: string; readonly type: string }>> = {
  id: { column: 'i.id', type: 'bigint' },
  name: { column: 'i.name', type: 'text' },
  state: { column: 'i.state', type: 'text' },
  hourly_cost: { column: 'i.hourly_cost', type: 'numeric' },
  created_at: { column: 'i.created_at', type: 'timestamptz' },
  last_seen_at: { column: 'i.last_seen_at', type: 'timestamptz' },
  instance_type: { column: 'i.instance_type', type: 'text' },
  region: { column: 'i.region', type: 'text' },
};

export const FILTER = `
  WHERE i.tenant_id = $1
    AND ($2::text[] IS NULL OR i.state = ANY ($2))
    AND ($3::text IS NULL OR i.instance_type = $3)
    AND ($4::text IS NULL OR i.gpu_type = $4)
    AND ($5::text IS NULL OR i.region = $5)
    AND ($6::text IS NULL OR i.cloud_provider = $6)
    AND ($7::jsonb IS NULL OR i.tags @> $7)
    AND ($8::text IS NULL OR i.name ILIKE $8 OR i.provider_id ILIKE $8 OR i.instance_type ILIKE $8 OR i.gpu_type ILIKE $8
      OR i.region ILIKE $8)
    AND ($9::text[] IS NULL OR EXISTS (SELECT FROM flotilla.devices h WHERE h.tenant_id = i.tenant_id
      AND h.instance_id = i.id AND h.kind <> 'host' AND h.health = ANY ($9)))
    AND ($10::bigint[] IS NULL OR i.id = ANY ($10))`;
