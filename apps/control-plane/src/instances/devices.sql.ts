export interface AppliedDevice extends Record<string, unknown> {
  readonly id: number;
  readonly uuid: string;
  readonly health_changed: boolean;
}

/**
 * Stores the devices of an inventory ($3, JSON) of an instance ($2); those that are not in it are missing.
 *
 * A reason that a person declared repaired does not count until the device was healthy in between, has another one, or
 * says that its cause was first seen after that. The instance's row is locked before: nobody clears meanwhile.
 */
export const APPLY_DEVICES = `
  WITH given AS (
    SELECT g.*, d.health AS old_health, d.health_reason AS old_reason, d.health_since AS old_since,
           d.health_cleared_reason,
           coalesce(g.health IN ('degraded', 'unhealthy') AND g.health_reason = d.health_cleared_reason
                    AND NOT coalesce(g.health_since > d.health_cleared_at, false), false) AS cleared
      FROM jsonb_to_recordset($3::jsonb) AS g(kind text, uuid text, gpu_index smallint, parent_uuid text, model text,
             memory_total_mib bigint, driver_version text, pci_bus_id text, serial text, mig_enabled boolean,
             absences jsonb, presence text, health text, health_reason text, health_evidence text,
             advised_action text, health_since timestamptz, health_episodes jsonb, details jsonb)
      LEFT JOIN flotilla.devices d ON d.tenant_id = $1 AND d.instance_id = $2 AND d.uuid = g.uuid),
  gone AS (
    UPDATE flotilla.devices d SET presence = 'missing'
     WHERE d.tenant_id = $1 AND d.instance_id = $2 AND d.kind <> 'host' AND d.presence <> 'missing'
       AND d.uuid NOT IN (SELECT g.uuid FROM given g))
  INSERT INTO flotilla.devices AS d (tenant_id, instance_id, kind, uuid, gpu_index, parent_uuid, model, memory_total_mib,
    driver_version, pci_bus_id, serial, mig_enabled, absences, presence, health, health_reason, health_evidence,
    advised_action, health_since, health_cleared_reason, health_episodes, details, last_seen_at)
  SELECT $1, $2, g.kind, g.uuid, g.gpu_index, g.parent_uuid, g.model, g.memory_total_mib, g.driver_version, g.pci_bus_id,
         g.serial, g.mig_enabled, g.absences, g.presence,
         CASE WHEN g.cleared THEN g.old_health ELSE g.health END,
         CASE WHEN g.cleared THEN g.old_reason ELSE g.health_reason END,
         CASE WHEN g.cleared THEN NULL ELSE g.health_evidence END,
         CASE WHEN g.cleared THEN 'none' ELSE g.advised_action END,
         CASE WHEN g.cleared THEN g.old_since
              WHEN g.health_since IS NOT NULL THEN least(g.health_since, now())
              WHEN g.health = g.old_health THEN g.old_since
              ELSE now() END,
         CASE WHEN g.health = 'healthy' THEN NULL ELSE g.health_cleared_reason END,
         g.health_episodes, g.details, now()
    FROM given g
  ON CONFLICT (tenant_id, instance_id, uuid) DO UPDATE SET
    kind = excluded.kind, gpu_index = coalesce(excluded.gpu_index, d.gpu_index),
    parent_uuid = coalesce(excluded.parent_uuid, d.parent_uuid), model = coalesce(excluded.model, d.model),
    memory_total_mib = coalesce(excluded.memory_total_mib, d.memory_total_mib),
    driver_version = coalesce(excluded.driver_version, d.driver_version),
    pci_bus_id = coalesce(excluded.pci_bus_id, d.pci_bus_id), serial = coalesce(excluded.serial, d.serial),
    mig_enabled = coalesce(excluded.mig_enabled, d.mig_enabled), absences = excluded.absences,
    details = CASE WHEN excluded.presence = 'present' THEN excluded.details ELSE d.details END,
    presence = excluded.presence,
    last_seen_at = CASE WHEN excluded.presence = 'present' THEN now() ELSE d.last_seen_at END,
    health = excluded.health, health_reason = excluded.health_reason, health_evidence = excluded.health_evidence,
    advised_action = excluded.advised_action, health_since = excluded.health_since,
    health_cleared_reason = excluded.health_cleared_reason, health_episodes = excluded.health_episodes
  RETURNING d.id, d.uuid,
    d.kind <> 'host' AND d.health IS DISTINCT FROM (SELECT g.old_health FROM given g WHERE g.uuid = d.uuid) AS health_changed`;
