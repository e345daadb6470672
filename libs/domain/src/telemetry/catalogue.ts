/**
 * The metrics that Flotilla keeps, by number.
 *
 * The number is on the wire (proto DeviceMinute.metrics) and on disk (the order of a stored minute), so this list only
 * grows at its end: a number is never given again, a name never changes its meaning.
 */
export const METRIC_CATALOGUE = [
  { id: 1, name: 'gpu_utilization', unit: 'percent', of: 'gpu' },
  // used ÷ total; the share of time the memory controller was busy is memory_controller_utilization
  { id: 2, name: 'memory_utilization', unit: 'percent', of: 'gpu' },
  { id: 3, name: 'memory_controller_utilization', unit: 'percent', of: 'gpu' },
  { id: 4, name: 'memory_used_mib', unit: 'mebibytes', of: 'gpu' },
  { id: 5, name: 'memory_total_mib', unit: 'mebibytes', of: 'gpu' },
  { id: 6, name: 'temperature', unit: 'celsius', of: 'gpu' },
  { id: 7, name: 'power_draw', unit: 'watts', of: 'gpu' },
  { id: 8, name: 'power_limit', unit: 'watts', of: 'gpu' },
  { id: 9, name: 'sm_clock', unit: 'megahertz', of: 'gpu' },
  { id: 10, name: 'memory_clock', unit: 'megahertz', of: 'gpu' },
  { id: 11, name: 'fan_speed', unit: 'percent', of: 'gpu' },
  { id: 12, name: 'encoder_utilization', unit: 'percent', of: 'gpu' },
  { id: 13, name: 'decoder_utilization', unit: 'percent', of: 'gpu' },
  // a counter since the driver was loaded (NVML volatile total)
  { id: 14, name: 'ecc_errors_uncorrected', unit: 'count', of: 'gpu' },
  { id: 15, name: 'pcie_rx', unit: 'kilobytes_per_second', of: 'gpu' },
  { id: 16, name: 'pcie_tx', unit: 'kilobytes_per_second', of: 'gpu' },
  // NVML clocks event reasons; exact below 2^24, which leaves room beside the bits 0 to 8 in use
  { id: 17, name: 'throttle_reasons', unit: 'bitmask', of: 'gpu' },
  { id: 18, name: 'cpu_utilization', unit: 'percent', of: 'host' },
  { id: 19, name: 'host_memory_utilization', unit: 'percent', of: 'host' },
  { id: 20, name: 'disk_utilization', unit: 'percent', of: 'host' },
  { id: 21, name: 'network_rx', unit: 'bytes_per_second', of: 'host' },
  { id: 22, name: 'network_tx', unit: 'bytes_per_second', of: 'host' },
  { id: 23, name: 'error_rate', unit: 'per_second', of: 'host' },

  // ---- engines, share of time busy
  { id: 24, name: 'jpeg_utilization', unit: 'percent', of: 'gpu' },
  { id: 25, name: 'ofa_utilization', unit: 'percent', of: 'gpu' },

  // ---- memory: total = reserved (by driver and firmware) + used + free where the driver tells them apart
  { id: 26, name: 'memory_reserved_mib', unit: 'mebibytes', of: 'gpu' },
  { id: 27, name: 'memory_free_mib', unit: 'mebibytes', of: 'gpu' },
  { id: 28, name: 'bar1_used_mib', unit: 'mebibytes', of: 'gpu' },

  // ---- heat and power
  { id: 29, name: 'memory_temperature', unit: 'celsius', of: 'gpu' },
  // degrees left until the GPU slows itself down (T.Limit); below 0 it does
  { id: 30, name: 'temperature_margin', unit: 'celsius', of: 'gpu' },
  // the momentary draw; power_draw is the driver's mean over the last second where the board has both
  { id: 31, name: 'power_draw_instant', unit: 'watts', of: 'gpu' },
  // energy since the sample before, so that the samples of a span add up to its energy; the driver's counter since it was
  // loaded is in the billions of millijoules, which float32 cannot hold
  { id: 32, name: 'energy', unit: 'joules', of: 'gpu' },

  // ---- clocks
  { id: 33, name: 'graphics_clock', unit: 'megahertz', of: 'gpu' },
  { id: 34, name: 'video_clock', unit: 'megahertz', of: 'gpu' },
  // P0 (fastest) to P15
  { id: 35, name: 'performance_state', unit: 'level', of: 'gpu' },

  // ---- share of the time since the sample before in which the clocks were held back, by reason (from the driver's counters)
  { id: 36, name: 'throttled_power_cap', unit: 'percent', of: 'gpu' },
  { id: 37, name: 'throttled_sw_thermal', unit: 'percent', of: 'gpu' },
  { id: 38, name: 'throttled_hw_thermal', unit: 'percent', of: 'gpu' },
  { id: 39, name: 'throttled_power_brake', unit: 'percent', of: 'gpu' },
  { id: 40, name: 'throttled_sync_boost', unit: 'percent', of: 'gpu' },

  // ---- memory errors: counters since the driver was loaded (14 and 41) or over the life of the board (aggregate).
  // Every count is exact below 2^24 and within a ten-millionth above
  { id: 41, name: 'ecc_errors_corrected', unit: 'count', of: 'gpu' },
  { id: 42, name: 'ecc_errors_corrected_aggregate', unit: 'count', of: 'gpu' },
  { id: 43, name: 'ecc_errors_uncorrected_aggregate', unit: 'count', of: 'gpu' },
  { id: 44, name: 'retired_pages_single_bit', unit: 'count', of: 'gpu' },
  { id: 45, name: 'retired_pages_double_bit', unit: 'count', of: 'gpu' },
  // 1: pages wait to be retired at the next reset
  { id: 46, name: 'retired_pages_pending', unit: 'flag', of: 'gpu' },
  { id: 47, name: 'remapped_rows_correctable', unit: 'count', of: 'gpu' },
  { id: 48, name: 'remapped_rows_uncorrectable', unit: 'count', of: 'gpu' },
  // 1: rows wait to be remapped at the next reset
  { id: 49, name: 'remapped_rows_pending', unit: 'flag', of: 'gpu' },
  // 1: a row could not be remapped
  { id: 50, name: 'remapped_rows_failure', unit: 'flag', of: 'gpu' },

  // ---- links
  { id: 51, name: 'pcie_generation', unit: 'level', of: 'gpu' },
  { id: 52, name: 'pcie_width', unit: 'lanes', of: 'gpu' },
  // a counter since the last reset of the GPU
  { id: 53, name: 'pcie_replays', unit: 'count', of: 'gpu' },
  // all links of the GPU together, payload
  { id: 54, name: 'nvlink_rx', unit: 'kilobytes_per_second', of: 'gpu' },
  { id: 55, name: 'nvlink_tx', unit: 'kilobytes_per_second', of: 'gpu' },
  { id: 56, name: 'nvlink_active_links', unit: 'count', of: 'gpu' },
  // counters over all links since the driver was loaded
  { id: 57, name: 'nvlink_crc_errors', unit: 'count', of: 'gpu' },
  { id: 58, name: 'nvlink_replay_errors', unit: 'count', of: 'gpu' },
  { id: 59, name: 'nvlink_recovery_errors', unit: 'count', of: 'gpu' },

  // ---- what the cores did, from the hardware's own counters (GPM, Hopper and newer; of MIG instances too)
  { id: 60, name: 'graphics_engine_activity', unit: 'percent', of: 'gpu' },
  { id: 61, name: 'sm_activity', unit: 'percent', of: 'gpu' },
  { id: 62, name: 'sm_occupancy', unit: 'percent', of: 'gpu' },
  { id: 63, name: 'tensor_activity', unit: 'percent', of: 'gpu' },
  { id: 64, name: 'fp64_activity', unit: 'percent', of: 'gpu' },
  { id: 65, name: 'fp32_activity', unit: 'percent', of: 'gpu' },
  { id: 66, name: 'fp16_activity', unit: 'percent', of: 'gpu' },
  { id: 67, name: 'dram_activity', unit: 'percent', of: 'gpu' },
] as const satisfies readonly MetricDefinition[];

