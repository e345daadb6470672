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
  /** How its words become a number; a column of numbers has none. */
  readonly words?: (word: string) => number | undefined;
  /** A counter of the driver, kept as what happened since the sample before (gpu/counters). */
  readonly counter?: true;
}

const yesNo = (word: string): number | undefined => (word === 'Yes' ? 1 : word === 'No' ? 0 : undefined);
const performanceState = (word: string): number | undefined => {
  const state = /^P(\d{1,2})$/.exec(word);
  return state ? Number(state[1]) : undefined;
};
const throttled = (reason: string): Pick<Signal, 'columns' | 'unit' | 'counter'> => ({
  columns: [`clocks_event_reasons_counters.${reason}`],
  unit: 'us',
  counter: true,
});

/** What is read at every interval. A later signal is one more line (and its number in the catalogue). */
export const SIGNALS: readonly Signal[] = [
  { metric: 'gpu_utilization', columns: ['utilization.gpu'], unit: '%' },
  { metric: 'memory_controller_utilization', columns: ['utilization.memory'], unit: '%' },
  { metric: 'memory_used_mib', columns: ['memory.used'], unit: 'MiB' },
  { metric: 'memory_total_mib', columns: ['memory.total'], unit: 'MiB' },
  { metric: 'temperature', columns: ['temperature.gpu'], unit: 'C' },
  // power.draw is N/A on some drivers that still give the momentary value
  { metric: 'power_draw', columns: ['power.draw', 'power.draw.average', 'power.draw.instant'], unit: 'W' },
  { metric: 'power_draw_instant', columns: ['power.draw.instant'], unit: 'W' },
  { metric: 'power_limit', columns: ['enforced.power.limit', 'power.limit'], unit: 'W' },
  { metric: 'sm_clock', columns: ['clocks.current.sm'], unit: 'MHz' },
  { metric: 'memory_clock', columns: ['clocks.current.memory'], unit: 'MHz' },
  { metric: 'fan_speed', columns: ['fan.speed'], unit: '%' },
  { metric: 'encoder_utilization', columns: ['utilization.encoder'], unit: '%' },
  { metric: 'decoder_utilization', columns: ['utilization.decoder'], unit: '%' },
  { metric: 'ecc_errors_uncorrected', columns: ['ecc.errors.uncorrected.volatile.total'], unit: '' },
  { metric: 'throttle_reasons', columns: ['clocks_event_reasons.active'], unit: '' },
  { metric: 'jpeg_utilization', columns: ['utilization.jpeg'], unit: '%' },
  { metric: 'ofa_utilization', columns: ['utilization.ofa'], unit: '%' },
  { metric: 'memory_reserved_mib', columns: ['memory.reserved'], unit: 'MiB' },
  { metric: 'memory_free_mib', columns: ['memory.free'], unit: 'MiB' },
  { metric: 'memory_temperature', columns: ['temperature.memory'], unit: 'C' },
  { metric: 'temperature_margin', columns: ['temperature.gpu.tlimit'], unit: 'C' },
  { metric: 'graphics_clock', columns: ['clocks.current.graphics'], unit: 'MHz' },
  { metric: 'video_clock', columns: ['clocks.current.video'], unit: 'MHz' },
  { metric: 'performance_state', columns: ['pstate'], unit: '', words: performanceState },
  { metric: 'throttled_power_cap', ...throttled('sw_power_cap') },
  { metric: 'throttled_sw_thermal', ...throttled('sw_thermal_slowdown') },
  { metric: 'throttled_hw_thermal', ...throttled('hw_thermal_slowdown') },
  { metric: 'throttled_power_brake', ...throttled('hw_power_brake_slowdown') },
  { metric: 'throttled_sync_boost', ...throttled('sync_boost') },
  { metric: 'ecc_errors_corrected', columns: ['ecc.errors.corrected.volatile.total'], unit: '' },
  { metric: 'retired_pages_pending', columns: ['retired_pages.pending'], unit: '', words: yesNo },
  { metric: 'remapped_rows_pending', columns: ['remapped_rows.pending'], unit: '', words: yesNo },
  { metric: 'remapped_rows_failure', columns: ['remapped_rows.failure'], unit: '', words: yesNo },
  { metric: 'pcie_generation', columns: ['pcie.link.gen.current', 'pcie.link.gen.gpucurrent'], unit: '' },
  { metric: 'pcie_width', columns: ['pcie.link.width.current'], unit: '' },
];

/** Columns that are read beside the metrics: who the row is about, and what the driver advises. */
export const IDENTITY_COLUMNS = ['index', 'uuid', 'pci.bus_id'] as const;
const STATE_COLUMNS = ['mig.mode.current', 'gpu_recovery_action'] as const;

/**
 * The wish list, identity first. Expensive columns stay out on purpose: `inforom.checksum_validation` is slow under load
 * on 575 and newer, `remapped_rows.histogram.*` makes kernel warnings in vGPU guests, PCIe throughput costs 20 ms per
 * direction and GPU (it comes with the snapshot once a minute instead).
 */
export const WISH_LIST: readonly string[] = [
  ...new Set([...IDENTITY_COLUMNS, ...SIGNALS.flatMap((s) => s.columns), ...STATE_COLUMNS]),
];

/** The same column under another driver's name; the reader asks for the one that the driver's own list has. */
export const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  uuid: ['gpu_uuid'],
  'pci.bus_id': ['gpu_bus_id'],
  'clocks_event_reasons.active': ['clocks_throttle_reasons.active'],
  'clocks_event_reasons_counters.sw_power_cap': ['clocks_throttle_reasons_counters.sw_power_cap'],
  'clocks_event_reasons_counters.sync_boost': ['clocks_throttle_reasons_counters.sync_boost'],
  'clocks_event_reasons_counters.sw_thermal_slowdown': ['clocks_throttle_reasons_counters.sw_thermal_slowdown'],
  'clocks_event_reasons_counters.hw_thermal_slowdown': ['clocks_throttle_reasons_counters.hw_thermal_slowdown'],
  'clocks_event_reasons_counters.hw_power_brake_slowdown': ['clocks_throttle_reasons_counters.hw_power_brake_slowdown'],
  'clocks.current.sm': ['clocks.sm'],
  'clocks.current.memory': ['clocks.mem'],
  'clocks.current.graphics': ['clocks.gr'],
  'clocks.current.video': ['clocks.video'],
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
  ...SIGNALS.filter((s) => !s.counter).map((s) => metricId(s.metric)),
  metricId('memory_utilization'),
];
