import { metricId } from '@flotilla/domain';
import type { GpuSignals, Reading } from '../../collector.js';
import type { GpuDetail, GpuFacts, GpuReading, MigDetail } from '../../gpu/shape.js';
import { adviceSignals } from './advice.js';
import { Counters } from './counters.js';
import { DeviceReader, type DeviceReading } from './device-reader.js';
import { HOT_PROBES, SLOW_PROBES } from './device-values.js';
import { fabricSignals } from './fabric.js';
import { FieldReader, HOT_FIELDS, SLOW_FIELDS } from './field-metrics.js';
import { ACTIVITY_METRICS, GpmReader, hasGpm } from './gpm.js';
import { attributesOf, both, type GpuIdentity } from './identity.js';
import type { Handle, NvmlLibrary } from './library.js';
import { linksOf } from './links.js';
import { MigReader } from './mig.js';
import { ProcessTable } from './processes.js';
import { repairSignals } from './repairs.js';
import { faultWordsOf, NVML } from './return-codes.js';
import { vgpusOf } from './vgpus.js';

const PCIE: readonly (readonly [number, number])[] = [
  [metricId('pcie_tx'), 0],
  [metricId('pcie_rx'), 1],
];
const POWER = metricId('power_draw');
const INSTANT = metricId('power_draw_instant');
const out = Buffer.alloc(8);

export interface HotReading {
  readonly gpu: Omit<GpuReading, 'atMs' | 'facts'> & { readonly facts?: GpuFacts };
  /** By the uuid of the instance. */
  readonly mig: ReadonlyMap<string, ReadonlyMap<number, Reading>>;
  /** The code of the first fault, 0 where none was. */
  readonly fault: number;
  /** Nothing was answered at all. */
  readonly dead: boolean;
}

/** Reads one GPU of this host. */
export class GpuReader {
  private readonly device: DeviceReader;
  private readonly fields: FieldReader;
  private readonly slowFields: FieldReader;
  private readonly gpm: GpmReader | null;
  private readonly mig: MigReader;
  private readonly processes: ProcessTable;
  private migEnabled: boolean | undefined;
  private told = false;

  constructor(
    private readonly nvml: NvmlLibrary,
    private readonly handle: Handle,
    readonly identity: GpuIdentity,
  ) {
    this.device = new DeviceReader(nvml, handle);
    this.fields = new FieldReader(nvml, this.device, new Counters());
    this.slowFields = new FieldReader(nvml, this.device, new Counters());
    const measures = hasGpm(nvml, handle);
    this.gpm = measures ? new GpmReader(nvml, handle) : null;
    this.mig = new MigReader(nvml, handle, measures);
    this.processes = new ProcessTable(nvml, handle);
  }

  /** What is read at every interval. @param nowMs of a clock that does not jump */
  hot(nowMs: number): HotReading {
    const reading: DeviceReading = { values: new Map(), fault: 0, answered: 0 };
    const counters = new Map<number, Reading>();
    this.device.read(HOT_PROBES, reading);
    this.fields.read(HOT_FIELDS, reading, counters, nowMs);
    // Some drivers have the momentary draw alone.
    const instant = reading.values.get(INSTANT);
    if (reading.values.get(POWER) === 'unsupported' && typeof instant === 'number') reading.values.set(POWER, instant);
    if (this.gpm) this.gpm.read(reading.values, nowMs);
    else for (const id of ACTIVITY_METRICS) reading.values.set(id, 'unsupported');
    const mode = both(this.nvml, 'nvmlDeviceGetMigMode', this.handle);
    const enabled = mode ? mode[0] === 1 : undefined;
    const isNews = !this.told || enabled !== this.migEnabled;
    this.told = true;
    if (enabled !== this.migEnabled) {
      this.migEnabled = enabled;
      this.device.forget();
      this.mig.refresh(enabled === true);
    }
    const dead = reading.answered === 0 && reading.fault !== 0;
    return {
      gpu: {
        uuid: this.identity.uuid,
        ...(isNews
          ? { facts: { ...this.identity.facts, ...(enabled === undefined ? {} : { migEnabled: enabled }) } }
          : {}),
        values: reading.values,
        counters,
        signals: this.signals(reading.fault, dead),
      },
      mig: dead ? new Map() : this.mig.read(nowMs),
      fault: reading.fault,
      dead,
    };
  }

  /** Everything slow. */
  detail(cuda: number | null, nowMs: number): GpuDetail {
    const { nvml, handle } = this;
    const countsPcie = this.gpm !== null || !this.device.lacks('pcie_tx');
    this.device.forget();
    this.mig.refresh(this.migEnabled === true);
    const reading: DeviceReading = { values: new Map(), fault: 0, answered: 0 };
    this.device.read(SLOW_PROBES, reading);
    this.slowFields.read(SLOW_FIELDS, reading, new Map(), nowMs);
    const links = linksOf(nvml, handle);
    for (const [id, value] of links.values) reading.values.set(id, value);
    if (!countsPcie) this.pcieThroughput(reading.values);
    const down = links.nvlinks.filter((link) => !link.active).map((link) => link.index);
    return {
      uuid: this.identity.uuid,
      facts: this.identity.facts,
      attributes: attributesOf(nvml, handle, cuda),
      values: reading.values,
      signals: {
        ...repairSignals(nvml, handle),
        ...fabricSignals(nvml, handle),
        ...(links.nvlinks.length > 0 ? { inactiveNvlinks: down } : {}),
      },
      nvlinks: links.nvlinks,
      vgpus: vgpusOf(nvml, handle),
      mig: this.mig.found.map((m): MigDetail => ({
        index: m.index,
        gpuInstance: m.gpuInstance,
        computeInstance: m.computeInstance,
        uuid: m.uuid,
        ...(m.profile === undefined ? {} : { profile: m.profile }),
        attributes: m.multiprocessors === undefined ? {} : { multiprocessors: String(m.multiprocessors) },
        // Their values come with every round.
        values: new Map(),
      })),
      processes: this.processes.read(),
    };
  }

  close(): void {
    this.gpm?.close();
    this.mig.close();
  }

  private signals(fault: number, dead: boolean): GpuSignals {
    if (dead) return { unanswered: faultWordsOf(fault) };
    return {
      ...adviceSignals(this.nvml, this.handle),
      ...(fault === 0 ? {} : { fault: faultWordsOf(fault) }),
      ...(fault === NVML.resetRequired ? { resetRequired: true } : {}),
      ...(fault === NVML.corruptedInfoRom ? { infoRomCorrupted: true } : {}),
    };
  }

  /** Measured by the driver over 20 ms each: only where neither the byte counters nor the hardware's activity has it. */
  private pcieThroughput(values: Map<number, Reading>): void {
    for (const [id, direction] of PCIE) {
      const code = this.nvml.call('nvmlDeviceGetPcieThroughput', this.handle, direction, out);
      if (code === NVML.success) values.set(id, out.readUInt32LE(0));
    }
  }
}
