import { Injectable } from '@nestjs/common';
import type { InstanceMetrics, InstanceMetricsQuery, MetricSeries } from '@flotilla/contracts';
import { METRIC_CATALOGUE, metricById, metricByName } from '@flotilla/domain';
import type { MetricDefinition } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';
import { resolveInstance } from '../instance-refs/index.js';
import { AppError } from '../platform/index.js';
import { HOUR_STEPS, MINUTE_STEPS, P95_STEPS, SAMPLED_SINCE, SAMPLES, SINGLE_MINUTES } from './metrics.sql.js';
import { readGaps } from './metrics-gaps.js';
import { decideWindow } from './metrics-window.js';
import type { MetricsWindow } from './metrics-window.js';

type Series = z.input<typeof MetricSeries>;
type Point = Series['points'][number];

interface Row {
  readonly device_id: number;
  readonly metric: number;
  readonly at_s: number;
  readonly min: number;
  readonly avg: number;
  readonly max: number;
  readonly count: number;
  readonly is_over?: boolean;
}

interface Clock {
  readonly now_s: number;
  /** Samples before this are gone. */
  readonly raw_from_s: number;
  readonly simulated: boolean;
}

interface Device {
  readonly id: number;
  readonly kind: string;
  readonly uuid: string;
  readonly gpu_index: number | null;
  /** Catalogue numbers among its newest values; null: nothing was reported yet, or not lately. */
  readonly reported: readonly number[] | null;
}

/** More than a chart can show and a browser can hold. */
const POINTS_MAX = 500_000;

/** Charts of one instance: down-sampled in the database, min and max kept, gaps left as gaps. */
@Injectable()
export class MetricsQueries {
  constructor(private readonly db: Db) {}

  get(actor: TenantRef, ref: string, query: InstanceMetricsQuery): Promise<z.input<typeof InstanceMetrics>> {
    const metrics = askedMetrics(query.metric);
    return this.db.read(actor, async (tx) => {
      const instanceId = await resolveInstance(tx, actor, ref, query.id_type);
      const { now_s, raw_from_s, simulated } = (await tx.row<Clock & Record<string, unknown>>(CLOCK, [
        actor.tenantId,
        instanceId,
      ]))!;
      const window = decideWindow(query, now_s, raw_from_s);
      const devices = await tx.rows<Device & Record<string, unknown>>(DEVICES, [
        actor.tenantId,
        instanceId,
        query.gpu_index ?? null,
      ]);
      refuseTooMuch(devices, metrics, window, query.limit);
      const values = [
        devices.map((d) => d.id),
        metrics.map((m) => m.id),
        metrics.map((m) => m.unit === 'bitmask'),
        window.fromS,
        window.toS,
        window.originS,
        window.stepS,
      ];
      const rows = await readRows(tx, window, values, query.limit);
      const p95 =
        query.aggregate.includes('p95') && window.resolution !== 'raw' ? await readP95(tx, values) : undefined;
      return {
        resolution: window.resolution,
        step_seconds: window.stepS,
        from: iso(window.fromS),
        to: iso(window.toS),
        simulated,
        gaps: await readGaps(tx, actor.tenantId, instanceId, window.fromS, window.toS),
        series: seriesOf(devices, rows, query, p95),
      };
    });
  }
}

/** @throws AppError for a name that no metric has */
export function askedMetrics(names: readonly string[] | undefined): readonly MetricDefinition[] {
  if (!names) return METRIC_CATALOGUE;
  return [...new Set(names)].map((name) => {
    const metric = metricByName(name);
    if (metric) return metric;
    const expected = METRIC_CATALOGUE.map((m) => m.name).join(', ');
    throw new AppError('VALIDATION_ERROR', `There is no metric called ${name}.`, {
      field: 'metric',
      value: name,
      expected,
    });
  });
}

/**
 * No board has every metric of the catalogue: what a device reports now says how many series it will have.
 *
 * @throws AppError for an answer that nobody can use
 */
