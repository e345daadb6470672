import type { ProcessSeen } from '../../gpu/shape.js';
import type { Handle, NvmlLibrary } from './library.js';
import type { NvmlFunction } from './prototypes.js';
import { NVML } from './return-codes.js';

const NONE = 0xffffffff;
const MIB = 1024 * 1024;
const MAX_PROCESSES = 65_536;
const SAMPLE_BYTES = 32;
const count = Buffer.alloc(4);

interface Listed {
  readonly pid: number;
  readonly usedMemoryMib?: number;
  readonly gpuInstance?: number;
  readonly computeInstance?: number;
}

/** Reads who uses a GPU. */
export class ProcessTable {
  private records = Buffer.alloc(24 * 64);
  private samples = Buffer.alloc(SAMPLE_BYTES * 256);
  private seenUs = 0n;

  constructor(
    private readonly nvml: NvmlLibrary,
    private readonly gpu: Handle,
  ) {}

  /** Null where the driver does not tell (no rights, an old board, a GPU that answers nothing): that is not "nobody". */
  read(): ProcessSeen[] | null {
    const compute = this.list('nvmlDeviceGetComputeRunningProcesses');
    if (!compute) return null;
    const graphics = this.list('nvmlDeviceGetGraphicsRunningProcesses') ?? [];
    const busy = this.smPercent();
    const seen = new Map<string, ProcessSeen>();
    for (const [list, type] of [
      [compute, 'C'],
      [graphics, 'G'],
    ] as const) {
      for (const process of list) {
        const key = `${process.pid}/${process.gpuInstance ?? ''}/${process.computeInstance ?? ''}`;
        const smPercent = busy.get(process.pid);
        seen.set(key, {
          ...process,
          type: seen.has(key) ? 'C+G' : type,
          name: this.nvml.string('nvmlSystemGetProcessName', process.pid) ?? '',
          ...(smPercent === undefined ? {} : { smPercent }),
        });
      }
    }
    return [...seen.values()];
  }

  private list(name: NvmlFunction): Listed[] | null {
    // {u32 pid; u64 bytes; u32 gi, ci}; the first version of the function knows nothing of instances
    const size = this.nvml.symbol(name) === name ? 16 : 24;
    for (;;) {
      const room = Math.floor(this.records.length / size);
      count.writeUInt32LE(room, 0);
      const code = this.nvml.call(name, this.gpu, count, this.records);
      const found = count.readUInt32LE(0);
      if (code === NVML.insufficientSize && room < MAX_PROCESSES) {
        // Room to spare: more may start between two calls.
        this.records = Buffer.alloc(Math.min(MAX_PROCESSES, Math.max(found, room) * 2) * 24);
        continue;
      }
      if (code !== NVML.success) return null;
      return Array.from({ length: Math.min(found, room) }, (_, i) => this.record(i * size, size === 24));
    }
  }

  private record(at: number, hasInstances: boolean): Listed {
    const bytes = this.records.readBigUInt64LE(at + 8);
    const gpuInstance = hasInstances ? this.records.readUInt32LE(at + 16) : NONE;
    const computeInstance = hasInstances ? this.records.readUInt32LE(at + 20) : NONE;
    return {
      pid: this.records.readUInt32LE(at),
      ...(bytes === 0xffffffffffffffffn ? {} : { usedMemoryMib: Number(bytes) / MIB }),
      ...(gpuInstance === NONE ? {} : { gpuInstance }),
      ...(computeInstance === NONE ? {} : { computeInstance }),
    };
  }

  /** Mean share of the SMs' time by process since the last reading; empty where the driver does not sample it (MIG, vGPU). */
  private smPercent(): Map<number, number> {
    const sums = new Map<number, { sum: number; count: number }>();
    const room = this.samples.length / SAMPLE_BYTES;
    count.writeUInt32LE(room, 0);
    const code = this.nvml.call('nvmlDeviceGetProcessUtilization', this.gpu, this.samples, count, Number(this.seenUs));
    if (code === NVML.insufficientSize) {
      this.samples = Buffer.alloc(Math.min(MAX_PROCESSES, count.readUInt32LE(0) * 2) * SAMPLE_BYTES);
      return new Map();
    }
    const found = code === NVML.success ? Math.min(room, count.readUInt32LE(0)) : 0;
    for (let at = 0; at < found * SAMPLE_BYTES; at += SAMPLE_BYTES) {
      const pid = this.samples.readUInt32LE(at);
      const takenUs = this.samples.readBigUInt64LE(at + 8);
      const percent = this.samples.readUInt32LE(at + 16);
      if (takenUs > this.seenUs) this.seenUs = takenUs;
      // Slots of the driver's ring that hold nothing have the pid 0; a percentage beyond 100 is a known flaw of it.
      if (pid === 0 || percent > 100) continue;
      const entry = sums.get(pid) ?? { sum: 0, count: 0 };
      sums.set(pid, { sum: entry.sum + percent, count: entry.count + 1 });
    }
    return new Map([...sums].map(([pid, entry]) => [pid, entry.sum / entry.count]));
  }
}
