import type { ExportMetricsQuery } from '@flotilla/contracts';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { resolveInstance } from '../instance-refs/index.js';
import type { ExportTable } from '../platform/index.js';
import { askedMetrics, sampledSince } from './metrics.queries.js';
import { HOUR_STEPS, MINUTE_STEPS, SINGLE_MINUTES_UNORDERED } from './metrics.sql.js';
import { decideWindow } from './metrics-window.js';

/** Samples, minutes or hours as a file: a row per device, metric and step that has samples. */
export const METRICS_EXPORT: ExportTable<ExportMetricsQuery> = {
  name: 'metrics',
  title: 'Metrics',
  columns: [
    { name: 'timestamp', title: 'At', kind: 'timestamp', sql: 's.at', width: 14 },
    { name: 'instance_id', title: 'Instance', kind: 'text', sql: 'i.provider_id', width: 18 },
    { name: 'gpu_index', title: 'GPU', kind: 'integer', sql: 'd.gpu_index', width: 4 },
    { name: 'gpu_uuid', title: 'Device', kind: 'text', sql: `CASE WHEN d.kind <> 'host' THEN d.uuid END`, width: 22 },
    { name: 'metric', title: 'Metric', kind: 'word', sql: 'n.name', width: 16 },
    { name: 'unit', title: 'Unit', kind: 'word', sql: 'n.unit', width: 8 },
    { name: 'min', title: 'Lowest', kind: 'number', sql: 's.min', width: 8 },
    { name: 'avg', title: 'Mean', kind: 'number', sql: 's.avg', width: 8 },
    { name: 'max', title: 'Highest', kind: 'number', sql: 's.max', width: 8 },
    { name: 'count', title: 'Samples', kind: 'integer', sql: 's.count', width: 6 },
  ],
  simulated: 'i.simulated',
  totals: [{ title: 'Samples', kind: 'integer', sql: 'sum(s.count)' }],
  async source(tx, actor, query) {
    const instance =
      query.instance_id === undefined ? null : await resolveInstance(tx, actor, query.instance_id, query.id_type);
    const { now_s, raw_from_s } = (await tx.row<{ now_s: number; raw_from_s: number }>(CLOCK, [actor.tenantId]))!;
    const window = decideWindow({ ...query, limit: Number.MAX_SAFE_INTEGER, aggregate: [] }, now_s, raw_from_s);
    const metrics = askedMetrics(query.metric);
    const devices = await devicesOf(tx, actor, instance, query.gpu_index ?? null);
    const ids = devices.map((device) => device.id);
    const since = window.resolution === '1m' ? await sampledSince(tx, ids, window) : [];
    const values = [
      ids,
      metrics.map((metric) => metric.id),
      metrics.map((metric) => String(metric.unit === 'bitmask')),
      window.fromS,
      window.toS,
      window.originS,
      window.stepS,
      // of samples that would be their number at most: an export has all of them
      window.resolution === 'raw' ? 2_147_483_647 : since,
      actor.tenantId,
    ];
    const minutes = since.every((atS) => atS <= window.fromS) ? SINGLE_MINUTES_UNORDERED : MINUTE_STEPS;
    const last = window.resolution === 'raw' ? '$8::integer' : '$8::float8[]';
    const rows = { raw: SAMPLES, '1m': minutes, '1h': HOUR_STEPS }[window.resolution];
    return {
      from: `
        FROM (SELECT q.*, to_timestamp(q.at_s) AS at FROM (${rows}) q) s
        JOIN flotilla.devices d ON d.tenant_id = $9::uuid AND d.id = s.device_id
        JOIN flotilla.instances i ON i.tenant_id = d.tenant_id AND i.id = d.instance_id
        JOIN flotilla.metric_names n ON n.metric = s.metric
        WHERE num_nulls($3::boolean[], $6::float8, $7::float8, ${last}) = 0`,
      values,
      // as it is stored: a sort of a million rows would come before the first of them
      simulated: devices.some((device) => device.simulated),
      orderBy: window.resolution === '1m' ? 's.device_id, s.at' : 's.device_id, s.metric, s.at',
      filters: { window: `${iso(window.fromS)} to ${iso(window.toS)}`, resolution: window.resolution },
    };
  },
};

const iso = (atS: number) => new Date(atS * 1000).toISOString();

async function devicesOf(
  tx: ReadTx,
  actor: TenantRef,
  instance: number | null,
  gpuIndex: number | null,
): Promise<{ id: number; simulated: boolean }[]> {
  return tx.rows(
    `SELECT d.id, i.simulated FROM flotilla.devices d
       JOIN flotilla.instances i ON i.tenant_id = d.tenant_id AND i.id = d.instance_id
      WHERE d.tenant_id = $1 AND ($2::bigint IS NULL OR d.instance_id = $2)
        AND ($3::integer IS NULL OR (d.kind = 'gpu' AND d.gpu_index = $3)) ORDER BY d.id`,
    [actor.tenantId, instance, gpuIndex],
  );
}

const CLOCK = `
  SELECT extract(epoch FROM now())::float8 AS now_s,
    extract(epoch FROM date_trunc('minute', now()) - make_interval(days => t.raw_retention_days))::float8 AS raw_from_s
  FROM flotilla.tenants t WHERE t.tenant_id = $1`;

/** Every sampled value: the samples of a chart without its limit. */
const SAMPLES = `
  SELECT m.device_id, q.metric, t.at_s, m.slots[k.row][second] AS min, m.slots[k.row][second] AS avg, m.slots[k.row][second] AS max,
         1 AS count
    FROM flotilla.my_gpu_minutes m
    CROSS JOIN unnest($2::smallint[]) AS q (metric)
    CROSS JOIN LATERAL (SELECT array_position(m.metrics, q.metric) AS row) k
    CROSS JOIN generate_series(1, 60) AS second
    CROSS JOIN LATERAL (SELECT extract(epoch FROM m.minute)::float8 + second - 1 AS at_s) t
   WHERE m.device_id = ANY ($1::integer[]) AND m.minute > to_timestamp($4::float8 - 60) AND m.minute < to_timestamp($5::float8)
     AND t.at_s >= $4::float8 AND t.at_s < $5::float8 AND m.slots[k.row][second] IS NOT NULL`;
