import type { ExportAuditQuery } from '@flotilla/contracts';
import type { ExportTable } from '../platform/index.js';
import { AUDIT_FILTER } from './audit.queries.js';

/** The audit as a file. */
export const AUDIT_EXPORT: ExportTable<ExportAuditQuery> = {
  name: 'audit',
  title: 'Audit',
  columns: [
    { name: 'id', title: 'Id', kind: 'integer', sql: 'a.id' },
    { name: 'at', title: 'At', kind: 'timestamp', sql: 'a.at', width: 14 },
    { name: 'event_type', title: 'Event', kind: 'text', sql: 'a.event_type', width: 16 },
    { name: 'actor_type', title: 'Kind of actor', kind: 'word', sql: 'a.actor_type' },
    { name: 'actor_id', title: 'Actor id', kind: 'text', sql: 'a.actor_id' },
    { name: 'actor_label', title: 'Actor', kind: 'text', sql: 'a.actor_label', width: 18 },
    { name: 'address', title: 'Address', kind: 'word', sql: 'host(a.address)', width: 11 },
    { name: 'request_id', title: 'Request', kind: 'text', sql: 'a.request_id' },
    { name: 'subject_type', title: 'What', kind: 'text', sql: 'a.subject_type', width: 9 },
    { name: 'subject_id', title: 'Which', kind: 'text', sql: 'a.subject_id', width: 14 },
    { name: 'details', title: 'Details', kind: 'json', sql: 'a.details', width: 34 },
  ],
  simulated: 't.simulated',
  totals: [],
  chart: { title: 'Events by day (UTC)', kind: 'integer', label: 'a.at::date', value: 'count(*)', over: 'time' },
  source: (_tx, _actor, query) => ({
    from: `FROM flotilla.audit_log a JOIN flotilla.tenants t ON t.tenant_id = a.tenant_id ${AUDIT_FILTER}`,
    values: [
      query.event_type ?? null,
      query.actor ?? null,
      query.subject_type ?? null,
      query.subject_id ?? null,
      query.since ?? null,
      query.until ?? null,
    ],
    orderBy: 'a.id DESC',
  }),
};
