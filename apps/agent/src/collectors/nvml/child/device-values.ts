import type { MetricName } from '@flotilla/domain';
import type { Reading } from '../../collector.js';
import type { Handle, NvmlLibrary } from './library.js';
import type { NvmlFunction } from './prototypes.js';
import { absenceOf, NVML } from './return-codes.js';

/** Where one probe puts what it read. */
export type Put = (metric: MetricName, value: Reading) => void;

/** One call (or two with a fallback) and the metrics that come of it. */
export interface Probe {
  readonly name: string;
  readonly metrics: readonly MetricName[];
  /** Returns NVML's code; puts values only with success. */
  read(nvml: NvmlLibrary, device: Handle, put: Put): number;
}

/** Room for the largest small answer; every call is over before the next begins. */
const out = Buffer.alloc(96);
const second = Buffer.alloc(8);
const MIB = 1024 * 1024;
/** "Not available" of 32 and 64 bits, which some calls write beside a success. */
const ALL_ONES = 0xffffffff;
const ALL_ONES_64 = 0xffffffffffffffffn;

/** A 32-bit number as it stands, or in a larger unit. */
function uint(metric: MetricName, name: NvmlFunction, divisor = 1, ...before: readonly number[]): Probe {
  return {
    name: `${name}(${before.join()})`,
    metrics: [metric],
    read(nvml, device, put) {
      out.fill(0, 0, 8);
      const code = nvml.call(name, device, ...before, out);
      const value = out.readUInt32LE(0);
      if (code === NVML.success) put(metric, value === ALL_ONES ? 'unsupported' : value / divisor);
      return code;
    },
  };
}

/** The utilisation of an engine: percent, and the sampling period that nobody asks for. */
function engine(metric: MetricName, name: NvmlFunction): Probe {
  return {
    name,
    metrics: [metric],
    read(nvml, device, put) {
      const code = nvml.call(name, device, out, second);
      if (code === NVML.success) put(metric, out.readUInt32LE(0));
      return code;
    },
  };
}

const mib = (bytes: bigint): Reading => (bytes === ALL_ONES_64 ? 'unsupported' : Number(bytes) / MIB);

/** nvmlMemory_v2_t is 40 bytes long; older drivers have only the first version, whose "used" includes what is reserved. */
const MEMORY_V2 = (2 << 24) | 40;
export const memory: Probe = {
  name: 'memory',
  metrics: ['memory_total_mib', 'memory_used_mib', 'memory_free_mib', 'memory_reserved_mib'],
  read(nvml, device, put) {
    out.fill(0, 0, 40).writeUInt32LE(MEMORY_V2, 0);
    const code = nvml.call('nvmlDeviceGetMemoryInfo_v2', device, out);
    if (code === NVML.success) {
      put('memory_total_mib', mib(out.readBigUInt64LE(8)));
      put('memory_reserved_mib', mib(out.readBigUInt64LE(16)));
      put('memory_free_mib', mib(out.readBigUInt64LE(24)));
      put('memory_used_mib', mib(out.readBigUInt64LE(32)));
      return code;
    }
    if (absenceOf(code) !== 'unsupported') return code;
    out.fill(0, 0, 24);
    const older = nvml.call('nvmlDeviceGetMemoryInfo', device, out);
    if (older !== NVML.success) return older;
    put('memory_total_mib', mib(out.readBigUInt64LE(0)));
    put('memory_free_mib', mib(out.readBigUInt64LE(8)));
    put('memory_used_mib', mib(out.readBigUInt64LE(16)));
    put('memory_reserved_mib', 'unsupported');
    return older;
  },
};

const bar1: Probe = {
  name: 'bar1',
  metrics: ['bar1_used_mib'],
  read(nvml, device, put) {
    out.fill(0, 0, 24);
    const code = nvml.call('nvmlDeviceGetBAR1MemoryInfo', device, out);
    if (code === NVML.success) put('bar1_used_mib', mib(out.readBigUInt64LE(16)));
    return code;
  },
};

const utilisation: Probe = {
  name: 'utilisation',
  metrics: ['gpu_utilization', 'memory_controller_utilization'],
  read(nvml, device, put) {
    const code = nvml.call('nvmlDeviceGetUtilizationRates', device, out);
    if (code === NVML.success) {
      put('gpu_utilization', out.readUInt32LE(0));
      put('memory_controller_utilization', out.readUInt32LE(4));
    }
    return code;
  },
};

/** nvmlTemperature_v1_t: version, sensor (0: the GPU), degrees. */
const TEMPERATURE_V1 = (1 << 24) | 12;
const temperature: Probe = {
  name: 'temperature',
  metrics: ['temperature'],
  read(nvml, device, put) {
    out.fill(0, 0, 12).writeUInt32LE(TEMPERATURE_V1, 0);
    let code = nvml.call('nvmlDeviceGetTemperatureV', device, out);
    if (code === NVML.success) put('temperature', out.readInt32LE(8));
    else if (absenceOf(code) === 'unsupported') {
      code = nvml.call('nvmlDeviceGetTemperature', device, 0, out);
      if (code === NVML.success) put('temperature', out.readUInt32LE(0));
    }
    return code;
  },
};

