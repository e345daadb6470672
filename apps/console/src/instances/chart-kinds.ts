import { bytesOfMebibytes, celsius, decimal, percent, watts } from '../ui/format';

type Format = (value: number | null) => string;

export interface ChartKind {
  /** Catalogue name. */
  readonly metric: string;
  readonly title: string;
  readonly of: 'gpu' | 'host';
  readonly format: Format;
  readonly formatAxis?: (value: number) => string;
  readonly min?: number;
  readonly max?: number;
  /** The highest value of this other metric is the upper bound. */
  readonly upTo?: string;
  /** That bound is drawn as a line, with these words. */
  readonly limit?: string;
  readonly binary?: boolean;
  /** Shown also where nothing was reported: that it is missing is news. */
  readonly always?: boolean;
}

const megahertz: Format = (value) => (value === null ? decimal(null) : `${decimal(value, 0)} MHz`);

const gigahertz = (value: number) => `${decimal(value / 1_000)} GHz`;

/** @param value kilobytes per second, as the driver counts */
export function rate(value: number | null): string {
  if (value === null) return decimal(null);
  if (value >= 1e6) return `${decimal(value / 1e6, 1)} GB/s`;
  return value >= 1e3 ? `${decimal(value / 1e3, 1)} MB/s` : `${decimal(value, 0)} kB/s`;
}

const share = { format: percent as Format, min: 0, max: 100 };

/** The charts of an instance, in the order in which they stand. */
export const CHART_KINDS: readonly ChartKind[] = [
  { metric: 'gpu_utilization', title: 'Utilisation', of: 'gpu', always: true, ...share },
  { metric: 'sm_activity', title: 'SM activity', of: 'gpu', ...share },
  {
    metric: 'memory_used_mib',
    title: 'Memory used',
    of: 'gpu',
    always: true,
    format: bytesOfMebibytes,
    min: 0,
    upTo: 'memory_total_mib',
    binary: true,
  },
  {
    metric: 'power_draw',
    title: 'Power',
    of: 'gpu',
    always: true,
    format: watts,
    min: 0,
    upTo: 'power_limit',
    limit: 'limit',
  },
  { metric: 'temperature', title: 'Temperature', of: 'gpu', always: true, format: celsius, min: 20 },
  { metric: 'memory_temperature', title: 'Memory temperature', of: 'gpu', format: celsius, min: 20 },
  { metric: 'sm_clock', title: 'SM clock', of: 'gpu', format: megahertz, formatAxis: gigahertz, min: 0 },
  { metric: 'tensor_activity', title: 'Tensor core activity', of: 'gpu', ...share },
  { metric: 'memory_controller_utilization', title: 'Memory controller busy', of: 'gpu', ...share },
  { metric: 'pcie_rx', title: 'PCIe in', of: 'gpu', format: rate, min: 0 },
  { metric: 'pcie_tx', title: 'PCIe out', of: 'gpu', format: rate, min: 0 },
  { metric: 'nvlink_rx', title: 'NVLink in', of: 'gpu', format: rate, min: 0 },
  { metric: 'nvlink_tx', title: 'NVLink out', of: 'gpu', format: rate, min: 0 },
  { metric: 'fan_speed', title: 'Fan', of: 'gpu', ...share },
  { metric: 'cpu_utilization', title: 'Host CPU', of: 'host', ...share },
  { metric: 'host_memory_utilization', title: 'Host memory', of: 'host', ...share },
];

interface Reported {
  readonly latest: { readonly metrics: Readonly<Record<string, number>> } | null;
}

/** Those that an instance has something for. @param host whether its agent reports of the host itself */
export function kindsOf(gpus: readonly Reported[], host: boolean): readonly ChartKind[] {
  const names = new Set(gpus.flatMap(({ latest }) => Object.keys(latest?.metrics ?? {})));
  return CHART_KINDS.filter(({ metric, of, always }) => always || (of === 'host' ? host : names.has(metric)));
}
