import { readlinkSync } from 'node:fs';
import type { Clock } from '../../clock.js';
import type { GpuProcessFacts } from '../collector.js';
import type { GpuCensus } from './census.js';
import { compact } from './compact.js';
import { ProcessOwners } from './process-owner.js';
import type { GpuDetail, ProcessSeen } from './shape.js';

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

/** Tells who uses the GPUs, and knows when an empty list is no proof that nobody does. */
export class ProcessList {
  private readonly owners: ProcessOwners;
  private sawOne = false;

  constructor(
    private readonly census: Pick<GpuCensus, 'migDevice'>,
    clock: Pick<Clock, 'monotonicMs'>,
    procRoot?: string,
    private readonly seesAll: () => boolean = seesAllProcesses,
  ) {
    this.owners = new ProcessOwners(() => clock.monotonicMs(), procRoot);
  }

  /**
   * The processes of all GPUs; null where they are not known: the driver does not let us see those of one GPU, or we
   * live in a container that has never been shown one.
   */
  async read(gpus: readonly Pick<GpuDetail, 'uuid' | 'processes'>[]): Promise<GpuProcessFacts[] | null> {
    if (gpus.some((gpu) => gpu.processes === null)) return null;
    const list = await Promise.all(gpus.flatMap((gpu) => (gpu.processes ?? []).map((p) => this.facts(gpu.uuid, p))));
    this.owners.keepOnly(new Set(list.map(({ pid }) => pid)));
    this.sawOne ||= list.length > 0;
    return list.length > 0 || this.sawOne || this.seesAll() ? list : null;
  }

  private async facts(gpuUuid: string, seen: ProcessSeen): Promise<GpuProcessFacts> {
    const { pid, name, type, usedMemoryMib, smPercent, gpuInstance, computeInstance } = seen;
    const inside = gpuInstance === undefined ? undefined : this.census.migDevice(gpuUuid, gpuInstance, computeInstance);
    const owner = await this.owners.of(pid, name);
    return compact({ device: inside ?? gpuUuid, pid, name, type, usedMemoryMib, smPercent, ...owner });
  }
}
