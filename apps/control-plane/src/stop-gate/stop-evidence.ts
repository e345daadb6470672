import { coverage, LOCAL_DISKS, spreadOf, sumOf } from '@flotilla/domain';
import type { GpuEvidence, LocalDisks, ProcessEvidence, Spread, StopEvidence } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';
import { MaintenanceWindows } from '../maintenance-windows/index.js';
import { DEVICES, FLOORS, MACHINE, MINUTES } from './stop-evidence.sql.js';
import type { DeviceRow, FloorRow, MachineRow, MinuteRow, StoredProcess } from './stop-evidence.sql.js';
import type { StopGateQuestion } from './stop-gate.js';

const MINUTE_MS = 60_000;
/** However long ago a question begins: a day of minutes says enough, and more would take long to read. */
const MOST_MINUTES = 1_440;
/** Shorter windows prove little, whatever the tenant calls idle. */
const LEAST_MINUTES = 10;

/** Everything that is known of an instance now; undefined: there is none. */
export async function readEvidence(
  tx: ReadTx,
  question: StopGateQuestion,
): Promise<{ evidence: StopEvidence; belowPercent: number } | undefined> {
  const { tenantId, instanceId } = question;
  const machine = await tx.row<MachineRow & Record<string, unknown>>(MACHINE, [
    tenantId,
    instanceId,
    question.actionId ?? null,
  ]);
  if (!machine) return undefined;
  const atMs = machine.now.getTime();
  const devices = await tx.rows<DeviceRow & Record<string, unknown>>(DEVICES, [tenantId, instanceId]);
  const toMs = endOfEvidence(devices, atMs);
  const minutes = windowMinutes(machine.idle_for_minutes, question.idleSinceMs ?? null, toMs);
  const window = { fromMs: toMs - minutes * MINUTE_MS, toMs };
  const ids = devices.map(({ id }) => id);
  const rows = await tx.rows<MinuteRow & Record<string, unknown>>(MINUTES, [
    ids,
    new Date(window.fromMs),
    new Date(window.toMs),
  ]);
  const floors = await tx.rows<FloorRow & Record<string, unknown>>(FLOORS, [ids]);
  const since = machine.calls_known
    ? await tx.row<{ calls: number }>(CALLS_SINCE, [tenantId, instanceId, new Date(window.fromMs)])
    : undefined;
  const ofDevice = new Map<number, MinuteRow[]>(ids.map((id) => [id, []]));
  for (const row of rows) ofDevice.get(row.device_id)?.push(row);
  const measure = (device: DeviceRow) => series(ofDevice.get(device.id) ?? [], window.fromMs, minutes);
  const host = devices.find(({ kind }) => kind === 'host');
  const onHost = host && measure(host);
  const open = await MaintenanceWindows.active(tx, tenantId, atMs);
  const holdsBack = MaintenanceWindows.suppressing(open, 'enforcement', { id: instanceId, tags: machine.tags });
  const evidence: StopEvidence = {
    atMs,
    machine: {
      label: machine.provider_id,
      cloudProvider: machine.cloud_provider,
      instanceType: machine.instance_type,
      state: machine.state,
      stateSinceMs: machine.state_changed_at.getTime(),
      protected: machine.protected,
      tags: machine.tags,
      lifecycle: machine.placement.lifecycle ?? (machine.bill_says_spot ? 'spot' : null),
      autoScalingGroup: machine.placement.auto_scaling_group ?? null,
      kubernetesNode: machine.placement.kubernetes_node ?? null,
      slurmNode: machine.placement.slurm_node ?? null,
      localDisks: localDisksOf(machine.placement.local_disks),
      gpuCount: machine.gpu_count,
    },
    window,
    gpus: devices
      .filter(({ kind }) => kind !== 'host')
      .map((device) =>
        gpuOf(
          device,
          measure(device),
          floors.find(({ device_id: id }) => id === device.id),
        ),
      ),
    hostCoverage: onHost ? onHost.coverage : null,
    network: onHost ? spreadOfSum([onHost.of('network_rx'), onHost.of('network_tx')], minutes) : null,
    processes: machine.processes_at && {
      atMs: machine.processes_at.getTime(),
      list: (machine.processes ?? []).map(processOf),
    },
    callsServed: since ? Number(since.calls) : null,
    commitment: machine.committed_share === null ? null : { share: machine.committed_share, asOf: machine.bill_day! },
    maintenance: holdsBack && { name: holdsBack.name, endsAtMs: holdsBack.endsAt.getTime() },
    openAction: machine.open_action === null ? null : { id: machine.open_action, status: machine.open_status! },
  };
  return { evidence, belowPercent: question.belowPercent ?? machine.idle_below_percent };
}

