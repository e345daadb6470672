import type { ExportAlertsQuery } from '@flotilla/contracts';
import { resolveInstance } from '../instance-refs/index.js';
import type { ExportTable } from '../platform/index.js';

/** What agents raised, as a file: errors of the driver, lost GPUs, faults of collectors. */
export const AGENT_ALERTS_EXPORT: ExportTable<ExportAlertsQuery> = {
  name: 'alerts',
  title: 'Alerts',
  columns: [
    { name: 'timestamp', title: 'At', kind: 'timestamp', sql: 'e.at', width: 14 },
    { name: 'alert_type', title: 'Kind', kind: 'text', sql: 'e.kind', width: 12 },
    { name: 'severity', title: 'Severity', kind: 'text', sql: 'e.severity', width: 7 },
    { name: 'instance_id', title: 'Instance', kind: 'text', sql: 'i.provider_id', width: 16 },
    { name: 'instance_name', title: 'Name', kind: 'text', sql: 'i.name', width: 12 },
    { name: 'gpu_uuid', title: 'GPU', kind: 'text', sql: `nullif(e.device, '')`, width: 16 },
    { name: 'message', title: 'Message', kind: 'text', sql: 'e.message', width: 40 },
    { name: 'details', title: 'Details', kind: 'json', sql: 'e.details' },
  ],
  simulated: 'coalesce(i.simulated, g.simulated)',
  totals: [],
  chart: { title: 'Alerts by day (UTC)', kind: 'integer', label: 'e.at::date', value: 'count(*)', over: 'time' },
  async source(tx, actor, query) {
    const instance = query.instance_id === undefined ? null : await resolveInstance(tx, actor, query.instance_id);
    return {
      from: `
        FROM flotilla.agent_events e
        JOIN flotilla.agents g ON g.tenant_id = e.tenant_id AND g.id = e.agent_id
        LEFT JOIN LATERAL (SELECT n.* FROM flotilla.instances n WHERE n.tenant_id = e.tenant_id AND n.agent_id = e.agent_id
          ORDER BY n.last_seen_at DESC NULLS LAST, n.id DESC LIMIT 1) i ON true
        WHERE e.tenant_id = $1
          AND ($2::text IS NULL OR e.kind = $2)
          AND ($3::text IS NULL OR e.severity = $3)
          AND ($4::bigint IS NULL OR i.id = $4::bigint)
          AND ($5::timestamptz IS NULL OR e.at >= $5::timestamptz)
          AND ($6::timestamptz IS NULL OR e.at < $6::timestamptz)`,
      values: [
        actor.tenantId,
        query.alert_type ?? null,
        query.severity ?? null,
        instance,
        query.from ?? null,
        query.to ?? null,
      ],
      orderBy: 'e.at DESC, e.agent_id, e.seq DESC',
    };
  },
};
