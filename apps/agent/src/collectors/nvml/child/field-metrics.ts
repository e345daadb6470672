import { metricId, type MetricName } from '@flotilla/domain';
import type { Reading } from '../../collector.js';
import type { Counters } from './counters.js';
import type { DeviceReader, DeviceReading } from './device-reader.js';
import { ALL_LINKS, FieldBatch, type FieldAnswer, type FieldName } from './fields.js';
import type { Handle, NvmlLibrary } from './library.js';
import { absenceOf, NVML } from './return-codes.js';

type Kind = 'value' | 'counter' | 'rate';

interface FieldMetric {
  readonly field: FieldName;
  readonly metric: MetricName;
  /**
   * value: as it is; counter: handed on as the driver counts it (the desk makes it a difference); rate: growth per second.
   */
  readonly kind: Kind;
  /** The driver's unit in the catalogue's: millijoules stay, nanoseconds become microseconds, KiB become kilobytes. */
  readonly factor: number;
  readonly scope?: number;
  /** Where the driver does not have it another way does, later in the same reading: then nothing is said here. */
  readonly hasOtherWay?: true;
}

const value = (field: FieldName, metric: MetricName, factor = 1): FieldMetric => ({
  field,
  metric,
  kind: 'value',
  factor,
});
const counter = (field: FieldName, metric: MetricName, factor: number): FieldMetric => ({
  field,
  metric,
  kind: 'counter',
  factor,
});

/** At every interval, with one call for all. */
export const HOT_FIELDS: readonly FieldMetric[] = [
  value('memoryTemperature', 'memory_temperature'),
  value('powerInstant', 'power_draw_instant', 0.001),
  value('retiredPending', 'retired_pages_pending'),
  value('remappedPending', 'remapped_rows_pending'),
  value('remappedFailure', 'remapped_rows_failure'),
  value('pcieReplays', 'pcie_replays'),
  counter('energy', 'energy', 1),
  counter('policyPower', 'throttled_power_cap', 0.001),
  counter('throttledSwThermal', 'throttled_sw_thermal', 0.001),
  counter('throttledHwThermal', 'throttled_hw_thermal', 0.001),
  counter('throttledPowerBrake', 'throttled_power_brake', 0.001),
  counter('policySyncBoost', 'throttled_sync_boost', 0.001),
  { field: 'nvlinkDataTx', metric: 'nvlink_tx', kind: 'rate', factor: 1.024, scope: ALL_LINKS },
  { field: 'nvlinkDataRx', metric: 'nvlink_rx', kind: 'rate', factor: 1.024, scope: ALL_LINKS },
  { field: 'pcieTxBytes', metric: 'pcie_tx', kind: 'rate', factor: 0.001, hasOtherWay: true },
  { field: 'pcieRxBytes', metric: 'pcie_rx', kind: 'rate', factor: 0.001, hasOtherWay: true },
];

/** Once a minute: they count damage, which is rare. */
export const SLOW_FIELDS: readonly FieldMetric[] = [
  value('retiredSingleBit', 'retired_pages_single_bit'),
  value('retiredDoubleBit', 'retired_pages_double_bit'),
  value('remappedCorrectable', 'remapped_rows_correctable'),
  value('remappedUncorrectable', 'remapped_rows_uncorrectable'),
];

const out = Buffer.alloc(16);
const rows = [Buffer.alloc(4), Buffer.alloc(4), Buffer.alloc(4), Buffer.alloc(4)] as const;

/** The same fact by an older call, for drivers that do not have it as a field. */
const OLDER_WAYS: Partial<Readonly<Record<FieldName, (nvml: NvmlLibrary, device: Handle) => FieldAnswer>>> = {
  energy: (nvml, device) => {
    const code = nvml.call('nvmlDeviceGetTotalEnergyConsumption', device, out.fill(0));
    return { code, value: Number(out.readBigUInt64LE(0)) };
  },
  pcieReplays: (nvml, device) => small(nvml.call('nvmlDeviceGetPcieReplayCounter', device, out.fill(0))),
  retiredPending: (nvml, device) => small(nvml.call('nvmlDeviceGetRetiredPagesPendingStatus', device, out.fill(0))),
  retiredSingleBit: (nvml, device) => retiredPages(nvml, device, 0),
  retiredDoubleBit: (nvml, device) => retiredPages(nvml, device, 1),
  remappedCorrectable: (nvml, device) => remappedRows(nvml, device, 0),
  remappedUncorrectable: (nvml, device) => remappedRows(nvml, device, 1),
  remappedPending: (nvml, device) => remappedRows(nvml, device, 2),
  remappedFailure: (nvml, device) => remappedRows(nvml, device, 3),
  policyPower: (nvml, device) => violation(nvml, device, 0),
  // what older drivers call the thermal policy is the slowdown by software
  throttledSwThermal: (nvml, device) => violation(nvml, device, 1),
  policySyncBoost: (nvml, device) => violation(nvml, device, 2),
};

