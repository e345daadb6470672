import { metricId } from '@flotilla/domain';
import { HOST_DEVICE } from '../collectors/collector.js';
import type { DeviceFacts, GpuProcessFacts, Reading } from '../collectors/collector.js';
import { EXPOSED } from './names.js';

interface Kept {
  value: number;
  /** Monotonic milliseconds when it was read last. */
  atMs: number;
  /** From the reading before to that one; null after the first. */
  gapMs: number | null;
}

const SUMS = new Set(EXPOSED.filter(({ sums }) => sums).map(({ of }) => metricId(of)));
/** A host has 16 GPUs and 7 instances in each; more is a fault, and must not fill the memory. */
const MAX_DEVICES = 256;
/** What is read seldom (ECC, links: once a minute) may be this old before it counts as gone. */
const MAX_AGE_MS = 300_000;
const MIN_AGE_MS = 15_000;
/** Sorts what has no number behind what has one. */
const LAST = 1e6;

/** The newest value of every metric of every GPU, as long as it is fresh. */
export class Readings {
  private readonly devices = new Map<string, Map<number, Kept>>();
  private readonly facts = new Map<string, readonly DeviceFacts[]>();
  private readonly xids = new Map<string, number>();
  private processes: readonly GpuProcessFacts[] = [];

  constructor(private readonly monotonicMs: () => number) {}

  sample(device: string, values: ReadonlyMap<number, Reading>): void {
    if (device === HOST_DEVICE) return;
    let kept = this.devices.get(device);
    if (!kept) {
      if (this.devices.size >= MAX_DEVICES) return;
      this.devices.set(device, (kept = new Map()));
    }
    const atMs = this.monotonicMs();
    for (const [metric, reading] of values) {
      const before = kept.get(metric);
      if (typeof reading !== 'number' || !Number.isFinite(reading)) {
        // a sum goes on where it was: a counter must not fall when a reading fails
        if (!SUMS.has(metric)) kept.delete(metric);
      } else if (before) {
        before.gapMs = atMs - before.atMs;
        before.atMs = atMs;
        before.value = SUMS.has(metric) ? before.value + reading : reading;
      } else kept.set(metric, { value: reading, atMs, gapMs: null });
    }
  }

  inventory(collector: string, devices: readonly DeviceFacts[]): void {
    this.facts.set(collector, devices);
    const known = new Set([...this.facts.values()].flat().map(({ uuid }) => uuid));
    for (const uuid of this.devices.keys()) if (!known.has(uuid)) this.devices.delete(uuid);
    for (const uuid of this.xids.keys()) if (!known.has(uuid)) this.xids.delete(uuid);
  }

  setProcesses(list: readonly GpuProcessFacts[]): void {
    this.processes = list;
  }

  xid(device: string, code: number): void {
    if (this.xids.has(device) || this.xids.size < MAX_DEVICES) this.xids.set(device, code);
  }

  /** GPUs and MIG instances that are there now, in the driver's order, each GPU before its instances. */
  present(): DeviceFacts[] {
    const byUuid = new Map<string, DeviceFacts>();
    for (const device of [...this.facts.values()].flat()) {
      if (device.kind !== 'host' && device.presence === 'present') byUuid.set(device.uuid, device);
    }
    const gpuIndex = ({ kind, index, parentUuid }: DeviceFacts) =>
      (kind === 'mig' ? byUuid.get(parentUuid ?? '')?.index : index) ?? LAST;
    const within = ({ kind, gpuInstanceId }: DeviceFacts) => (kind === 'mig' ? (gpuInstanceId ?? LAST) : -1);
    return [...byUuid.values()].sort((a, b) => gpuIndex(a) - gpuIndex(b) || within(a) - within(b));
  }

  /** The value, if it was read within three times its own rhythm; undefined otherwise. */
  valueOf(uuid: string, metric: number): number | undefined {
    const kept = this.devices.get(uuid)?.get(metric);
    if (!kept) return undefined;
    const limitMs = kept.gapMs === null ? MAX_AGE_MS : Math.min(MAX_AGE_MS, Math.max(MIN_AGE_MS, 3 * kept.gapMs));
    return this.monotonicMs() - kept.atMs <= limitMs ? kept.value : undefined;
  }

  /** The last Xid of this GPU since the agent started; undefined when there was none. */
  lastXid(uuid: string): number | undefined {
    return this.xids.get(uuid);
  }

  /** The one pod or container that uses this device; undefined when there is none, or more than one. */
  userOf(uuid: string): { container?: string; namespace?: string; pod?: string } | undefined {
    const found = new Map<string, { container?: string; namespace?: string; pod?: string }>();
    for (const { device, containerName, containerId, podName, podNamespace } of this.processes) {
      if (device !== uuid) continue;
      const container = containerName ?? containerId?.slice(0, 12);
      const user = {
        ...(container === undefined ? {} : { container }),
        ...(podNamespace === undefined ? {} : { namespace: podNamespace }),
        ...(podName === undefined ? {} : { pod: podName }),
      };
      found.set(JSON.stringify(user), user);
    }
    const [only] = found.values();
    return found.size === 1 && only && Object.keys(only).length > 0 ? only : undefined;
  }
}
