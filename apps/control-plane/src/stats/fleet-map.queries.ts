import { Injectable } from '@nestjs/common';
import type { FleetMap } from '@flotilla/contracts';
import { costOfADay, floatBelow, GPU_NOW, gpuNow, MAX_GAP_SECONDS, metricId } from '@flotilla/domain';
import type { GpuNow } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';

type Map_ = z.input<typeof FleetMap>;
type Instance = Map_['instances'][number] & { readonly gpu_hourly_cost: string | null };
type Health = Map_['gpus']['health'][number];

interface GpuRow {
  readonly instance_id: number;
  readonly gpu_index: number | null;
  readonly present: boolean;
  readonly health: Health;
  readonly age_s: number | null;
  readonly metrics: readonly number[] | null;
  readonly readings: readonly (number | null)[] | null;
  readonly memory_total_mib: number | null;
  readonly quiet_minutes: number | null;
}

const METRICS = {
  utilization: metricId('gpu_utilization'),
  memoryUsed: metricId('memory_used_mib'),
  memory: metricId('memory_utilization'),
  temperature: metricId('temperature'),
  power: metricId('power_draw'),
};

/** Every GPU at a glance: the newest values, what it is doing, what doing nothing costs. */
@Injectable()
export class FleetMapQueries {
  constructor(private readonly db: Db) {}

  get({ tenantId }: TenantRef): Promise<Map_> {
    return this.db.read({ tenantId }, async (tx) => {
      const tenant = (await tx.row<{ now: Date; below: number; minutes: number }>(
        'SELECT now() AS now, t.idle_below_percent AS below, t.idle_for_minutes AS minutes FROM flotilla.tenants t WHERE t.tenant_id = $1',
        [tenantId],
      ))!;
      const instances = await tx.rows<Instance & Record<string, unknown>>(INSTANCES, [tenantId]);
      const gpus = await tx.rows<GpuRow & Record<string, unknown>>(GPUS, [
        tenantId,
        floatBelow(tenant.below),
        MAX_GAP_SECONDS,
      ]);
      return mapOf(tenant, instances, gpus);
    });
  }
}

function mapOf(
  tenant: { readonly now: Date; readonly below: number; readonly minutes: number },
  instances: readonly Instance[],
  rows: readonly GpuRow[],
): Map_ {
  const places = new Map(instances.map((one, i) => [one.id, i]));
  const columns: Map_['gpus'] = {
    instance: [],
    index: [],
    state: [],
    health: [],
    utilization: [],
    memory: [],
    temperature: [],
    power: [],
    quiet_minutes: [],
  };
  const counts = Object.fromEntries(GPU_NOW.map((state) => [state, 0])) as Record<GpuNow, number>;
  const wasting: { currency: string; price: string | null }[] = [];
  for (const row of rows) {
    const place = places.get(row.instance_id);
    if (place === undefined) continue;
    const instance = instances[place]!;
    const fresh = valuesOf(row);
    const state = gpuNow(
      {
        instanceState: instance.state,
        present: row.present,
        quietMinutes: row.quiet_minutes,
        readingAgeS: row.age_s,
        utilization: fresh(METRICS.utilization),
        memoryUsedMib: fresh(METRICS.memoryUsed),
      },
      tenant.minutes,
    );
    counts[state] += 1;
    if (state === 'held' || state === 'idle') {
      wasting.push({ currency: instance.currency, price: instance.gpu_hourly_cost });
    }
    columns.instance.push(place);
    columns.index.push(row.gpu_index);
    columns.state.push(state);
    columns.health.push(row.health);
    columns.utilization.push(fresh(METRICS.utilization));
    columns.memory.push(fresh(METRICS.memory) ?? share(fresh(METRICS.memoryUsed), row.memory_total_mib));
    columns.temperature.push(fresh(METRICS.temperature));
    columns.power.push(fresh(METRICS.power));
    columns.quiet_minutes.push(state === 'held' || state === 'idle' ? row.quiet_minutes : null);
  }
  const { byCurrency, unpriced } = costOfADay(wasting);
  return {
    at: tenant.now,
    below_percent: tenant.below,
    for_minutes: tenant.minutes,
    totals: {
      gpus: columns.instance.length,
      ...counts,
      unhealthy: columns.health.filter((health) => health === 'degraded' || health === 'unhealthy').length,
      wasted_per_day: [...byCurrency],
      unpriced,
    },
    instances: [...instances],
    gpus: columns,
  };
}

/** What was read of a GPU within the last minutes; older values say nothing of now. */
function valuesOf({ metrics, readings, age_s }: GpuRow): (metric: number) => number | null {
  if (!metrics || !readings || age_s === null || age_s > MAX_GAP_SECONDS) return () => null;
  return (metric) => {
    const place = metrics.indexOf(metric);
    const value = place < 0 ? null : (readings[place] ?? null);
    return value === null ? null : Math.round(value * 10) / 10;
  };
}

const share = (used: number | null, total: number | null) =>
  used === null || total === null || total <= 0 ? null : Math.round((1000 * used) / total) / 10;

// the price of one GPU: the machine's by the GPUs that its provider says, or those that it shows
const INSTANCES = `
  SELECT i.id, i.provider_id AS instance_id, i.name, i.cloud_provider, i.region, i.instance_type, i.gpu_type, i.state, i.tags,
         (i.hourly_cost / nullif(greatest(i.gpu_count, d.gpus), 0))::text AS gpu_hourly_cost, i.currency, i.simulated
    FROM flotilla.instances i
    CROSS JOIN LATERAL (SELECT count(*)::integer AS gpus FROM flotilla.devices d
                         WHERE d.tenant_id = i.tenant_id AND d.instance_id = i.id AND d.kind = 'gpu') d
   WHERE i.tenant_id = $1 AND d.gpus > 0
   ORDER BY coalesce(i.name, i.provider_id), i.id`;

// quiet: the last step of the staircase under the threshold began that long ago, and nothing was missed since (see IdleQueries)
const GPUS = `
  SELECT d.instance_id, d.gpu_index, d.presence = 'present' AS present, d.health, d.memory_total_mib,
         extract(epoch FROM now() - l.at)::float8 AS age_s, l.metrics, l.readings,
         CASE WHEN a.step > 0 AND floor(extract(epoch FROM now()))::integer - a.last_minute * 60 - 60
                   <= greatest($3::real, 2 * a.last_interval_s)
              THEN floor(extract(epoch FROM now()) / 60)::integer - a.starts[a.step] END AS quiet_minutes
    FROM flotilla.devices d
    LEFT JOIN flotilla.my_gpu_live l ON l.device_id = d.id
    LEFT JOIN (SELECT s.*, width_bucket($2::real, s.levels) AS step FROM flotilla.my_gpu_activity s OFFSET 0) a ON a.device_id = d.id
   WHERE d.tenant_id = $1 AND d.kind = 'gpu'
   ORDER BY d.instance_id, d.gpu_index NULLS LAST, d.id`;
