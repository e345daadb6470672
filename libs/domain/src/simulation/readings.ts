import { STATS } from '../telemetry/minute-aggregates.js';
import { metricId } from '../telemetry/catalogue.js';
import type { DeviceMinute } from '../telemetry/device-minute.js';
import type { SimulatedGpu, SimulatedInstance } from './fleet.js';
import { between, mix, smoothNoise, unit } from './random.js';
import { clamp, loadAt } from './workloads.js';
import type { GpuLoad } from './workloads.js';

/** What nvidia-smi tells of a whole GPU that is not divided, in the order of `gpuReading`. */
const WHOLE_GPU = [
  metricId('gpu_utilization'),
  metricId('memory_utilization'),
  metricId('memory_controller_utilization'),
  metricId('memory_used_mib'),
  metricId('memory_total_mib'),
  metricId('temperature'),
  metricId('power_draw'),
  metricId('power_limit'),
  metricId('sm_clock'),
  metricId('memory_clock'),
  metricId('ecc_errors_uncorrected'),
  metricId('throttle_reasons'),
];
const HOST = [
  metricId('cpu_utilization'),
  metricId('host_memory_utilization'),
  metricId('disk_utilization'),
  metricId('network_rx'),
  metricId('network_tx'),
];
// With MIG on, the driver gives no utilization for the GPU, and for a slice it gives the memory only.
const DIVIDED = WHOLE_GPU.filter((id) => id !== WHOLE_GPU[0] && id !== WHOLE_GPU[2]);
const SLICE = [metricId('memory_utilization'), metricId('memory_used_mib'), metricId('memory_total_mib')];
const rowsOf = (metrics: readonly number[]) => metrics.map((id) => WHOLE_GPU.indexOf(id));
const ROWS = { whole: rowsOf(WHOLE_GPU), divided: rowsOf(DIVIDED), slice: rowsOf(SLICE) };

const IDLE = 0x1;
const POWER_CAP = 0x4;
const THERMAL_SLOWDOWN = 0x20 | 0x40;

/** The metrics that this device has values for, ascending. */
export function simulatedMetrics(gpu: SimulatedGpu): readonly number[] {
  return gpu.kind === 'mig' ? SLICE : gpu.migEnabled ? DIVIDED : WHOLE_GPU;
}
export const SIMULATED_HOST_METRICS: readonly number[] = HOST;

const rowsFor = (gpu: SimulatedGpu) => (gpu.kind === 'mig' ? ROWS.slice : gpu.migEnabled ? ROWS.divided : ROWS.whole);

const scratch = new Float64Array(WHOLE_GPU.length);

/**
 * What the driver of this GPU would print, into `out`, in the order of WHOLE_GPU, rounded as nvidia-smi rounds.
 *
 * @param share of the second in which a kernel ran, 0 to 1
 * @param warmth between -1 and 1: what the air of the room does
 */
function gpuReading(
  gpu: SimulatedGpu,
  load: GpuLoad,
  share: number,
  warmth: number,
  atS: number,
  out: Float64Array,
): void {
  const { model } = gpu;
  const busy = share > 0.002;
  const held = load.memory > 0 ? load.memory : 0.0055;
  const throttled = gpu.sick && share > 0.3;
  // a context that holds memory keeps the clocks, and with them the power, up
  const floorWatts = model.idleWatts + (load.memory > 0 ? 0.065 * (model.powerLimitWatts - model.idleWatts) : 0);
  const watts = floorWatts + (model.powerLimitWatts * (throttled ? 0.71 : 0.99) - floorWatts) * share ** 0.82;
  out[0] = Math.round((throttled ? share * 0.83 : share) * 100);
  out[1] = Math.round(held * 1000) / 10;
  out[2] = Math.round(share * 58);
  out[3] = Math.round(held * gpu.memoryTotalMib);
  out[4] = gpu.memoryTotalMib;
  out[5] = Math.round(27 + (36 * watts) / model.powerLimitWatts + 2.5 * warmth + (gpu.sick ? 24 : 0));
  out[6] = Math.round(watts * 100) / 100;
  out[7] = model.powerLimitWatts;
  out[8] = throttled ? 1_095 : busy || load.memory > 0 ? model.smClockMhz : Math.round(model.smClockMhz * 0.174);
  out[9] = model.memoryClockMhz;
  out[10] = gpu.sick ? eccErrors(gpu.seed, atS) : 0;
  out[11] = throttled ? THERMAL_SLOWDOWN : !busy ? IDLE : watts > model.powerLimitWatts * 0.97 ? POWER_CAP : 0;
}

/** A counter since the driver was loaded (once in 11 days here): five errors a day, and never fewer than before. */
const eccErrors = (seed: number, atS: number): number =>
  Math.floor((((atS % (11 * 86_400)) / 86_400) * 5 * (900 + (seed % 200))) / 1000);

const shareAt = (load: GpuLoad, seed: number, atS: number): number =>
  load.utilization === 0 ? 0 : clamp(load.utilization + load.spread * (2 * unit(seed, atS, 61) - 1));

/**
 * One minute of samples of one GPU or MIG instance.
 *
 * @param minuteS Unix seconds, a multiple of 60
 * @param intervalS seconds between two samples, a divisor of 60
 */