const MARGIN_V1 = (1 << 24) | 8;
const margin: Probe = {
  name: 'margin',
  metrics: ['temperature_margin'],
  read(nvml, device, put) {
    out.fill(0, 0, 8).writeUInt32LE(MARGIN_V1, 0);
    const code = nvml.call('nvmlDeviceGetMarginTemperature', device, out);
    if (code === NVML.success) put('temperature_margin', out.readInt32LE(4));
    return code;
  },
};

/** 32 is "unknown"; the states are 0 to 15. */
const performanceState: Probe = {
  name: 'performance state',
  metrics: ['performance_state'],
  read(nvml, device, put) {
    const code = nvml.call('nvmlDeviceGetPerformanceState', device, out);
    const state = out.readUInt32LE(0);
    if (code === NVML.success) put('performance_state', state <= 15 ? state : 'unsupported');
    return code;
  },
};

/** The metric holds 24 bits exactly; NVML uses the lowest nine. */
const reasons: Probe = {
  name: 'reasons',
  metrics: ['throttle_reasons'],
  read(nvml, device, put) {
    out.fill(0, 0, 8);
    const code = nvml.call('nvmlDeviceGetCurrentClocksEventReasons', device, out);
    if (code === NVML.success) put('throttle_reasons', Number(out.readBigUInt64LE(0) & 0xffffffn));
    return code;
  },
};

/** @param kind 0 corrected, 1 uncorrected; @param counter 0 volatile, 1 aggregate */
function ecc(metric: MetricName, kind: 0 | 1, counter: 0 | 1): Probe {
  return {
    name: metric,
    metrics: [metric],
    read(nvml, device, put) {
      out.fill(0, 0, 8);
      const code = nvml.call('nvmlDeviceGetTotalEccErrors', device, kind, counter, out);
      const count = out.readBigUInt64LE(0);
      if (code === NVML.success) put(metric, count === ALL_ONES_64 ? 'unsupported' : Number(count));
      return code;
    },
  };
}

/** All memory of an instance that is not DRAM: location 7 (SRAM), uncorrected, since the driver was loaded. */
const instanceEcc: Probe = {
  name: 'ecc of an instance',
  metrics: ['ecc_errors_uncorrected'],
  read(nvml, device, put) {
    out.fill(0, 0, 8);
    const code = nvml.call('nvmlDeviceGetMemoryErrorCounter', device, 1, 0, 7, out);
    if (code === NVML.success) put('ecc_errors_uncorrected', Number(out.readBigUInt64LE(0)));
    return code;
  },
};

/** What is read at every interval by a call of its own; the rest comes as field values (fields.ts). */
export const HOT_PROBES: readonly Probe[] = [
  utilisation,
  memory,
  temperature,
  margin,
  uint('power_draw', 'nvmlDeviceGetPowerUsage', 1000),
  uint('power_limit', 'nvmlDeviceGetEnforcedPowerLimit', 1000),
  uint('graphics_clock', 'nvmlDeviceGetClockInfo', 1, 0),
  uint('sm_clock', 'nvmlDeviceGetClockInfo', 1, 1),
  uint('memory_clock', 'nvmlDeviceGetClockInfo', 1, 2),
  uint('video_clock', 'nvmlDeviceGetClockInfo', 1, 3),
  performanceState,
  reasons,
  uint('fan_speed', 'nvmlDeviceGetFanSpeed'),
  engine('encoder_utilization', 'nvmlDeviceGetEncoderUtilization'),
  engine('decoder_utilization', 'nvmlDeviceGetDecoderUtilization'),
  engine('jpeg_utilization', 'nvmlDeviceGetJpgUtilization'),
  engine('ofa_utilization', 'nvmlDeviceGetOfaUtilization'),
  ecc('ecc_errors_corrected', 0, 0),
  ecc('ecc_errors_uncorrected', 1, 0),
  uint('pcie_generation', 'nvmlDeviceGetCurrPcieLinkGeneration'),
  uint('pcie_width', 'nvmlDeviceGetCurrPcieLinkWidth'),
];

/** What changes rarely or costs much: once a minute. */
export const SLOW_PROBES: readonly Probe[] = [
  bar1,
  ecc('ecc_errors_corrected_aggregate', 0, 1),
  ecc('ecc_errors_uncorrected_aggregate', 1, 1),
];

/** What a MIG instance can be asked by itself. */
export const MIG_PROBES: readonly Probe[] = [memory, bar1, instanceEcc];
