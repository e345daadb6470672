import type { MetricName } from '@flotilla/domain';

/** A metric as dashboards for dcgm-exporter know it. */
export interface ExposedMetric {
  readonly of: MetricName;
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  /** What our unit is multiplied with. */
  readonly factor?: number;
  /** Our samples are amounts since the one before; the metric is their sum since the agent started. */
  readonly sums?: true;
}

/** Units and names as dcgm-exporter 3 and 4 have them (its default-counters.csv and dcp-metrics-included.csv). */
export const EXPOSED: readonly ExposedMetric[] = [
  gauge('sm_clock', 'DEV_SM_CLOCK', 'SM clock frequency (in MHz).'),
  gauge('memory_clock', 'DEV_MEM_CLOCK', 'Memory clock frequency (in MHz).'),
  gauge('video_clock', 'DEV_VIDEO_CLOCK', 'Video clock frequency (in MHz).'),
  gauge('temperature', 'DEV_GPU_TEMP', 'GPU temperature (in C).'),
  gauge('memory_temperature', 'DEV_MEMORY_TEMP', 'Memory temperature (in C).'),
  gauge('power_draw', 'DEV_POWER_USAGE', 'Power draw (in W).'),
  gauge('power_draw_instant', 'DEV_POWER_USAGE_INSTANT', 'Momentary power draw (in W).'),
  gauge('power_limit', 'DEV_ENFORCED_POWER_LIMIT', 'Power limit that the driver enforces (in W).'),
  {
    of: 'energy',
    name: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
    type: 'counter',
    help: 'Energy consumed since the agent started (in mJ).',
    factor: 1000,
    sums: true,
  },
  gauge('gpu_utilization', 'DEV_GPU_UTIL', 'GPU utilization (in %).'),
  gauge('memory_controller_utilization', 'DEV_MEM_COPY_UTIL', 'Memory utilization (in %).'),
  gauge('encoder_utilization', 'DEV_ENC_UTIL', 'Encoder utilization (in %).'),
  gauge('decoder_utilization', 'DEV_DEC_UTIL', 'Decoder utilization (in %).'),
  gauge('memory_used_mib', 'DEV_FB_USED', 'Framebuffer memory used (in MiB).'),
  gauge('memory_free_mib', 'DEV_FB_FREE', 'Framebuffer memory free (in MiB).'),
  gauge('memory_reserved_mib', 'DEV_FB_RESERVED', 'Framebuffer memory reserved (in MiB).'),
  gauge('memory_total_mib', 'DEV_FB_TOTAL', 'Framebuffer memory in total (in MiB).'),
  gauge('bar1_used_mib', 'DEV_BAR1_USED', 'BAR1 memory used (in MiB).'),
  gauge('fan_speed', 'DEV_FAN_SPEED', 'Fan speed (in %).'),
  gauge('performance_state', 'DEV_PSTATE', 'Performance state, 0 (fastest) to 15.'),
  gauge('throttle_reasons', 'DEV_CLOCK_THROTTLE_REASONS', 'Why the clocks are held back, NVML bitmask.'),
  counter('ecc_errors_corrected', 'DEV_ECC_SBE_VOL_TOTAL', 'Corrected ECC errors since the driver was loaded.'),
  counter('ecc_errors_uncorrected', 'DEV_ECC_DBE_VOL_TOTAL', 'Uncorrected ECC errors since the driver was loaded.'),
  counter(
    'ecc_errors_corrected_aggregate',
    'DEV_ECC_SBE_AGG_TOTAL',
    'Corrected ECC errors over the life of the board.',
  ),
  counter(
    'ecc_errors_uncorrected_aggregate',
    'DEV_ECC_DBE_AGG_TOTAL',
    'Uncorrected ECC errors over the life of the board.',
  ),
  counter('retired_pages_single_bit', 'DEV_RETIRED_SBE', 'Pages retired for single-bit errors.'),
  counter('retired_pages_double_bit', 'DEV_RETIRED_DBE', 'Pages retired for double-bit errors.'),
  gauge('retired_pages_pending', 'DEV_RETIRED_PENDING', 'Whether pages wait to be retired.'),
  counter('remapped_rows_correctable', 'DEV_CORRECTABLE_REMAPPED_ROWS', 'Rows remapped for correctable errors.'),
  counter('remapped_rows_uncorrectable', 'DEV_UNCORRECTABLE_REMAPPED_ROWS', 'Rows remapped for uncorrectable errors.'),
  gauge('remapped_rows_pending', 'DEV_ROW_REMAP_PENDING', 'Whether rows wait to be remapped.'),
  gauge('remapped_rows_failure', 'DEV_ROW_REMAP_FAILURE', 'Whether remapping of rows has failed.'),
  gauge('pcie_generation', 'DEV_PCIE_LINK_GEN', 'PCIe generation in use.'),
  gauge('pcie_width', 'DEV_PCIE_LINK_WIDTH', 'PCIe lanes in use.'),
  counter('pcie_replays', 'DEV_PCIE_REPLAY_COUNTER', 'Total number of PCIe retries.'),
  bytes('pcie_rx', 'PROF_PCIE_RX_BYTES', 'Bytes received over PCIe per second.'),
  bytes('pcie_tx', 'PROF_PCIE_TX_BYTES', 'Bytes transmitted over PCIe per second.'),
  bytes('nvlink_rx', 'PROF_NVLINK_RX_BYTES', 'Bytes received over all NVLinks per second.'),
  bytes('nvlink_tx', 'PROF_NVLINK_TX_BYTES', 'Bytes transmitted over all NVLinks per second.'),
  counter('nvlink_crc_errors', 'DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL', 'NVLink flow-control CRC errors.'),
  counter('nvlink_replay_errors', 'DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL', 'NVLink replay errors.'),
  counter('nvlink_recovery_errors', 'DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL', 'NVLink recovery errors.'),
  ratio('graphics_engine_activity', 'PROF_GR_ENGINE_ACTIVE', 'Ratio of time the graphics engine is active.'),
  ratio('sm_activity', 'PROF_SM_ACTIVE', 'Ratio of cycles an SM has at least one warp assigned.'),
  ratio('sm_occupancy', 'PROF_SM_OCCUPANCY', 'Ratio of warps resident on an SM.'),
  ratio('tensor_activity', 'PROF_PIPE_TENSOR_ACTIVE', 'Ratio of cycles the tensor pipe is active.'),
  ratio('fp64_activity', 'PROF_PIPE_FP64_ACTIVE', 'Ratio of cycles the fp64 pipes are active.'),
  ratio('fp32_activity', 'PROF_PIPE_FP32_ACTIVE', 'Ratio of cycles the fp32 pipes are active.'),
  ratio('fp16_activity', 'PROF_PIPE_FP16_ACTIVE', 'Ratio of cycles the fp16 pipes are active.'),
  ratio('dram_activity', 'PROF_DRAM_ACTIVE', 'Ratio of cycles the device memory interface is active.'),
];

function gauge(of: MetricName, name: string, help: string): ExposedMetric {
  return { of, name: `DCGM_FI_${name}`, type: 'gauge', help };
}

function counter(of: MetricName, name: string, help: string): ExposedMetric {
  return { of, name: `DCGM_FI_${name}`, type: 'counter', help };
}

/** DCGM has ratios 0 to 1 where we have percent. */
function ratio(of: MetricName, name: string, help: string): ExposedMetric {
  return { ...gauge(of, name, help), factor: 0.01 };
}

function bytes(of: MetricName, name: string, help: string): ExposedMetric {
  return { ...gauge(of, name, help), factor: 1000 };
}