const small = (code: number): FieldAnswer => ({ code, value: out.readUInt32LE(0) });

/** nvmlViolationTime_t: reference time, then the nanoseconds. */
function violation(nvml: NvmlLibrary, device: Handle, policy: number): FieldAnswer {
  const code = nvml.call('nvmlDeviceGetViolationStatus', device, policy, out.fill(0));
  return { code, value: Number(out.readBigUInt64LE(8)) };
}

function remappedRows(nvml: NvmlLibrary, device: Handle, which: 0 | 1 | 2 | 3): FieldAnswer {
  const code = nvml.call('nvmlDeviceGetRemappedRows', device, ...rows);
  return { code, value: rows[which].readUInt32LE(0) };
}

/** Asked for no room the driver answers how many there are. @param cause 0 single bit errors, 1 a double bit error */
function retiredPages(nvml: NvmlLibrary, device: Handle, cause: 0 | 1): FieldAnswer {
  out.fill(0);
  const code = nvml.call('nvmlDeviceGetRetiredPages', device, cause, out, out.subarray(8));
  return { code: code === NVML.insufficientSize ? NVML.success : code, value: out.readUInt32LE(0) };
}

/** Reads fields of one device and puts them where they belong. */
export class FieldReader {
  private batch = new FieldBatch([]);
  private batchOf: readonly FieldMetric[] = [];

  constructor(
    private readonly nvml: NvmlLibrary,
    private readonly device: DeviceReader,
    private readonly counters: Counters,
  ) {}

  read(fields: readonly FieldMetric[], into: DeviceReading, raw: Map<number, Reading>, nowMs: number): void {
    const asked = fields.filter((f) => !this.device.lacks(f.metric));
    for (const f of fields) if (!asked.includes(f)) this.put(f, 'unsupported', into, raw);
    if (asked.length !== this.batchOf.length || asked.some((f, i) => f !== this.batchOf[i])) {
      this.batchOf = asked;
      this.batch = new FieldBatch(asked.map((f) => ({ field: f.field, scope: f.scope ?? 0 })));
    }
    this.batch.read(this.nvml, this.device.handle).forEach((answer, i) => {
      const field = asked[i] as FieldMetric;
      this.take(field, this.orOlder(field, answer), into, raw, nowMs);
    });
  }

  private orOlder(field: FieldMetric, answer: FieldAnswer): FieldAnswer {
    const older = OLDER_WAYS[field.field];
    if (answer.code === NVML.success || !older || absenceOf(answer.code) !== 'unsupported') return answer;
    return older(this.nvml, this.device.handle);
  }

  private take(
    f: FieldMetric,
    answer: FieldAnswer,
    into: DeviceReading,
    raw: Map<number, Reading>,
    nowMs: number,
  ): void {
    if (answer.code !== NVML.success) {
      const absence = absenceOf(answer.code);
      if (absence === 'fault') into.fault ||= answer.code;
      else this.device.markLacking(f.metric, absence);
      this.put(f, absence, into, raw);
      return;
    }
    into.answered += 1;
    if (f.kind !== 'rate') return this.put(f, answer.value * f.factor, into, raw);
    const grown = this.counters.since(f.metric, answer.value, nowMs);
    // The first reading of a counter is no rate yet: no value, and no absence either.
    if (grown) this.put(f, (grown.by * f.factor * 1000) / grown.ms, into, raw);
  }

  private put(f: FieldMetric, reading: Reading, into: DeviceReading, raw: Map<number, Reading>): void {
    if (reading === 'unsupported' && f.hasOtherWay) return;
    (f.kind === 'counter' ? raw : into.values).set(metricId(f.metric), reading);
  }
}