export type MetricUnit =
  | 'percent'
  | 'mebibytes'
  | 'celsius'
  | 'watts'
  | 'joules'
  | 'megahertz'
  | 'count'
  | 'lanes'
  | 'level'
  | 'flag'
  | 'kilobytes_per_second'
  | 'bytes_per_second'
  | 'per_second'
  | 'bitmask';

export interface MetricDefinition {
  readonly id: number;
  /** The name on the wire and in every answer. */
  readonly name: string;
  readonly unit: MetricUnit;
  readonly of: 'gpu' | 'host';
}

export type MetricName = (typeof METRIC_CATALOGUE)[number]['name'];
export type MetricId = (typeof METRIC_CATALOGUE)[number]['id'];

const byId = new Map<number, MetricDefinition & { readonly name: MetricName }>(METRIC_CATALOGUE.map((m) => [m.id, m]));
const byName = new Map<string, MetricDefinition & { readonly name: MetricName }>(
  METRIC_CATALOGUE.map((m) => [m.name, m]),
);

/** The metric with this number, or undefined: an agent newer than this control plane may know more. */
export const metricById = (id: number) => byId.get(id);

/** The metric with this wire name, or undefined. */
export const metricByName = (name: string) => byName.get(name);

/** @throws RangeError for a name that is not in the catalogue (a bug in the caller) */
export function metricId(name: MetricName): number {
  const metric = byName.get(name);
  if (!metric) throw new RangeError(`no metric is called ${name}`);
  return metric.id;
}
