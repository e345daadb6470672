import type { ExportAlertsQuery } from '@flotilla/contracts';
import { resolveInstance } from '../instance-refs/index.js';
import type { ExportTable } from '../platform/index.js';

/** Alerts as a file, the ones that fired last first. */
export const ALERTS_EXPORT: ExportTable<ExportAlertsQuery> = {
  name: 'alerts',
  title: 'Alerts',
  columns: [
    { name: 'alert_id', title: 'No.', kind: 'integer', sql: 'a.id', width: 6 },
    { name: 'last_fired_at', title: 'Last fired', kind: 'timestamp', sql: 'a.last_fired_at', width: 14 },
    { name: 'first_fired_at', title: 'First fired', kind: 'timestamp', sql: 'a.first_fired_at' },
    { name: 'status', title: 'Status', kind: 'text', sql: 'a.status', width: 7 },
    { name: 'severity', title: 'Severity', kind: 'text', sql: 'a.severity', width: 7 },
    { name: 'alert_type', title: 'Type', kind: 'text', sql: 'a.alert_type', width: 12 },
    { name: 'source', title: 'Source', kind: 'text', sql: 'a.source' },
    { name: 'rule_id', title: 'Rule', kind: 'integer', sql: 'a.rule_id' },
    { name: 'rule_name', title: 'Rule', kind: 'text', sql: 'coalesce(a.rule_name, a.built_in)', width: 14 },
    { name: 'subject', title: 'Subject', kind: 'text', sql: 'a.subject_label', width: 14 },
    { name: 'instance_id', title: 'Instance', kind: 'text', sql: 'i.provider_id' },
    { name: 'message', title: 'Message', kind: 'text', sql: 'a.message', width: 36 },
    { name: 'occurrences', title: 'Times', kind: 'integer', sql: 'a.occurrences', width: 5 },
    { name: 'acknowledged_at', title: 'Acknowledged', kind: 'timestamp', sql: 'a.acknowledged_at' },
    { name: 'acknowledged_by', title: 'By', kind: 'text', sql: 'a.acknowledged_by' },
    { name: 'ended_at', title: 'Ended', kind: 'timestamp', sql: 'a.ended_at' },
    { name: 'resolved_by', title: 'Resolved by', kind: 'text', sql: 'a.resolved_by' },
    { name: 'comment', title: 'Comment', kind: 'text', sql: 'a.comment' },
    { name: 'evidence', title: 'Evidence', kind: 'json', sql: 'a.evidence' },
  ],
  simulated: 'a.simulated',
  totals: [],
  chart: {
    title: 'Alerts by day (UTC)',
    kind: 'integer',
    label: 'a.last_fired_at::date',
    value: 'count(*)',
    over: 'time',
  },
  async source(tx, actor, query) {
    const instance = query.instance_id === undefined ? null : await resolveInstance(tx, actor, query.instance_id);
    return {
      from: `
        FROM flotilla.alerts a LEFT JOIN flotilla.instances i ON i.tenant_id = a.tenant_id AND i.id = a.instance_id
       WHERE a.tenant_id = $1
         AND ($2::text IS NULL OR a.status = $2)
         AND ($3::boolean IS NULL OR (a.acknowledged_at IS NOT NULL) = $3::boolean)
         AND ($4::text IS NULL OR a.alert_type = $4)
         AND ($5::text IS NULL OR a.severity = $5)
         AND ($6::bigint IS NULL OR a.instance_id = $6::bigint)
         AND ($7::bigint IS NULL OR a.rule_id = $7::bigint)
         AND ($8::timestamptz IS NULL OR a.last_fired_at >= $8::timestamptz)
         AND ($9::timestamptz IS NULL OR a.last_fired_at < $9::timestamptz)`,
      values: [
        actor.tenantId,
        query.status ?? null,
        query.acknowledged ?? null,
        query.alert_type ?? null,
        query.severity ?? null,
        instance,
        query.rule_id ?? null,
        query.from ?? null,
        query.to ?? null,
      ],
      orderBy: 'a.last_fired_at DESC, a.id DESC',
    };
  },
};
