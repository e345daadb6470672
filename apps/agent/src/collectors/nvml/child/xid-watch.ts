import type { FromChild } from '../protocol.js';
import type { Handle, NvmlLibrary } from './library.js';
import { NVML } from './return-codes.js';

/** nvml.h, nvmlEventType... */
const XID = 0x8n;
const OTHERS: ReadonlyMap<bigint, string> = new Map([
  [0x2n, 'ecc_double_bit'],
  [0x400n, 'dram_retirement'],
  [0x800n, 'dram_retirement_failure'],
  [0x1000n, 'poison_non_fatal'],
  [0x2000n, 'poison_fatal'],
  [0x4000n, 'gpu_unavailable'],
  [0x8000n, 'gpu_recovery_action'],
]);
const WANTED = [XID, ...OTHERS.keys()].reduce((all, type) => all | type, 0n);
const NONE = 0xffffffff;
/** The wait ends so often to see whether it is still wanted; an event ends it at once. */
const WAIT_MS = 5_000;
/** After an error of the wait itself, and between two waits on a GPU that keeps answering so. */
const PAUSE_MS = 1_000;

export interface WatchedGpu {
  readonly handle: Handle;
  readonly uuid: string;
  readonly busId: string;
}

/**
 * Waits for what the driver reports by itself. The wait stands on a thread of its own (koffi's), so that sampling goes on;
 * what it brings is told on the main one. Events that came before the registration are not to be had: those stand in the
 * kernel log.
 */
export class XidWatch {
  private set: Handle = 0;
  private stopped = false;
  private readonly data = Buffer.alloc(32);
  private readonly byHandle = new Map<Handle, WatchedGpu>();

  constructor(
    private readonly nvml: NvmlLibrary,
    private readonly tell: (message: FromChild) => void,
  ) {}

  /** Returns how many GPUs report their events; 0 where the driver has none to give (old boards, vGPU guests). */
  start(gpus: readonly WatchedGpu[]): number {
    const set = this.nvml.handle('nvmlEventSetCreate');
    if (set <= 0) return 0;
    this.set = set;
    const types = Buffer.alloc(8);
    for (const gpu of gpus) {
      if (this.nvml.call('nvmlDeviceGetSupportedEventTypes', gpu.handle, types.fill(0)) !== NVML.success) continue;
      const wanted = Number(types.readBigUInt64LE(0) & WANTED);
      if (wanted === 0) continue;
      if (this.nvml.call('nvmlDeviceRegisterEvents', gpu.handle, wanted, set) === NVML.success) {
        this.byHandle.set(gpu.handle, gpu);
      }
    }
    if (this.byHandle.size > 0) void this.run();
    return this.byHandle.size;
  }

  stop(): void {
    this.stopped = true;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      this.data.fill(0).writeUInt32LE(NONE, 24);
      this.data.writeUInt32LE(NONE, 28);
      const code = await this.nvml.callAside('nvmlEventSetWait', [this.set, this.data, WAIT_MS]);
      if (this.stopped) return;
      if (code === NVML.success) this.take();
      else if (code !== NVML.timeout) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** nvmlEventData_t: device, type, data (the Xid), GPU and compute instance. */
  private take(): void {
    const { data } = this;
    const gpu = this.byHandle.get(Number(data.readBigUInt64LE(0)));
    const type = data.readBigUInt64LE(8);
    const uuid = gpu?.uuid ?? '';
    if (type !== XID) {
      this.tell({ t: 'event', kind: OTHERS.get(type) ?? `type_${type}`, uuid });
      return;
    }
    const gpuInstance = data.readUInt32LE(24);
    const computeInstance = data.readUInt32LE(28);
    this.tell({
      t: 'xid',
      code: Number(data.readBigUInt64LE(16)),
      uuid,
      busId: gpu?.busId ?? '',
      ...(gpuInstance === NONE ? {} : { gpuInstance }),
      ...(computeInstance === NONE ? {} : { computeInstance }),
    });
  }
}
