import type { DeviceMinute } from '@flotilla/domain';
import { metricId } from '@flotilla/domain';
import type { MetricName } from '@flotilla/domain';
import type { Db } from '@flotilla/persistence';

/** A device of an instance, by SQL: what the registry would have made. */
export async function createDevice(
  db: Db,
  tenantId: string,
  instanceId: number,
  options: { kind?: 'gpu' | 'mig' | 'host'; gpuIndex?: number; uuid?: string; presence?: 'present' | 'missing' } = {},
): Promise<number> {
  const { kind = 'gpu', gpuIndex = 0, uuid = `GPU-${kind}-${gpuIndex}`, presence = 'present' } = options;
  const row = await db.system((tx) =>
    tx.row<{ id: number }>(
      `INSERT INTO flotilla.devices (tenant_id, instance_id, kind, uuid, gpu_index, presence, last_seen_at)
       VALUES ($1, $2, $3, $4, $5, $6, now()) RETURNING id`,
      [tenantId, instanceId, kind, uuid, kind === 'host' ? null : gpuIndex, presence],
    ),
  );
  return row!.id;
}

/** The start of the running minute (Unix seconds), `ago` minutes back. */
export function minuteAgo(ago: number): number {
  return (Math.floor(Date.now() / 60_000) - ago) * 60;
}

/** A minute with the same value in each of the given seconds, or one value per second; null: no value. */
export function aMinute(
  minuteS: number,
  readings: Partial<Record<MetricName, number | readonly (number | null)[]>>,
  options: { seconds?: readonly number[]; intervalS?: number } = {},
): DeviceMinute {
  const seconds = options.seconds ?? [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55];
  const rows = (Object.entries(readings) as [MetricName, number | readonly (number | null)[]][])
    .map(([name, values]) => ({ id: metricId(name), values }))
    .sort((a, b) => a.id - b.id);
  return {
    minuteS,
    intervalS: options.intervalS ?? 5,
    metrics: rows.map((row) => row.id),
    seconds: Uint8Array.from(seconds),
    values: Float32Array.from(
      rows.flatMap(({ values }) => seconds.map((_, i) => (typeof values === 'number' ? values : (values[i] ?? NaN)))),
    ),
  };
}
