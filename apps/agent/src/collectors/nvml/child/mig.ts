import { metricId } from '@flotilla/domain';
import type { Reading } from '../../collector.js';
import { DeviceReader, type DeviceReading } from './device-reader.js';
import { MIG_PROBES } from './device-values.js';
import { GpmReader } from './gpm.js';
import type { Handle, NvmlLibrary } from './library.js';
import { NVML } from './return-codes.js';

/** A MIG instance as it is found: its place and its name. */
export interface MigFound {
  readonly index: number;
  readonly handle: Handle;
  readonly uuid: string;
  readonly gpuInstance: number;
  readonly computeInstance: number;
  readonly profile?: string;
  readonly multiprocessors?: number;
}

const GRAPHICS = metricId('graphics_engine_activity');
const BUSY = metricId('gpu_utilization');
const attributes = Buffer.alloc(64);

/** The instances of a GPU now; the numbers of MIG devices may have gaps. */
export function findMig(nvml: NvmlLibrary, gpu: Handle): MigFound[] {
  const most = nvml.uint('nvmlDeviceGetMaxMigDeviceCount', gpu) ?? 0;
  const found: MigFound[] = [];
  for (let index = 0; index < most; index++) {
    const handle = nvml.handle('nvmlDeviceGetMigDeviceHandleByIndex', gpu, index);
    if (handle <= 0) continue;
    const uuid = nvml.string('nvmlDeviceGetUUID', handle);
    const gpuInstance = nvml.uint('nvmlDeviceGetGpuInstanceId', handle);
    const computeInstance = nvml.uint('nvmlDeviceGetComputeInstanceId', handle);
    if (uuid === undefined || gpuInstance === null || computeInstance === null) continue;
    // "NVIDIA H100 80GB HBM3 MIG 1g.10gb"
    const profile = / MIG (\S+)$/.exec(nvml.string('nvmlDeviceGetName', handle) ?? '')?.[1];
    const sms = nvml.call('nvmlDeviceGetAttributes', handle, attributes.fill(0)) === NVML.success;
    found.push({
      index,
      handle,
      uuid,
      gpuInstance,
      computeInstance,
      ...(profile === undefined ? {} : { profile }),
      ...(sms ? { multiprocessors: attributes.readUInt32LE(0) } : {}),
    });
  }
  return found;
}

/** Reads the instances of one GPU: memory of each, and activity of each GPU instance where the board has the counters. */
export class MigReader {
  private instances: readonly MigFound[] = [];
  private readers = new Map<string, DeviceReader>();
  private readonly activity = new Map<number, GpmReader>();

  constructor(
    private readonly nvml: NvmlLibrary,
    private readonly gpu: Handle,
    private readonly hasGpm: boolean,
  ) {}

  get found(): readonly MigFound[] {
    return this.instances;
  }

  /** Looks which instances there are: an instance is made and destroyed while the driver runs. */
  refresh(enabled: boolean): void {
    this.instances = enabled ? findMig(this.nvml, this.gpu) : [];
    // A handle is good as long as its instance lives; a new instance of the same place has a new one.
    this.readers = new Map(this.instances.map((m) => [m.uuid, new DeviceReader(this.nvml, m.handle)]));
    const wanted = new Set(this.hasGpm ? this.instances.map((m) => m.gpuInstance) : []);
    for (const [id, reader] of this.activity) {
      if (wanted.has(id)) continue;
      reader.close();
      this.activity.delete(id);
    }
    for (const id of wanted) {
      if (!this.activity.has(id)) this.activity.set(id, new GpmReader(this.nvml, this.gpu, id));
    }
  }

  /** The instances' values now, by uuid. */
  read(nowMs: number): Map<string, Map<number, Reading>> {
    const activity = new Map<number, Map<number, Reading>>();
    for (const [id, reader] of this.activity) {
      const values = new Map<number, Reading>();
      reader.read(values, nowMs);
      activity.set(id, values);
    }
    const all = new Map<string, Map<number, Reading>>();
    for (const { uuid, gpuInstance } of this.instances) {
      const reading: DeviceReading = { values: new Map(), fault: 0, answered: 0 };
      this.readers.get(uuid)?.read(MIG_PROBES, reading);
      const measured = activity.get(gpuInstance);
      for (const [id, value] of measured ?? []) reading.values.set(id, value);
      // The driver has no utilisation of an instance; the share of time in which its engine was busy is the same question.
      const busy = measured?.get(GRAPHICS);
      if (busy !== undefined) reading.values.set(BUSY, busy);
      else if (!this.hasGpm) reading.values.set(BUSY, 'unsupported');
      all.set(uuid, reading.values);
    }
    return all;
  }

  close(): void {
    for (const reader of this.activity.values()) reader.close();
    this.activity.clear();
  }
}
