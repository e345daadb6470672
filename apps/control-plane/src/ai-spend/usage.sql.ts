import type { AiUsage } from '@flotilla/domain';
import type { UsagePrice } from './priced-usage.js';
import { contentOf, shortDigest } from './usage-record.js';
import type { UsageRecord } from './usage-record.js';

const NOTHING: AiUsage = {
  uncachedInput: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output: 0,
  reasoning: null,
  batch: null,
  tier: null,
};

/** A record with its price, to be stored. */
export interface StagedUsage {
  readonly record: UsageRecord;
  readonly price: UsagePrice;
  readonly dimensionId: number;
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly of: (staged: StagedUsage) => unknown;
}

const tokens = ({ record }: StagedUsage) => record.usage ?? NOTHING;
const KEY: readonly Column[] = [
  { name: 'day', type: 'date', of: ({ record }) => dayOf(record.at) },
  { name: 'record_key', type: 'uuid', of: ({ record }) => keyOf(record) },
];
const CONTENT: readonly Column[] = [
  { name: 'content', type: 'uuid', of: ({ record }) => contentOf(record) },
  { name: 'at', type: 'timestamptz', of: ({ record }) => record.at.toISOString() },
  { name: 'until', type: 'timestamptz', of: ({ record }) => record.until.toISOString() },
  { name: 'dimension_id', type: 'bigint', of: ({ dimensionId }) => dimensionId },
  { name: 'requests', type: 'bigint', of: ({ record }) => record.requests },
  { name: 'errors', type: 'bigint', of: ({ record }) => record.errors },
  { name: 'uncached_input', type: 'bigint', of: (row) => tokens(row).uncachedInput },
  { name: 'cache_read', type: 'bigint', of: (row) => tokens(row).cacheRead },
  { name: 'cache_write_5m', type: 'bigint', of: (row) => tokens(row).cacheWrite5m },
  { name: 'cache_write_1h', type: 'bigint', of: (row) => tokens(row).cacheWrite1h },
  { name: 'output', type: 'bigint', of: (row) => tokens(row).output },
  { name: 'reasoning', type: 'bigint', of: (row) => tokens(row).reasoning },
  { name: 'input_audio', type: 'bigint', of: (row) => tokens(row).audio?.uncachedInput ?? 0 },
  { name: 'cache_read_audio', type: 'bigint', of: (row) => tokens(row).audio?.cacheRead ?? 0 },
  { name: 'output_audio', type: 'bigint', of: (row) => tokens(row).audio?.output ?? 0 },
  { name: 'usage_quantity', type: 'numeric', of: ({ record }) => record.quantity },
  { name: 'cost', type: 'numeric', of: ({ price }) => price.cost },
  { name: 'cost_input', type: 'numeric', of: ({ price }) => price.input },
  { name: 'cost_cached', type: 'numeric', of: ({ price }) => price.cached },
  { name: 'cost_output', type: 'numeric', of: ({ price }) => price.output },
  { name: 'trace_id', type: 'text', of: ({ record }) => record.traceId },
];
const COLUMNS = [...KEY, ...CONTENT];

export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** What a record is known again by, beside its day. */
export const keyOf = (record: UsageRecord): string => shortDigest(record.identity);

/** The parameters of UPSERT: the tenant, then an array per column. */
export const upsertValues = (tenantId: string, staged: readonly StagedUsage[]): unknown[] => [
  tenantId,
  // as array literals: no value here needs quotes (numbers, digests, moments, ids in hex), and pg would look at each for some
  ...COLUMNS.map((column) => `{${staged.map((row) => column.of(row) ?? 'NULL').join(',')}}`),
];

/** Stores rows with distinct keys, in the order of their keys, so that two writers never wait for each other in a circle. */
export const UPSERT = `
  WITH put AS (
    INSERT INTO flotilla.ai_usage AS u (tenant_id, ${COLUMNS.map(({ name }) => name).join(', ')})
    SELECT $1, g.* FROM unnest(${COLUMNS.map(({ type }, index) => `$${index + 2}::${type}[]`).join(', ')})
      AS g(${COLUMNS.map(({ name }) => name).join(', ')}) ORDER BY g.day, g.record_key
    ON CONFLICT (tenant_id, day, record_key) DO UPDATE
      SET ${CONTENT.map(({ name }) => `${name} = excluded.${name}`).join(', ')}, revision = u.revision + 1, received_at = now()
      WHERE u.content <> excluded.content
    RETURNING u.revision = 0 AS is_new
  )
  SELECT count(*) FILTER (WHERE is_new)::integer AS accepted, count(*) FILTER (WHERE NOT is_new)::integer AS updated FROM put`;
