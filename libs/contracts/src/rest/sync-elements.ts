import { z } from 'zod';
import { AdvisedAction, GpuHealthEpisode, GpuHealthVerdict } from './instance-gpus.js';

/**
 * The elements of a POST /sync body and of the stream's Record entries. A field that is not listed here is ignored and
 * counted; a required one that is missing rejects its element.
 */

const text = (most: number) => z.string().min(1).max(most);
const moment = z.union([z.iso.datetime({ offset: true }), z.number().min(1e8).max(1e11)]).meta({
  description: 'ISO 8601 with an offset, or Unix seconds',
  examples: ['2026-11-22T10:15:30.000Z'],
});

/** A non-negative amount without rounding: a JSON number or a decimal string. The result is a decimal string. */
export const DecimalAmount = z
  .union([z.number().min(0).max(1e10), z.string().regex(/^\d{1,10}(\.\d{1,10})?$/)])
  .transform((amount) => (typeof amount === 'string' ? amount : decimal(amount)))
  .meta({ description: 'An amount: a number, or a decimal string with up to 10 decimals', examples: ['3.06'] });

const decimal = (amount: number) => amount.toFixed(10).replace(/\.?0+$/, '');

export const Tags = z
  .record(text(128), z.string().max(256))
  .refine((tags) => Object.keys(tags).length <= 100, 'at most 100 tags')
  .meta({ description: 'Labels of an instance', examples: [{ environment: 'production', team: 'ml-training' }] });

export const INSTANCE_STATES = ['running', 'stopped', 'terminated', 'pending', 'stopping', 'unknown'] as const;
export const InstanceState = z.enum(INSTANCE_STATES).meta({ description: 'Power state of the machine' });

export const CloudProvider = z
  .string()
  .regex(/^[a-z0-9_]{1,40}$/)
  .meta({ description: 'aws, gcp, azure, oci, lambda, on_prem, …', examples: ['aws'] });

export const LIFECYCLES = ['on_demand', 'spot', 'reserved'] as const;

export const LOCAL_DISKS_WORDS = ['none', 'erased', 'disposable'] as const;
export const LocalDisks = z.enum(LOCAL_DISKS_WORDS).meta({
  description:
    'Disks whose content a stop erases. none: it has none; erased: it has; disposable: it has, and nothing on them must be kept',
  examples: ['none'],
});

const placement = {
  zone: text(128)
    .optional()
    .meta({ examples: ['us-east-1a'] }),
  account: text(128)
    .optional()
    .meta({ description: 'Account, subscription or project that pays', examples: ['123456789012'] }),
  lifecycle: z.enum(LIFECYCLES).optional().describe('How it is paid for'),
  auto_scaling_group: text(256)
    .optional()
    .meta({ examples: ['trainers'] }),
  resource_id: text(1024).optional().describe("The provider's full name of it, as its bills have it"),
  local_disks: LocalDisks.optional(),
};

/** What the metadata service of a cloud says about the machine that asks it. */
export const CloudWord = z.object({
  name: text(256).optional(),
  region: text(128).optional(),
  instance_type: text(128).optional(),
  ...placement,
  tags: Tags.optional(),
});
export type CloudWord = z.infer<typeof CloudWord>;

/** A GPU as an agent lists it, with what it says of its health. */
export const GpuElement = z.object({
  uuid: text(128),
  kind: z.enum(['gpu', 'mig']).default('gpu'),
  index: z.int().min(0).max(32_767).optional(),
  parent_uuid: text(128).optional(),
  model: text(128).optional(),
  memory_total_mib: z
    .int()
    .min(0)
    .max(2 ** 40)
    .optional(),
  driver_version: text(64).optional(),
  pci_bus_id: text(64).optional(),
  serial: text(128).optional(),
  mig_enabled: z.boolean().optional(),
  presence: z.enum(['present', 'missing']).default('present'),
  health: GpuHealthVerdict.default('unknown'),
  health_reason: text(500).optional(),
  health_evidence: text(1_000).optional(),
  advised_action: AdvisedAction.default('none'),
  health_since: moment.optional(),
  episodes: z.array(GpuHealthEpisode).max(20).default([]),
});
export type GpuElement = z.infer<typeof GpuElement>;

export const InstanceElement = z.object({
  instance_id: text(256).meta({ description: "The provider's id", examples: ['i-0abc123def456'] }),
  cloud_provider: CloudProvider,
  state: InstanceState,
  region: text(128)
    .optional()
    .meta({ examples: ['us-east-1'] }),
  instance_type: text(128)
    .optional()
    .meta({ examples: ['p3.2xlarge'] }),
  gpu_type: text(128)
    .optional()
    .meta({ examples: ['V100'] }),
  gpu_count: z
    .int()
    .min(0)
    .max(1024)
    .optional()
    .meta({ examples: [1] }),
  tags: Tags.optional(),
  hourly_cost: DecimalAmount.optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional()
    .meta({ examples: ['USD'] }),
  name: text(256)
    .optional()
    .meta({ examples: ['trainer-1'] }),
  ...placement,
  kubernetes_node: text(256).optional(),
  slurm_node: text(256).optional(),
  slurm_cluster: text(256).optional(),
  cloud: CloudWord.optional().describe(
    "What the cloud's own metadata service says, kept as the source `cloud`; everything else is the agent's word",
  ),
  provisional_id: z
    .string()
    .regex(/^host-[0-9a-f]{16}$/)
    .optional()
    .describe('Under which id the same machine was reported while its provider could not be asked; it is renamed'),
  created_at: moment.optional(),
  protected: z
    .boolean()
    .optional()
    .meta({ description: 'true: no action may stop or start it. Only an admin takes that back', examples: [false] }),
  gpus: z
    .array(GpuElement)
    .max(512)
    .optional()
    .describe(
      'All its GPUs: one that was listed before and is not in it is missing. Left out: nothing is said of them',
    ),
});
export type InstanceElement = z.infer<typeof InstanceElement>;