export function refuseTooMuch(
  devices: readonly Pick<Device, 'kind' | 'reported'>[],
  metrics: readonly MetricDefinition[],
  window: Pick<MetricsWindow, 'originS' | 'toS' | 'stepS'>,
  limit: number,
): void {
  const has = ({ kind, reported }: Pick<Device, 'kind' | 'reported'>, { id, of }: MetricDefinition) =>
    reported ? reported.includes(id) : (of === 'host') === (kind === 'host');
  const series = devices.reduce((n, device) => n + metrics.filter((metric) => has(device, metric)).length, 0);
  const points = series * Math.min(limit, Math.ceil((window.toS - window.originS) / window.stepS));
  if (points <= POINTS_MAX) return;
  throw new AppError(
    'VALIDATION_ERROR',
    `This would be up to ${points} points. Name fewer metrics, one gpu_index, or a smaller limit.`,
    { field: 'limit', value: limit, expected: `at most ${POINTS_MAX} points in all series together` },
  );
}

async function readRows(tx: ReadTx, window: MetricsWindow, values: readonly unknown[], limit: number): Promise<Row[]> {
  const rows = (sql: string, more: readonly unknown[] = []) =>
    tx.rows<Row & Record<string, unknown>>(sql, [...values, ...more]);
  if (window.resolution === 'raw') return rows(SAMPLES, [limit]);
  if (window.resolution === '1h') return rows(HOUR_STEPS);
  const since = await sampledSince(tx, values[0] as readonly number[], window);
  const isPlain = window.stepS === 60 && since.every((atS) => atS <= window.fromS);
  return isPlain ? rows(SINGLE_MINUTES) : rows(MINUTE_STEPS, [since]);
}

/** Since when each device has samples (Unix seconds), in the order of the devices; the window's end for one without. */
export async function sampledSince(
  tx: ReadTx,
  devices: readonly number[],
  { toS }: Pick<MetricsWindow, 'toS'>,
): Promise<readonly number[]> {
  return (await tx.row<{ since: number[] }>(SAMPLED_SINCE, [devices, toS]))!.since;
}

async function readP95(tx: ReadTx, values: readonly unknown[]): Promise<Map<string, number>> {
  const rows = await tx.rows<{ device_id: number; metric: number; at_s: number; p95: number }>(P95_STEPS, values);
  return new Map(rows.map((row) => [`${row.device_id}/${row.metric}/${row.at_s}`, row.p95]));
}

function seriesOf(
  devices: readonly Device[],
  rows: readonly Row[],
  query: InstanceMetricsQuery,
  p95: ReadonlyMap<string, number> | undefined,
): Series[] {
  const wanted = new Set<string>(query.aggregate);
  const byDevice = new Map(devices.map((device) => [device.id, device]));
  const found = new Map<string, Series>();
  for (const row of rows) {
    const key = `${row.device_id}/${row.metric}`;
    let series = found.get(key);
    if (!series) found.set(key, (series = emptySeries(byDevice.get(row.device_id)!, row.metric)));
    if (row.is_over) {
      series.truncated = true;
      continue;
    }
    const point: Point = { timestamp: iso(row.at_s), count: row.count };
    if (wanted.has('min')) point.min = row.min;
    if (wanted.has('avg')) point.avg = row.avg;
    if (wanted.has('max')) point.max = row.max;
    if (wanted.has('p95')) point.p95 = p95 ? p95.get(`${key}/${row.at_s}`) : row.max;
    series.points.push(point);
  }
  return [...found.values()];
}

function emptySeries(device: Device, metricNumber: number): Series {
  const { name, unit } = metricById(metricNumber)!;
  const isHost = device.kind === 'host';
  return {
    gpu_index: device.gpu_index,
    gpu_uuid: isHost ? null : device.uuid,
    metric: name,
    unit,
    truncated: false,
    points: [],
  };
}

const iso = (atS: number) => new Date(atS * 1000).toISOString();

const CLOCK = `
  SELECT extract(epoch FROM now())::float8 AS now_s,
    extract(epoch FROM date_trunc('minute', now()) - make_interval(days => t.raw_retention_days))::float8 AS raw_from_s, i.simulated
  FROM flotilla.tenants t JOIN flotilla.instances i ON i.tenant_id = t.tenant_id AND i.id = $2
  WHERE t.tenant_id = $1`;

const DEVICES = `
  SELECT d.id, d.kind, d.uuid, d.gpu_index, l.metrics AS reported
  FROM flotilla.devices d
  LEFT JOIN flotilla.my_gpu_live l ON l.device_id = d.id
  WHERE d.tenant_id = $1 AND d.instance_id = $2 AND ($3::integer IS NULL OR (d.kind = 'gpu' AND d.gpu_index = $3))
  ORDER BY d.kind, d.gpu_index NULLS LAST, d.uuid`;
