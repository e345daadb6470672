import { metricId, type MetricName } from '@flotilla/domain';

/** A column that becomes a metric. */
export interface Signal {
  readonly metric: MetricName;
  /**
   * Columns that hold it, best first: the first that has a number wins; without one, the first that the driver knows
   * says why.
   */
  readonly columns: readonly string[];
  /** The unit that the tool prints for these columns; empty: it prints none. */
  readonly unit: string;
}

/** What is read at every interval. A later signal is one more line (and its number in the catalogue). */
export const SIGNALS: readonly Signal[] = [
  { metric: 'gpu_utilization', columns: ['utilization.gpu'], unit: '%' },
  { metric: 'memory_controller_utilization', columns: ['utilization.memory'], unit: '%' },
  { metric: 'memory_used_mib', columns: ['memory.used'], unit: 'MiB' },
  { metric: 'memory_total_mib', columns: ['memory.total'], unit: 'MiB' },
  { metric: 'temperature', columns: ['temperature.gpu'], unit: 'C' },
  // power.draw is N/A on some drivers that still give the momentary value
  { metric: 'power_draw', columns: ['power.draw', 'power.draw.instant'], unit: 'W' },
  { metric: 'power_limit', columns: ['enforced.power.limit', 'power.limit'], unit: 'W' },
  { metric: 'sm_clock', columns: ['clocks.current.sm'], unit: 'MHz' },
  { metric: 'memory_clock', columns: ['clocks.current.memory'], unit: 'MHz' },
  { metric: 'fan_speed', columns: ['fan.speed'], unit: '%' },
  { metric: 'encoder_utilization', columns: ['utilization.encoder'], unit: '%' },
  { metric: 'decoder_utilization', columns: ['utilization.decoder'], unit: '%' },
  { metric: 'ecc_errors_uncorrected', columns: ['ecc.errors.uncorrected.volatile.total'], unit: '' },
  { metric: 'throttle_reasons', columns: ['clocks_event_reasons.active'], unit: '' },
];

/** Columns that are read beside the metrics: who the row is about, and what its health is judged by. */
export const IDENTITY_COLUMNS = ['index', 'uuid', 'pci.bus_id'] as const;
export const HEALTH_COLUMNS = [
  'gpu_recovery_action',
  'remapped_rows.failure',
  'remapped_rows.pending',
  'retired_pages.pending',
] as const;
const STATE_COLUMNS = ['mig.mode.current', 'pstate'] as const;

/**
 * The wish list, identity first. Expensive columns stay out on purpose: `inforom.checksum_validation` is slow under load
 * on 575 and newer, `remapped_rows.histogram.*` makes kernel warnings in vGPU guests, PCIe throughput costs 20 ms per
 * direction and GPU (it comes with the snapshot once a minute instead).
 */
export const WISH_LIST: readonly string[] = [
  ...new Set([...IDENTITY_COLUMNS, ...SIGNALS.flatMap((s) => s.columns), ...HEALTH_COLUMNS, ...STATE_COLUMNS]),
];

/** The same column under another driver's name; the reader asks for the one that the driver's own list has. */
export const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  uuid: ['gpu_uuid'],
  'pci.bus_id': ['gpu_bus_id'],
  'clocks_event_reasons.active': ['clocks_throttle_reasons.active'],
  'clocks.current.sm': ['clocks.sm'],
  'clocks.current.memory': ['clocks.mem'],
  'enforced.power.limit': ['gpu.power.current_limit'],
  'power.limit': ['gpu.power.requested_limit'],
  'power.draw.instant': ['gpu.power.draw.instant'],
};

/** The part of the wish list that every driver from 2019 on knows: asked for where the driver's list cannot be had. */
export const COMMON_COLUMNS: readonly string[] = [
  'index',
  'uuid',
  'pci.bus_id',
  'utilization.gpu',
  'utilization.memory',
  'memory.used',
  'memory.total',
  'temperature.gpu',
  'power.draw',
  'enforced.power.limit',
  'fan.speed',
  'pstate',
];

/** Metrics that come with every row, in catalogue numbers; memory_utilization is computed from used and total. */
export const ROW_METRICS: readonly number[] = [
  ...SIGNALS.map((s) => metricId(s.metric)),
  metricId('memory_utilization'),
];
