import type { ExportAiSpendQuery } from '@flotilla/contracts';
import type { ExportTable } from '../platform/index.js';
import { aiSpendFilter, DIMENSIONS, rateOf } from './ai-spend.filter.js';

const RATE = rateOf('h.hour');
const PRICED = 'CASE WHEN d.cost_origin IS NOT NULL THEN h.cost END';

/** AI spend as a file: an hour of a combination a row, each in its own currency; what has no price has an empty cost. */
export const AI_SPEND_EXPORT: ExportTable<ExportAiSpendQuery> = {
  name: 'ai-spend',
  title: 'AI spend',
  columns: [
    { name: 'timestamp', title: 'Hour (UTC)', kind: 'timestamp', sql: 'h.hour', width: 14 },
    { name: 'provider', title: 'Provider', kind: 'word', sql: 'd.provider', width: 9 },
    { name: 'model_name', title: 'Model', kind: 'text', sql: 'd.model', width: 18 },
    { name: 'spend_type', title: 'Kind', kind: 'word', sql: 'd.spend_type', width: 8 },
    { name: 'workload_id', title: 'Workload id', kind: 'integer', sql: 'd.workload_id' },
    { name: 'workload', title: 'Workload', kind: 'text', sql: 'coalesce(d.workload_name, d.workload_ref)', width: 14 },
    { name: 'project_id', title: 'Project', kind: 'text', sql: 'd.project_id', width: 10 },
    { name: 'team_id', title: 'Team', kind: 'text', sql: 'd.team_id', width: 10 },
    { name: 'cost_center', title: 'Cost center', kind: 'text', sql: 'd.cost_center' },
    { name: 'business_unit', title: 'Business unit', kind: 'text', sql: 'd.business_unit' },
    { name: 'run_id', title: 'Run', kind: 'text', sql: 'd.run_id' },
    { name: 'service_tier', title: 'Tier', kind: 'text', sql: 'd.service_tier' },
    { name: 'batch', title: 'Batch', kind: 'boolean', sql: 'd.batch' },
    { name: 'requests', title: 'Requests', kind: 'integer', sql: 'h.requests', width: 8 },
    {
      name: 'input_tokens',
      title: 'Input tokens',
      kind: 'integer',
      sql: 'h.uncached_input + h.cache_read + h.cache_write_5m + h.cache_write_1h',
      width: 10,
    },
    { name: 'cached_input_tokens', title: 'Read from cache', kind: 'integer', sql: 'h.cache_read' },
    {
      name: 'cache_write_input_tokens',
      title: 'Written to cache',
      kind: 'integer',
      sql: 'h.cache_write_5m + h.cache_write_1h',
    },
    { name: 'output_tokens', title: 'Output tokens', kind: 'integer', sql: 'h.output', width: 10 },
    { name: 'cost', title: 'Cost', kind: 'money', sql: PRICED, width: 9 },
    { name: 'currency', title: 'Currency', kind: 'word', sql: 'd.currency', width: 5 },
    { name: 'cost_source', title: 'Cost by', kind: 'word', sql: `coalesce(d.cost_origin, 'unpriced')` },
    { name: 'price_source', title: 'Price from', kind: 'text', sql: 'd.price_source' },
    { name: 'unpriced_reason', title: 'Why unpriced', kind: 'text', sql: 'd.unpriced_reason' },
  ],
  simulated: 'd.simulated',
  totals: [
    { title: 'Cost', kind: 'money', sql: `sum(${PRICED} * ${RATE})` },
    {
      title: 'Requests or buckets without a price, left out above',
      kind: 'integer',
      sql: 'coalesce(sum(h.records) FILTER (WHERE d.cost_origin IS NULL), 0)',
    },
    {
      title: 'Requests or buckets without a rate, left out above',
      kind: 'integer',
      sql: `coalesce(sum(h.records) FILTER (WHERE d.cost_origin IS NOT NULL AND ${RATE} IS NULL), 0)`,
    },
  ],
  chart: {
    title: 'Cost by day',
    kind: 'money',
    label: '(h.hour)::date',
    value: `sum(${PRICED} * ${RATE})`,
    over: 'time',
  },
  source(_tx, actor, query) {
    const { window, values } = aiSpendFilter(actor, query, new Date());
    return Promise.resolve({
      from: `FROM flotilla.ai_usage_hours h
        JOIN (${DIMENSIONS}) d ON d.tenant_id = h.tenant_id AND d.id = h.dimension_id
        JOIN flotilla.tenants t ON t.tenant_id = h.tenant_id
        WHERE h.tenant_id = $1 AND h.hour >= $2::date AND h.hour < $3::date + 1`,
      values,
      orderBy: 'h.hour, h.dimension_id',
      filters: { days: `${window.firstDay} to ${window.lastDay} (UTC)` },
    });
  },
};
