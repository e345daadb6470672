import { readlinkSync } from 'node:fs';
import { metricId } from '@flotilla/domain';
import type { GpuProcessFacts, Reading } from '../collector.js';
import type { GpuCensus } from './census.js';
import { processOwner } from './process-owner.js';
import { memoryShare } from './reading.js';
import type { SnapshotGpu, SnapshotMig, SnapshotProcess } from './snapshot.js';

/** What only the snapshot has of a GPU: PCIe throughput over the 20 ms before it. */
export const pcieValues = (gpu: SnapshotGpu): Map<number, Reading> =>
  new Map<number, Reading>([
    [metricId('pcie_rx'), gpu.pcieRxKbps ?? 'unsupported'],
    [metricId('pcie_tx'), gpu.pcieTxKbps ?? 'unsupported'],
  ]);

/** A MIG instance's values. Its utilisation is not to be had from nvidia-smi, which is not the same as idle. */
export function migValues(mig: SnapshotMig): Map<number, Reading> {
  const used = mig.memoryUsedMib ?? 'unsupported';
  const total = mig.memoryTotalMib ?? 'unsupported';
  return new Map<number, Reading>([
    [metricId('memory_used_mib'), used],
    [metricId('memory_total_mib'), total],
    [metricId('memory_utilization'), memoryShare(used, total)],
    [metricId('gpu_utilization'), 'unsupported'],
  ]);
}

/** Inode of the first pid namespace of every Linux (PROC_PID_INIT_INO). */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

/** False inside a container that has its own processes: there the driver hides everybody else's. */
export function seesAllProcesses(link = '/proc/self/ns/pid'): boolean {
  try {
    return readlinkSync(link) === FIRST_PID_NAMESPACE;
  } catch {
    return process.platform === 'win32';
  }
}

/** Reads who uses the GPUs, and knows when an empty list is no proof that nobody does. */
export class ProcessReader {
  private sawOne = false;

  constructor(
    private readonly census: GpuCensus,
    private readonly seesAll: () => boolean = seesAllProcesses,
    private readonly ownerOf: typeof processOwner = processOwner,
  ) {}

  /**
   * The processes of all GPUs; null where they are not known: the driver does not let us see those of one GPU, or we
   * live in a container that has never been shown one.
   */
  async read(gpus: readonly SnapshotGpu[]): Promise<GpuProcessFacts[] | null> {
    if (gpus.some((gpu) => gpu.processes === null)) return null;
    const list = await Promise.all(gpus.flatMap((gpu) => (gpu.processes ?? []).map((p) => this.facts(gpu.uuid, p))));
    this.sawOne ||= list.length > 0;
    return list.length > 0 || this.sawOne || this.seesAll() ? list : null;
  }

  private async facts(gpuUuid: string, p: SnapshotProcess): Promise<GpuProcessFacts> {
    const user = await this.ownerOf(p.pid, p.name);
    const inside =
      p.gpuInstance === undefined ? undefined : this.census.migDevice(gpuUuid, p.gpuInstance, p.computeInstance);
    return {
      device: inside ?? gpuUuid,
      pid: p.pid,
      name: p.name,
      type: p.type,
      ...(p.usedMemoryMib === undefined ? {} : { usedMemoryMib: p.usedMemoryMib }),
      ...(user === undefined ? {} : { user }),
    };
  }
}
