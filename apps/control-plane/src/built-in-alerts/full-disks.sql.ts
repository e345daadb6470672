import { metricId } from '@flotilla/domain';

/** Percent used: fires above the first, and is over below the second. */
export const DISK_FULL = 95;
export const DISK_OVER = 92;

const METRIC = `${metricId('disk_utilization')}::smallint`;

/** Machines whose agent reported their disk within the last minutes. A machine that is silent is neither full nor over it. */
const HOSTS = `
  host AS (
    SELECT i.tenant_id, i.id, i.provider_id, coalesce(i.name, i.provider_id) AS label, i.simulated OR t.simulated AS simulated,
           l.readings[array_position(l.metrics, ${METRIC})] AS used
      FROM flotilla.devices d
      JOIN flotilla.instances i ON i.tenant_id = d.tenant_id AND i.id = d.instance_id AND i.state NOT IN ('stopped', 'terminated')
      JOIN flotilla.tenants t ON t.tenant_id = d.tenant_id AND t.status = 'active'
      JOIN flotilla.gpu_live l ON l.tenant_id = d.tenant_id AND l.device_id = d.id AND l.at > now() - interval '5 minutes'
     WHERE d.kind = 'host' AND d.presence = 'present'
  )`;

export const FULL_DISKS_BEGUN = `
  WITH ${HOSTS}
  SELECT h.tenant_id, 'storage_full' AS key, 'instance' AS subject_type, h.id::text AS subject_id, h.label, h.id AS instance_id,
         'Disk nearly full: ' || h.label AS title,
         'The disk of ' || h.label || ' is ' || round(h.used::numeric, 1)
           || ' % full. When it is full, jobs fail to write their checkpoints, and the agent keeps what it cannot send in memory only. Make room or enlarge it.' AS message,
         jsonb_build_object('disk_utilization', round(h.used::numeric, 1)) AS evidence, h.simulated
    FROM host h
   WHERE h.used > ${DISK_FULL}
     AND NOT EXISTS (SELECT FROM flotilla.alerts a WHERE a.tenant_id = h.tenant_id AND a.ended_at IS NULL
                       AND a.identity = 'built_in:storage_full|instance:' || h.id)
     AND NOT EXISTS (SELECT FROM flotilla.built_in_rules b WHERE b.tenant_id = h.tenant_id AND b.key = 'storage_full' AND NOT b.enabled)
   ORDER BY h.tenant_id, h.id`;

/** Those that have room again, and those that are off or gone. */
export const FULL_DISKS_OVER = `
  WITH ${HOSTS}
  SELECT a.tenant_id, a.built_in AS key, a.subject_type, a.subject_id FROM flotilla.alerts a
   WHERE a.built_in = 'storage_full' AND a.subject_type = 'instance' AND a.ended_at IS NULL
     AND (EXISTS (SELECT FROM host h WHERE h.tenant_id = a.tenant_id AND h.id::text = a.subject_id AND h.used < ${DISK_OVER})
       OR NOT EXISTS (SELECT FROM flotilla.instances i WHERE i.tenant_id = a.tenant_id AND i.id::text = a.subject_id
                        AND i.state NOT IN ('stopped', 'terminated')))
   ORDER BY a.tenant_id, a.id`;
