import type { ExportInstancesQuery } from '@flotilla/contracts';
import type { ExportTable } from '../platform/index.js';
import { filterValues } from './instances.filter.js';
import { FILTER, FROM_INSTANCES } from './instances.sql.js';

/** Instances as a file. */
export const INSTANCES_EXPORT: ExportTable<ExportInstancesQuery> = {
  name: 'instances',
  title: 'Instances',
  columns: [
    { name: 'id', title: 'Id', kind: 'integer', sql: 'i.id' },
    { name: 'instance_id', title: 'Instance', kind: 'text', sql: 'i.provider_id', width: 18 },
    { name: 'name', title: 'Name', kind: 'text', sql: 'i.name', width: 14 },
    { name: 'cloud_provider', title: 'Provider', kind: 'word', sql: 'i.cloud_provider', width: 8 },
    { name: 'region', title: 'Region', kind: 'text', sql: 'i.region', width: 9 },
    { name: 'instance_type', title: 'Type', kind: 'text', sql: 'i.instance_type', width: 12 },
    { name: 'gpu_type', title: 'GPU', kind: 'text', sql: 'i.gpu_type', width: 12 },
    { name: 'gpu_count', title: 'GPUs', kind: 'integer', sql: 'i.gpu_count', width: 5 },
    { name: 'state', title: 'State', kind: 'word', sql: 'i.state', width: 8 },
    { name: 'state_changed_at', title: 'Since', kind: 'timestamp', sql: 'i.state_changed_at', width: 13 },
    { name: 'hourly_cost', title: 'Per hour', kind: 'money', sql: 'i.hourly_cost', width: 8 },
    { name: 'currency', title: 'Currency', kind: 'word', sql: 'i.currency', width: 5 },
    { name: 'hourly_cost_source', title: 'Price source', kind: 'word', sql: 'i.hourly_cost_source' },
    { name: 'protected', title: 'Protected', kind: 'boolean', sql: 'i.protected', width: 6 },
    { name: 'tags', title: 'Tags', kind: 'json', sql: 'i.tags', width: 20 },
    { name: 'agent_version', title: 'Agent', kind: 'text', sql: 'g.version' },
    { name: 'created_at', title: 'Created', kind: 'timestamp', sql: 'i.created_at' },
    { name: 'last_seen_at', title: 'Last seen', kind: 'timestamp', sql: 'i.last_seen_at' },
  ],
  simulated: 'i.simulated',
  totals: [
    { title: 'GPUs', kind: 'integer', sql: 'sum(i.gpu_count)' },
    {
      title: 'Price of an hour of what runs, in the tenant’s currency',
      kind: 'money',
      sql: `sum(i.hourly_cost) FILTER (WHERE i.state = 'running' AND i.currency = (SELECT t.currency FROM flotilla.tenants t WHERE t.tenant_id = i.tenant_id))`,
    },
    {
      title: 'Running without a known price',
      kind: 'integer',
      sql: `count(*) FILTER (WHERE i.state = 'running' AND i.hourly_cost IS NULL)`,
    },
  ],
  chart: { title: 'Instances by state', kind: 'integer', label: 'i.state', value: 'count(*)', over: 'parts' },
  source: (_tx, actor, query) => ({
    from: `${FROM_INSTANCES} ${FILTER}`,
    values: filterValues(actor, query),
    orderBy: 'i.id',
  }),
};
