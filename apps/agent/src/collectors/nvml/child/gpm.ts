import { metricId, type MetricName } from '@flotilla/domain';
import type { Reading } from '../../collector.js';
import type { Handle, NvmlLibrary } from './library.js';
import { NVML } from './return-codes.js';

/** What is asked of the hardware's own counters: NVML_GPM_METRIC_... and the factor to the catalogue's unit. */
const METRICS: readonly { readonly gpm: number; readonly metric: MetricName; readonly factor: number }[] = [
  { gpm: 1, metric: 'graphics_engine_activity', factor: 1 },
  { gpm: 2, metric: 'sm_activity', factor: 1 },
  { gpm: 3, metric: 'sm_occupancy', factor: 1 },
  { gpm: 5, metric: 'tensor_activity', factor: 1 },
  { gpm: 11, metric: 'fp64_activity', factor: 1 },
  { gpm: 12, metric: 'fp32_activity', factor: 1 },
  { gpm: 13, metric: 'fp16_activity', factor: 1 },
  { gpm: 10, metric: 'dram_activity', factor: 1 },
  // MiB per second; only where the byte counters are not to be had
  { gpm: 20, metric: 'pcie_tx', factor: 1048.576 },
  { gpm: 21, metric: 'pcie_rx', factor: 1048.576 },
  { gpm: 61, metric: 'nvlink_tx', factor: 1048.576 },
  { gpm: 60, metric: 'nvlink_rx', factor: 1048.576 },
];
const ACTIVITY = METRICS.slice(0, 8);
export const ACTIVITY_METRICS: readonly number[] = ACTIVITY.map(({ metric }) => metricId(metric));

/** nvmlGpmMetric_t: u32 metric, u32 code, double, three pointers. Before them: version, count, two samples. */
const ENTRY = 40;
const HEADER = 24;
/** The library may look at the whole of nvmlGpmMetricsGet_t: 333 entries in the newest header. */
const REQUEST_BYTES = HEADER + 333 * ENTRY;
const METRICS_GET_V1 = 1;
const SUPPORT_V1 = 1;

/** NVIDIA: "the two samples should be at least one second apart"; a timer may be early by a little. */
const WINDOW_MS = 950;

/** Whether a board has the counters (Hopper and newer). On a vGPU or without rights it says no or fails, which is the same. */
export function hasGpm(nvml: NvmlLibrary, device: Handle): boolean {
  const out = Buffer.alloc(8);
  out.writeUInt32LE(SUPPORT_V1, 0);
  const code = nvml.call('nvmlGpmQueryDeviceSupport', device, out);
  return code === NVML.success && out.readUInt32LE(4) !== 0;
}

/**
 * Activity of one GPU, or of one MIG GPU instance, between two samples of the hardware's counters. The samples are memory
 * of the library: two per device, allocated once and used in turn.
 */
export class GpmReader {
  private samples: [Handle, Handle] | null = null;
  private newestMs = Number.NEGATIVE_INFINITY;
  private readonly request = Buffer.alloc(REQUEST_BYTES);
  private readonly metrics;

  /** @param gpuInstance the id of a MIG GPU instance; absent: the whole GPU */
  constructor(
    private readonly nvml: NvmlLibrary,
    private readonly gpu: Handle,
    private readonly gpuInstance?: number,
  ) {
    this.metrics = gpuInstance === undefined ? METRICS : ACTIVITY;
  }

  /** Adds what it has; nothing at the first call, and nothing while the window is too short. */
  read(into: Map<number, Reading>, nowMs: number): void {
    if (nowMs - this.newestMs < WINDOW_MS) return;
    this.samples ??= this.allocate();
    if (!this.samples) return;
    const [older, newer] = this.samples;
    if (this.take(older) !== NVML.success) {
      this.newestMs = Number.NEGATIVE_INFINITY;
      return;
    }
    // What was overwritten is the newest now.
    this.samples = [newer, older];
    const first = this.newestMs === Number.NEGATIVE_INFINITY;
    this.newestMs = nowMs;
    if (!first) this.compare(newer, older, into);
  }

  /** Gives the memory back. */
  close(): void {
    for (const sample of this.samples ?? []) this.nvml.call('nvmlGpmSampleFree', sample);
    this.samples = null;
  }

  private allocate(): [Handle, Handle] | null {
    const first = this.nvml.handle('nvmlGpmSampleAlloc');
    const second = this.nvml.handle('nvmlGpmSampleAlloc');
    return first > 0 && second > 0 ? [first, second] : null;
  }

  private take(sample: Handle): number {
    return this.gpuInstance === undefined
      ? this.nvml.call('nvmlGpmSampleGet', this.gpu, sample)
      : this.nvml.call('nvmlGpmMigSampleGet', this.gpu, this.gpuInstance, sample);
  }

  private compare(from: Handle, to: Handle, into: Map<number, Reading>): void {
    const { request, metrics } = this;
    request.fill(0, 0, HEADER + metrics.length * ENTRY);
    request.writeUInt32LE(METRICS_GET_V1, 0);
    request.writeUInt32LE(metrics.length, 4);
    request.writeBigUInt64LE(BigInt(from), 8);
    request.writeBigUInt64LE(BigInt(to), 16);
    metrics.forEach(({ gpm }, i) => request.writeUInt32LE(gpm, HEADER + i * ENTRY));
    if (this.nvml.call('nvmlGpmMetricsGet', request) !== NVML.success) return;
    metrics.forEach(({ metric, factor }, i) => {
      const at = HEADER + i * ENTRY;
      const value = request.readDoubleLE(at + 8);
      if (request.readUInt32LE(at + 4) !== NVML.success || !Number.isFinite(value)) return;
      const id = metricId(metric);
      if (typeof into.get(id) !== 'number') into.set(id, value * factor);
    });
  }
}
