import type { GpuSignals, NvLinkFacts, Reading, VgpuFacts } from '../collector.js';

/**
 * What a reader of GPUs hands to the desk (gpu-desk.ts), whatever it reads with: nvidia-smi, NVML, or a later one for
 * another maker's boards. The desk makes samples, inventory, events and the collector's condition of it, so that two
 * readers of one host cannot tell two stories.
 *
 * For the reader to keep: values are numbers in the catalogue's unit or a named absence, never 0 in place of "no value";
 * what it did not ask for is not in a map at all.
 */

/** One GPU at one moment: what is read at every interval. */
export interface GpuReading {
  readonly uuid: string;
  /** Unix milliseconds of the host's clock, taken where the values were read. */
  readonly atMs: number;
  /** What is known of the GPU itself by this reading; absent keys stay as they were. */
  readonly facts: GpuFacts;
  /** By catalogue id. memory_utilization is the desk's work, from used and total. */
  readonly values: ReadonlyMap<number, Reading>;
  /**
   * Counters of the driver for the metrics that are kept as what happened since the sample before, by that metric's catalogue
   * id: `energy` in millijoules, `throttled_…` in microseconds. The desk makes joules and percent of them.
   */
  readonly counters: ReadonlyMap<number, Reading>;
  readonly signals: GpuSignals;
}

export interface GpuFacts {
  readonly index?: number;
  readonly busId?: string;
  readonly model?: string;
  readonly serial?: string;
  readonly memoryTotalMib?: number;
  readonly driverVersion?: string;
  readonly migEnabled?: boolean;
}

/** Everything slow about the host's GPUs, once a minute and soon after something changed. */
export interface GpuInventory {
  readonly driverVersion?: string;
  /** What the driver counts, which may be more than it lists; then the listing proves nobody's absence. */
  readonly attachedGpus?: number;
  readonly gpus: readonly GpuDetail[];
}

export interface GpuDetail {
  readonly uuid: string;
  readonly facts: GpuFacts;
  readonly attributes: Attributes;
  /** Values that are too dear for every interval; they join the next reading of the GPU. */
  readonly values: ReadonlyMap<number, Reading>;
  /** Health words that only the slow reading has; they join each reading until the next slow one. */
  readonly signals: GpuSignals;
  readonly nvlinks: readonly NvLinkFacts[];
  readonly vgpus: readonly VgpuFacts[];
  readonly mig: readonly MigDetail[];
  /** Null: the driver does not let us see them. */
  readonly processes: readonly ProcessSeen[] | null;
}

export interface MigDetail {
  /** The number of the MIG device in its GPU. */
  readonly index: number;
  readonly gpuInstance: number;
  readonly computeInstance: number;
  /** Absent: the driver does not tell; the desk names it `MIG-<gpu uuid>/<gpu instance>/<compute instance>`. */
  readonly uuid?: string;
  readonly profile?: string;
  readonly memoryTotalMib?: number;
  readonly attributes: Attributes;
  readonly values: ReadonlyMap<number, Reading>;
}

/** A process as the driver lists it; the desk finds out whose it is. */
export interface ProcessSeen {
  readonly pid: number;
  readonly type: 'C' | 'G' | 'C+G' | '';
  readonly name: string;
  readonly usedMemoryMib?: number;
  readonly smPercent?: number;
  /** On a GPU with MIG: where in it. */
  readonly gpuInstance?: number;
  readonly computeInstance?: number;
}

/** Names of slow facts. What the driver does not have is left out, never "N/A". */
export const ATTRIBUTES = [
  'architecture',
  'brand',
  'vbios_version',
  'gsp_firmware_version',
  'cuda_version',
  'compute_capability',
  'compute_mode',
  'persistence_mode',
  'ecc_mode',
  'ecc_mode_pending',
  'mig_mode_pending',
  'virtualization_mode',
  'host_vgpu_mode',
  'addressing_mode',
  'board_part_number',
  'gpu_part_number',
  'pcie_generation_max',
  'pcie_width_max',
  'power_limit_default_watts',
  'power_limit_min_watts',
  'power_limit_max_watts',
  'sm_clock_max_mhz',
  'memory_clock_max_mhz',
  'temperature_slowdown_celsius',
  'temperature_shutdown_celsius',
  'fabric_state',
  'fabric_status',
  'fabric_clique_id',
  'fabric_cluster_uuid',
  'chassis_serial_number',
  'slot_number',
  'module_id',
  'multiprocessors',
] as const;

export type Attributes = Readonly<Partial<Record<(typeof ATTRIBUTES)[number], string>>>;
