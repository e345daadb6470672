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
] as const satisfies readonly MetricDefinition[];

export type MetricUnit =
  | 'percent'
  | 'mebibytes'
  | 'celsius'
  | 'watts'
  | 'megahertz'
  | 'count'
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
