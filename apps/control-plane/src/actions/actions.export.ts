import type { ExportActionsQuery } from '@flotilla/contracts';
import type { ExportTable } from '../platform/index.js';
import { FROM, WHERE } from './actions.queries.js';

/** Actions as a file. */
export const ACTIONS_EXPORT: ExportTable<ExportActionsQuery> = {
  name: 'actions',
  title: 'Actions',
  columns: [
    { name: 'id', title: 'Id', kind: 'word', sql: 'a.id' },
    { name: 'requested_at', title: 'Requested', kind: 'timestamp', sql: 'a.requested_at', width: 14 },
    { name: 'type', title: 'What', kind: 'word', sql: 'a.verb', width: 6 },
    { name: 'instance_id', title: 'Instance', kind: 'text', sql: 'i.provider_id', width: 18 },
    { name: 'instance_name', title: 'Name', kind: 'text', sql: 'i.name', width: 12 },
    { name: 'cloud_provider', title: 'Provider', kind: 'word', sql: 'i.cloud_provider' },
    { name: 'status', title: 'Status', kind: 'word', sql: 'a.status', width: 9 },
    { name: 'requester_type', title: 'Kind of requester', kind: 'word', sql: 'a.requester_type' },
    { name: 'requester', title: 'Requester', kind: 'text', sql: 'a.requester_label', width: 16 },
    { name: 'reason', title: 'Reason', kind: 'text', sql: 'a.reason', width: 20 },
    { name: 'force', title: 'Forced', kind: 'boolean', sql: 'a.force' },
    { name: 'dry_run', title: 'Dry run', kind: 'boolean', sql: 'a.dry_run' },
    { name: 'attempts', title: 'Attempts', kind: 'integer', sql: 'a.attempts' },
    { name: 'controller', title: 'By', kind: 'text', sql: 'a.control_kind', width: 8 },
    { name: 'finished_at', title: 'Finished', kind: 'timestamp', sql: 'a.result_at', width: 14 },
    { name: 'verified', title: 'Verified', kind: 'boolean', sql: 'a.verified', width: 6 },
    { name: 'message', title: 'Outcome', kind: 'text', sql: 'a.message', width: 26 },
  ],
  simulated: 'i.simulated',
  totals: [],
  chart: { title: 'Actions by status', kind: 'integer', label: 'a.status', value: 'count(*)', over: 'parts' },
  source: (_tx, actor, query) => ({
    from: `${FROM} ${WHERE}`,
    values: [
      actor.tenantId,
      query.status ?? null,
      query.instance_id ?? null,
      query.type ?? null,
      query.dry_run ?? null,
    ],
    orderBy: 'a.id DESC',
  }),
};