const percent = z.number().min(0).max(100).optional();
const amount = z.number().min(0).max(1e15).optional();
const celsius = z.number().min(-100).max(300).optional();
const flag = z.union([z.literal(0), z.literal(1)]).optional();

/** The measures of a metrics element, by catalogue name. */
export const MEASURES = {
  gpu_utilization: percent,
  memory_utilization: percent,
  memory_controller_utilization: percent,
  memory_used_mib: amount,
  memory_total_mib: amount,
  temperature: celsius,
  power_draw: amount,
  power_limit: amount,
  sm_clock: amount,
  memory_clock: amount,
  // some boards report fans above their nominal speed
  fan_speed: z.number().min(0).max(200).optional(),
  encoder_utilization: percent,
  decoder_utilization: percent,
  ecc_errors_uncorrected: amount,
  pcie_rx: amount,
  pcie_tx: amount,
  throttle_reasons: amount,
  cpu_utilization: percent,
  host_memory_utilization: percent,
  disk_utilization: percent,
  network_rx: amount,
  network_tx: amount,
  error_rate: amount,
  jpeg_utilization: percent,
  ofa_utilization: percent,
  memory_reserved_mib: amount,
  memory_free_mib: amount,
  bar1_used_mib: amount,
  memory_temperature: celsius,
  temperature_margin: celsius,
  power_draw_instant: amount,
  energy: amount,
  graphics_clock: amount,
  video_clock: amount,
  performance_state: amount,
  throttled_power_cap: percent,
  throttled_sw_thermal: percent,
  throttled_hw_thermal: percent,
  throttled_power_brake: percent,
  throttled_sync_boost: percent,
  ecc_errors_corrected: amount,
  ecc_errors_corrected_aggregate: amount,
  ecc_errors_uncorrected_aggregate: amount,
  retired_pages_single_bit: amount,
  retired_pages_double_bit: amount,
  retired_pages_pending: flag,
  remapped_rows_correctable: amount,
  remapped_rows_uncorrectable: amount,
  remapped_rows_pending: flag,
  remapped_rows_failure: flag,
  pcie_generation: amount,
  pcie_width: amount,
  pcie_replays: amount,
  nvlink_rx: amount,
  nvlink_tx: amount,
  nvlink_active_links: amount,
  nvlink_crc_errors: amount,
  nvlink_replay_errors: amount,
  nvlink_recovery_errors: amount,
  graphics_engine_activity: percent,
  sm_activity: percent,
  sm_occupancy: percent,
  tensor_activity: percent,
  fp64_activity: percent,
  fp32_activity: percent,
  fp16_activity: percent,
  dram_activity: percent,
} as const;

export const MetricElement = z
  .object({
    instance_id: text(256),
    timestamp: moment,
    interval_s: z
      .number()
      .min(0.1)
      .max(3600)
      .optional()
      .meta({ description: 'Seconds between two samples of this source', examples: [5] }),
    gpu_index: z.int().min(0).max(1023).optional(),
    gpu_uuid: text(128).optional(),
    ...MEASURES,
  })
  .meta({
    examples: [
      {
        instance_id: 'i-0abc123def456',
        timestamp: '2026-11-22T10:15:30.000Z',
        gpu_index: 0,
        gpu_utilization: 97,
        temperature: 64,
      },
    ],
  });
export type MetricElement = z.infer<typeof MetricElement>;

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;

export const ErrorElement = z
  .object({
    timestamp: moment,
    message: text(4096),
    source: text(128).optional(),
    code: text(128).optional(),
    instance_id: text(256).optional(),
    severity: z.enum(SEVERITIES).optional(),
  })
  .meta({
    examples: [
      { timestamp: '2026-11-22T10:15:30.000Z', message: 'nvidia-smi did not answer within 10 s', source: 'nvidia-smi' },
    ],
  });
export type ErrorElement = z.infer<typeof ErrorElement>;

export const AlertElement = z
  .object({
    alert_type: z.string().regex(/^[a-z0-9_]{1,64}$/, 'expected lower-case letters, digits and _, at most 64'),
    message: text(4096),
    timestamp: moment,
    instance_id: text(256).optional(),
    severity: z.enum(SEVERITIES).optional(),
    dedup_key: text(256).optional(),
  })
  .meta({
    examples: [
      {
        alert_type: 'raid_degraded',
        message: '/dev/md0 lost a member',
        timestamp: '2026-11-22T10:15:30.000Z',
        severity: 'high',
        dedup_key: 'md0',
      },
    ],
  });
export type AlertElement = z.infer<typeof AlertElement>;

/** The moment of an element as a Date: seconds where a number came. */
export const momentOf = (value: string | number): Date => new Date(typeof value === 'number' ? value * 1000 : value);
