import { metricById, unpackFloats } from '@flotilla/domain';
import type { GpuProcess as WireProcess, Live, LiveDevice } from '@flotilla/contracts/agent';
import type { GpuProcess, GpuProcesses } from '../../instances/index.js';
import type { LiveValues } from '../../metrics/index.js';
import { cleanText } from '../grpc/text.js';
import { FUTURE_S } from './entries.js';
import type { Gate } from './gate.js';
import { deviceIdOf } from './store-entries.js';
import type { StoringDeps, StoringTarget } from './store-entries.js';

const DEVICES_MAX = 1_024;
const PROCESSES_MAX = 2_000;
/** A start further in the future than any clock is wrong by is no start. */
const DAY_MS = 86_400_000;

export interface LiveDeps extends Pick<StoringDeps, 'ingest' | 'instances' | 'devices' | 'lookups'> {
  readonly processes: GpuProcesses;
  /** Bounds what writes inventories and readings beside the telemetry, for all streams together. */
  readonly writes: Gate;
  readonly now: () => number;
}

/** Hands the newest values on. Lossy by agreement: what cannot be read or placed is left out without a word. */
export async function storeLive(deps: LiveDeps, target: StoringTarget, live: Live): Promise<void> {
  const nowMs = deps.now();
  const values: LiveValues[] = [];
  for (const device of live.devices.slice(0, DEVICES_MAX)) {
    const read = readLive(device, nowMs);
    if (!read) continue;
    try {
      const known = target.deviceIds.get(`${device.instanceId}\n${device.device}`);
      const deviceId = known ?? (await deviceIdOf(deps, target, device.instanceId, device.device));
      values.push({ tenantId: target.agent.tenantId, deviceId, ...read });
    } catch {
      // unknown instance, no inventory yet, database away: the next values come in seconds
    }
  }
  if (values.length > 0) deps.ingest.storeLive(values);
  if (live.processesRead) await storeProcesses(deps, target, live.processes, nowMs);
}

async function storeProcesses(deps: LiveDeps, target: StoringTarget, processes: readonly WireProcess[], nowMs: number) {
  const instanceId = await deps.lookups.run(() => deps.instances.own(target.agent));
  if (instanceId === null) return;
  const listed = processes.slice(0, PROCESSES_MAX).map((process) => processOf(process, nowMs));
  await deps.writes.run(() => deps.processes.report(target.agent.tenantId, instanceId, nowMs, listed));
}

function processOf(wire: WireProcess, nowMs: number): GpuProcess {
  const containerId = cleanText(wire.containerId, 128);
  const containerName = cleanText(wire.containerName, 256);
  const podUid = cleanText(wire.podUid, 64);
  return {
    device: cleanText(wire.device, 128) ?? '',
    pid: wire.pid,
    name: cleanText(wire.name, 512) ?? '',
    type: cleanText(wire.type, 8) ?? '',
    usedMemoryMib: wire.usedMemoryMib ?? null,
    user: cleanText(wire.user, 128),
    command: cleanText(wire.command, 64),
    startedAt: wire.startedAtMs > 0 && wire.startedAtMs <= nowMs + DAY_MS ? new Date(wire.startedAtMs) : null,
    container: containerId || containerName ? { id: containerId, name: containerName } : null,
    pod: podUid
      ? { uid: podUid, name: cleanText(wire.podName, 256), namespace: cleanText(wire.podNamespace, 64) }
      : null,
    slurmJobId: cleanText(wire.slurmJobId, 32),
    smPercent: percentOf(wire.smPercent),
  };
}

const percentOf = (value: number | undefined) => (value !== undefined && value >= 0 && value <= 100 ? value : null);

function readLive(device: LiveDevice, nowMs: number): Pick<LiveValues, 'atMs' | 'metrics' | 'values'> | null {
  const { metrics, values } = device;
  if (metrics.length === 0 || metrics.length > 256 || values.length !== metrics.length * 4) return null;
  if (device.atMs <= 0 || device.atMs > nowMs + FUTURE_S * 1000) return null;
  if (device.device.length === 0 || device.device.length > 128) return null;
  const floats = unpackFloats(values);
  if (!metrics.every((metric) => metricById(metric))) return onlyKnown(device, floats);
  return floats.some((value) => value === Infinity || value === -Infinity)
    ? null
    : { atMs: device.atMs, metrics, values: floats };
}

/** A newer agent's further metrics are left out. */
function onlyKnown(device: LiveDevice, floats: Float32Array): Pick<LiveValues, 'atMs' | 'metrics' | 'values'> | null {
  const known = device.metrics.flatMap((metric, index) => (metricById(metric) ? [index] : []));
  if (known.length === 0) return null;
  return {
    atMs: device.atMs,
    metrics: known.map((index) => device.metrics[index]!),
    values: Float32Array.from(known, (index) => floats[index]!),
  };
}
