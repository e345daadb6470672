import { metricByName } from '@flotilla/domain';
import type { FleetLayout, SeriesNeed } from '@flotilla/domain';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import type { RoundFleet, RoundGpu, RoundInstance } from './decision-round.js';

const STATISTICS = { min: 1, avg: 2, max: 3 } as const;

/** Where the values of a device belong. */
export interface Places {
  /** Device → place in a column of GPUs. */
  readonly gpus: ReadonlyMap<number, number>;
  /** Device → place in a column of instances. */
  readonly hosts: ReadonlyMap<number, number>;
}

interface FleetRow extends Record<string, unknown> {
  readonly id: number;
  readonly provider_id: string;
  readonly name: string | null;
  readonly state: string;
  readonly state_changed_at: Date;
  readonly tags: Record<string, string>;
  readonly protected: boolean;
  readonly simulated: boolean;
  readonly agent_id: string | null;
  readonly devices: number[] | null;
  readonly uuids: string[] | null;
  readonly indexes: (number | null)[] | null;
  readonly host: number | null;
}

export async function readFleet(tx: ReadTx, actor: TenantRef): Promise<RoundFleet & { readonly places: Places }> {
  const rows = await tx.rows<FleetRow>(FLEET, [actor.tenantId]);
  const gpus = new Map<number, number>();
  const hosts = new Map<number, number>();
  const gpuStart = new Int32Array(rows.length + 1);
  const instances = rows.map((row, i): RoundInstance => {
    const devices = row.devices ?? [];
    gpuStart[i + 1] = gpuStart[i]! + devices.length;
    devices.forEach((device, g) => gpus.set(device, gpuStart[i]! + g));
    if (row.host !== null) hosts.set(row.host, i);
    return {
      id: row.id,
      providerId: row.provider_id,
      label: row.name ?? row.provider_id,
      state: row.state,
      stateChangedAt: row.state_changed_at,
      tags: row.tags,
      protected: row.protected,
      simulated: row.simulated,
      agentId: row.agent_id,
      gpus: devices.map((deviceId, g): RoundGpu => {
        return { deviceId, uuid: row.uuids![g]!, index: row.indexes![g] ?? null };
      }),
    };
  });
  // what is asked of the tenant itself is asked once, also where there is no instance
  const nobody: FleetLayout = { instanceIds: [0], gpuStart: new Int32Array(2) };
  const layout: FleetLayout = rows.length === 0 ? nobody : { instanceIds: rows.map(({ id }) => id), gpuStart };
  return { instances, layout, places: { gpus, hosts } };
}

// the GPUs of the list of idle instances: one that the driver lost within the last day is still one of them
const FLEET = `
  SELECT i.id, i.provider_id, i.name, i.state, i.state_changed_at, i.tags, i.protected, i.simulated, i.agent_id, d.devices,
         d.uuids, d.indexes, d.host
    FROM flotilla.instances i
    LEFT JOIN (
      SELECT d.instance_id, array_agg(d.id ORDER BY d.gpu_index, d.id) FILTER (WHERE d.kind = 'gpu') AS devices,
             array_agg(d.uuid ORDER BY d.gpu_index, d.id) FILTER (WHERE d.kind = 'gpu') AS uuids,
             array_agg(d.gpu_index ORDER BY d.gpu_index, d.id) FILTER (WHERE d.kind = 'gpu') AS indexes,
             min(d.id) FILTER (WHERE d.kind = 'host') AS host
        FROM flotilla.devices d
       WHERE d.tenant_id = $1 AND d.kind IN ('gpu', 'host')
         AND (d.kind = 'host' OR d.presence = 'present' OR d.last_seen_at > now() - interval '1 day')
       GROUP BY d.instance_id) d ON d.instance_id = i.id
   WHERE i.tenant_id = $1 AND i.state <> 'terminated'
   ORDER BY i.id`;

/** A column of a series, without any value yet. */
export function emptyColumn(need: SeriesNeed, layout: FleetLayout): Float32Array | Float64Array {
  const length =
    need.level === 'tenant' ? 1 : need.level === 'instance' ? layout.instanceIds.length : layout.gpuStart.at(-1)!;
  return (need.statistic === null ? new Float64Array(length) : new Float32Array(length)).fill(NaN);
}

interface MinuteRow extends Record<string, unknown> {
  readonly device_id: number;
  readonly minute: number;
  readonly readings: Buffer;
}

/**
 * Fills columns with what is stored of minutes, whatever minute a row belongs to.
 *
 * @param columnOf the column of a minute and a place in `wanted`
 */
export async function readMinutes(
  tx: ReadTx,
  wanted: readonly SeriesNeed[],
  places: Places,
  from: number,
  to: number,
  columnOf: (minute: number, at: number) => Float32Array | Float64Array,
): Promise<void> {
  if (wanted.length === 0 || (places.gpus.size === 0 && places.hosts.size === 0)) return;
  const rows = await tx.rows<MinuteRow>(minutesSql(wanted), [new Date(from * 60_000), new Date((to + 1) * 60_000)]);
  for (const { device_id: device, minute, readings } of rows) {
    const gpu = places.gpus.get(device);
    const host = places.hosts.get(device);
    for (let k = 0; k < wanted.length; k++) {
      const place = wanted[k]!.level === 'gpu' ? gpu : host;
      if (place === undefined) continue;
      columnOf(minute, k)[place] = readings.readFloatBE(k * FLOAT_BYTES);
    }
  }
}

const FLOAT_BYTES = 4;

/** Values travel as bytes: a fleet's minute is a hundred thousand numbers, which nobody wants to read as text. */
function minutesSql(wanted: readonly SeriesNeed[]): string {
  const values = wanted.map((need) => {
    const { id } = metricByName(need.metric)!;
    const statistic = STATISTICS[need.statistic!];
    return `float4send(coalesce(m.stats[array_position(m.metrics, ${id}::smallint)][${statistic}], 'NaN'))`;
  });
  return `
    SELECT m.device_id, (extract(epoch FROM m.minute) / 60)::integer AS minute, ${values.join(' || ')} AS readings
      FROM flotilla.my_gpu_minutes m WHERE m.minute >= $1 AND m.minute < $2`;
}
