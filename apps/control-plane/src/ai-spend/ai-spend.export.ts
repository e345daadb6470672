import type { ExportAiSpendQuery } from '@flotilla/contracts';
import type { ExportTable } from '../platform/index.js';
import { aiSpendFilter, HOURS } from './ai-spend.filter.js';

const RATE = 's.rate';
const PRICED = 'CASE WHEN s.cost_origin IS NOT NULL THEN s.cost END';

/**
 * AI spend as a file: an hour of a combination a row, each in its own currency; what has no price has an empty cost,
 * and what a better source tells of is left out, so that the rows add up to the sums of /ai-spend/summary.
 */
export const AI_SPEND_EXPORT: ExportTable<ExportAiSpendQuery> = {
  name: 'ai-spend',
  title: 'AI spend',
  columns: [
    { name: 'timestamp', title: 'Hour (UTC)', kind: 'timestamp', sql: 's.hour', width: 14 },
    { name: 'source', title: 'Told by', kind: 'word', sql: 's.source' },
    { name: 'provider', title: 'Provider', kind: 'word', sql: 's.provider', width: 9 },
    { name: 'model_name', title: 'Model', kind: 'text', sql: 's.model', width: 18 },
    { name: 'spend_type', title: 'Kind', kind: 'word', sql: 's.spend_type', width: 8 },
    { name: 'workload_id', title: 'Workload id', kind: 'integer', sql: 's.workload_id' },
    { name: 'workload', title: 'Workload', kind: 'text', sql: 'coalesce(s.workload_name, s.workload_ref)', width: 14 },
    { name: 'project_id', title: 'Project', kind: 'text', sql: 's.project_id', width: 10 },
    { name: 'team_id', title: 'Team', kind: 'text', sql: 's.team_id', width: 10 },
    { name: 'cost_center', title: 'Cost center', kind: 'text', sql: 's.cost_center' },
    { name: 'business_unit', title: 'Business unit', kind: 'text', sql: 's.business_unit' },
    { name: 'run_id', title: 'Run', kind: 'text', sql: 's.run_id' },
    { name: 'service_tier', title: 'Tier', kind: 'text', sql: 's.service_tier' },
    { name: 'batch', title: 'Batch', kind: 'boolean', sql: 's.batch' },
    { name: 'requests', title: 'Requests', kind: 'integer', sql: 's.requests', width: 8 },
    {
      name: 'input_tokens',
      title: 'Input tokens',
      kind: 'integer',
      sql: 's.uncached_input + s.cache_read + s.cache_write_5m + s.cache_write_1h',
      width: 10,
    },
    { name: 'cached_input_tokens', title: 'Read from cache', kind: 'integer', sql: 's.cache_read' },
    {
      name: 'cache_write_input_tokens',
      title: 'Written to cache',
      kind: 'integer',
      sql: 's.cache_write_5m + s.cache_write_1h',
    },
    { name: 'output_tokens', title: 'Output tokens', kind: 'integer', sql: 's.output', width: 10 },
    { name: 'cost', title: 'Cost', kind: 'money', sql: PRICED, width: 9 },
    { name: 'currency', title: 'Currency', kind: 'word', sql: 's.currency', width: 5 },
    { name: 'cost_source', title: 'Cost by', kind: 'word', sql: `coalesce(s.cost_origin, 'unpriced')` },
    { name: 'price_source', title: 'Price from', kind: 'text', sql: 's.price_source' },
    { name: 'unpriced_reason', title: 'Why unpriced', kind: 'text', sql: 's.unpriced_reason' },
  ],
  simulated: 's.simulated',
  totals: [
    { title: 'Cost', kind: 'money', sql: `sum(${PRICED} * ${RATE})` },
    {
      title: 'Requests or buckets without a price, left out above',
      kind: 'integer',
      sql: 'coalesce(sum(s.records) FILTER (WHERE s.cost_origin IS NULL), 0)',
    },
    {
      title: 'Requests or buckets without a rate, left out above',
      kind: 'integer',
      sql: `coalesce(sum(s.records) FILTER (WHERE s.cost_origin IS NOT NULL AND ${RATE} IS NULL), 0)`,
    },
  ],
  chart: {
    title: 'Cost by day',
    kind: 'money',
    label: 's.day',
    value: `sum(${PRICED} * ${RATE})`,
    over: 'time',
  },
  source(_tx, actor, query) {
    const { window, values } = aiSpendFilter(actor, query, new Date());
    return Promise.resolve({
      from: `FROM (${HOURS}) s WHERE true`,
      values,
      orderBy: 's.hour, s.dimension_id',
      filters: { days: `${window.firstDay} to ${window.lastDay} (UTC)` },
    });
  },
};