/**
 * Where the evidence ends: with the newest minute of any device, so that agents which report late are not taken for silent;
 * never later than now. What has no minutes at all ends now, and is not covered.
 */
function endOfEvidence(devices: readonly DeviceRow[], atMs: number): number {
  const newest = Math.max(
    0,
    ...devices.map(({ last_minute: minute }) => (minute === null ? 0 : (minute + 1) * MINUTE_MS)),
  );
  const now = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
  return newest === 0 ? now : Math.min(newest, now);
}

function windowMinutes(idleForMinutes: number, sinceMs: number | null, toMs: number): number {
  const asked = sinceMs === null ? 0 : Math.ceil((toMs - sinceMs) / MINUTE_MS);
  return Math.min(MOST_MINUTES, Math.max(LEAST_MINUTES, idleForMinutes, asked));
}

type Measure = Exclude<keyof MinuteRow, 'device_id' | 'minute_s' | 'interval_s' | 'sample_count' | 'highs'>;
interface Series {
  readonly coverage: number;
  /** Means of the minutes, NaN where there is none, and the highest readings. */
  of(name: Measure): { readonly means: Float64Array; readonly highs: Float64Array };
}

function series(rows: readonly MinuteRow[], fromMs: number, minutes: number): Series {
  const place = (row: MinuteRow) => Math.round((row.minute_s * 1000 - fromMs) / MINUTE_MS);
  return {
    coverage: coverage(
      rows.map((row) => ({ sampleCount: row.sample_count, intervalS: row.interval_s })),
      minutes,
    ),
    of: (name) => {
      const means = new Float64Array(minutes).fill(NaN);
      const highs = new Float64Array(minutes).fill(NaN);
      for (const row of rows) {
        const stats = row[name];
        if (stats?.[0] == null || stats[1] == null) continue;
        means[place(row)] = stats[0];
        highs[place(row)] = stats[1];
      }
      return { means, highs };
    },
  };
}

function gpuOf(device: DeviceRow, measured: Series, floor: FloorRow | undefined): GpuEvidence {
  const spread = (name: Measure): Spread | null => {
    const { means, highs } = measured.of(name);
    return spreadOf(means, highs);
  };
  const minutes = measured.of('pcie_rx').means.length;
  return {
    uuid: device.uuid,
    parentUuid: device.kind === 'mig' ? (device.parent_uuid ?? '') : null,
    present: device.presence === 'present',
    coverage: measured.coverage,
    smActivity: spread('sm_activity'),
    gpuUtilization: spread('gpu_utilization'),
    memoryUsed: spread('memory_used_mib'),
    memoryTotalMib: device.memory_total_mib,
    memoryFloorMib: floor?.memory_mib ?? null,
    power: spread('power_draw'),
    powerFloorW: floor?.power_w ?? null,
    powerLimitW: spread('power_limit')?.p95 ?? null,
    links: spreadOfSum(
      (['pcie_rx', 'pcie_tx', 'nvlink_rx', 'nvlink_tx'] as const).map((name) => measured.of(name)),
      minutes,
    ),
  };
}

function spreadOfSum(parts: readonly ReturnType<Series['of']>[], minutes: number): Spread | null {
  const sum = (which: 'means' | 'highs') =>
    sumOf(
      parts.map((part) => part[which]),
      minutes,
    );
  return spreadOf(sum('means'), sum('highs'));
}

const localDisksOf = (said: string | undefined): LocalDisks | null => LOCAL_DISKS.find((one) => one === said) ?? null;

function processOf(stored: StoredProcess): ProcessEvidence {
  const { pod } = stored;
  return {
    device: stored.device,
    pid: stored.pid,
    name: stored.name ?? '',
    startedAtMs: stored.started_at ? Date.parse(stored.started_at) : null,
    usedMemoryMib: stored.used_memory_mib,
    smPercent: stored.sm_percent ?? null,
    slurmJobId: stored.slurm_job_id ?? null,
    pod: pod ? `${pod.namespace ?? '?'}/${pod.name ?? pod.uid}` : null,
  };
}

// a record is one request, or a bucket of a report that counts them
const CALLS_SINCE = `
  SELECT coalesce(sum(coalesce(u.requests, 1)), 0) AS calls
    FROM flotilla.ai_usage u
    JOIN flotilla.ai_dimensions d ON d.tenant_id = u.tenant_id AND d.id = u.dimension_id
   WHERE u.tenant_id = $1 AND d.instance_id = $2 AND u.at >= $3 AND u.day >= ($3 AT TIME ZONE 'UTC')::date`;