export function simulateGpuMinute(
  instance: SimulatedInstance,
  gpu: SimulatedGpu,
  minuteS: number,
  intervalS: number,
): DeviceMinute {
  const load = loadAt(instance.plan, gpu.seed, minuteS);
  const warmth = smoothNoise(instance.seed, minuteS / 2_400);
  const rows = rowsFor(gpu);
  return samples(simulatedMetrics(gpu), minuteS, intervalS, (atS, values, at, width) => {
    gpuReading(gpu, load, shareAt(load, gpu.seed, atS), warmth, atS, scratch);
    for (let m = 0; m < rows.length; m++) values[m * width + at] = scratch[rows[m]!]!;
  });
}

/** One minute of samples of the host itself. */
export function simulateHostMinute(instance: SimulatedInstance, minuteS: number, intervalS: number): DeviceMinute {
  const load = loadAt(instance.plan, instance.seed, minuteS);
  return samples(HOST, minuteS, intervalS, (atS, values, at, width) => {
    hostReading(instance, load, shareAt(load, instance.seed, atS), atS, scratch);
    for (let m = 0; m < HOST.length; m++) values[m * width + at] = scratch[m]!;
  });
}

function hostReading(instance: SimulatedInstance, load: GpuLoad, share: number, atS: number, out: Float64Array): void {
  const { seed } = instance;
  const training = instance.plan.workload === 'training' || instance.plan.workload === 'pretraining';
  const dice = unit(seed, atS, 71);
  out[0] = Math.round((1.5 + share * 31 + dice * 3) * 10) / 10;
  out[1] = Math.round((6 + load.memory * 38 + smoothNoise(seed, atS / 3_600)) * 10) / 10;
  out[2] = Math.round((31 + 40 * unit(seed, 73) + ((atS / 86_400) % 14) * 0.6) * 10) / 10;
  // collective operations of a training job run both ways, requests come and answers go
  const bytes = share * (training ? 9.5e9 : 2.2e8) * (0.85 + 0.3 * dice);
  out[3] = Math.round(4_000 + bytes);
  out[4] = Math.round(3_000 + bytes * (training ? 1 : 0.35));
}

type Fill = (atS: number, values: Float32Array, at: number, width: number) => void;

function samples(metrics: readonly number[], minuteS: number, intervalS: number, fill: Fill): DeviceMinute {
  const seconds = new Uint8Array(Math.floor(60 / intervalS));
  const values = new Float32Array(metrics.length * seconds.length);
  for (let i = 0; i < seconds.length; i++) {
    seconds[i] = i * intervalS;
    fill(minuteS + i * intervalS, values, i, seconds.length);
  }
  return { minuteS, intervalS, metrics, seconds, values };
}

const low = new Float64Array(WHOLE_GPU.length);
const high = new Float64Array(WHOLE_GPU.length);

/**
 * The same minute in short: min, avg, max, count of each metric of `simulatedMetrics(gpu)`, without making the samples.
 *
 * @param stats room for metrics × STATS numbers from `at` on
 */
export function simulateGpuAggregates(
  instance: SimulatedInstance,
  gpu: SimulatedGpu,
  minuteS: number,
  intervalS: number,
  stats: Float32Array,
  at = 0,
): void {
  const load = loadAt(instance.plan, gpu.seed, minuteS);
  const warmth = smoothNoise(instance.seed, minuteS / 2_400);
  const { utilization } = load;
  const reach = utilization === 0 ? 0 : load.spread * between(0.8, 1, gpu.seed, minuteS, 67);
  gpuReading(gpu, load, utilization, warmth, minuteS + 30, scratch);
  gpuReading(gpu, load, clamp(utilization - reach), warmth, minuteS, low);
  gpuReading(gpu, load, clamp(utilization + reach), warmth, minuteS + 59, high);
  shorten(rowsFor(gpu), Math.floor(60 / intervalS), stats, at);
}

/** The host's minute in short: min, avg, max, count of each of SIMULATED_HOST_METRICS. */
export function simulateHostAggregates(
  instance: SimulatedInstance,
  minuteS: number,
  intervalS: number,
  stats: Float32Array,
  at = 0,
): void {
  const load = loadAt(instance.plan, instance.seed, minuteS);
  const reach = load.utilization === 0 ? 0 : load.spread * 0.9;
  hostReading(instance, load, load.utilization, minuteS + 30, scratch);
  hostReading(instance, load, clamp(load.utilization - reach), minuteS, low);
  hostReading(instance, load, clamp(load.utilization + reach), minuteS + 59, high);
  shorten([0, 1, 2, 3, 4], Math.floor(60 / intervalS), stats, at);
}

function shorten(rows: readonly number[], count: number, stats: Float32Array, at: number): void {
  for (let m = 0; m < rows.length; m++) {
    const row = rows[m]!;
    const avg = scratch[row]!;
    const to = at + m * STATS;
    // a bitmask has the bits that were set throughout and those that were set at any time
    const mask = WHOLE_GPU[row] === WHOLE_GPU.at(-1) && rows.length > 5;
    stats[to] = mask ? low[row]! & avg & high[row]! : Math.min(low[row]!, avg, high[row]!);
    stats[to + 1] = mask ? low[row]! | avg | high[row]! : avg;
    stats[to + 2] = mask ? stats[to + 1]! : Math.max(low[row]!, avg, high[row]!);
    stats[to + 3] = count;
  }
}

/** The fault that a sick GPU shows, as an agent reports it; null for a healthy one. */
export function simulatedHealth(gpu: SimulatedGpu): { health: 'healthy' | 'unhealthy'; reason: string | null } {
  if (!gpu.sick) return { health: 'healthy', reason: null };
  const row = mix(gpu.seed, 79) % 4096;
  return {
    health: 'unhealthy',
    reason: `uncorrectable memory errors are growing (row remapping pending, bank row ${row}) and the GPU slows itself down for heat`,
  };
}
