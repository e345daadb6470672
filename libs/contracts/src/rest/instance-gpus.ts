import { z } from 'zod';
import { Timestamp } from './common.js';

export const Reading = z
  .object({
    timestamp: Timestamp.describe('When the values were read'),
    metrics: z.record(z.string(), z.number()).meta({
      description: 'Catalogue name → value; a metric that was not reported is not there',
      examples: [{ gpu_utilization: 97, temperature: 64 }],
    }),
  })
  .meta({ id: 'Reading' });

export const GpuHealthVerdict = z
  .enum(['healthy', 'degraded', 'unhealthy', 'unknown'])
  .describe('unknown: nothing vouches for it and nothing speaks against it');

export const AdvisedAction = z.enum(['none', 'restart_workload', 'drain', 'reset_gpu', 'reboot', 'rma']);

/** What a GPU shows in every answer. */
export const gpuFields = {
  uuid: z
    .string()
    .meta({ description: "The driver's uuid; index:N where a source gives none", examples: ['GPU-5a1f'] }),
  kind: z.enum(['gpu', 'mig']).describe('A GPU or a MIG instance'),
  index: z
    .int()
    .nullable()
    .meta({ description: "The driver's index; null: not known", examples: [0] }),
  model: z
    .string()
    .nullable()
    .meta({ examples: ['NVIDIA H100 80GB HBM3'] }),
  presence: z.enum(['present', 'missing']).describe('missing: known before, not listed by the driver any more'),
  health: GpuHealthVerdict,
  latest: Reading.nullable().describe('null: nothing was reported yet'),
};
export const InstanceGpu = z.object(gpuFields).meta({ id: 'InstanceGpu' });

/** The same error again and again is one episode. */
export const GpuHealthEpisode = z
  .object({
    kind: z.enum(['xid', 'sxid']).describe('An error of the GPU’s driver, or of an NVSwitch'),
    code: z.int().meta({ examples: [13] }),
    class: z
      .enum(['application', 'hardware', 'driver', 'memory', 'fabric', 'thermal_power', 'info', 'unknown'])
      .describe('application: by itself it says nothing against the GPU'),
    count: z.int().meta({ examples: [629] }),
    first_seen: Timestamp,
    last_seen: Timestamp,
  })
  .meta({ id: 'GpuHealthEpisode' });

/** Slow facts of a GPU that only its own page shows. */
const gpuDetails = {
  mig: z
    .object({
      profile: z
        .string()
        .nullable()
        .meta({ examples: ['1g.10gb'] }),
      gpu_instance_id: z.int().nullable(),
      compute_instance_id: z.int().nullable(),
    })
    .nullable()
    .describe('What kind of MIG instance this is; null: a whole GPU'),
  recovery_action: z
    .string()
    .nullable()
    .meta({ description: "What the driver advises, in its own words; null: it doesn't say", examples: ['None'] }),
  attributes: z.record(z.string(), z.string()).meta({
    description: 'Slow facts by name; what the driver does not have is not there',
    examples: [{ architecture: 'Hopper', ecc_mode: 'Enabled', vbios_version: '96.00.A5.00.01' }],
  }),
  nvlinks: z.array(
    z.object({
      index: z.int(),
      active: z.boolean(),
      speed_gbps: z.number().nullable().describe('Gigabytes per second and direction'),
      version: z.string().nullable(),
      remote_bus_id: z.string().nullable().describe('PCI address of the other end'),
    }),
  ),
  vgpus: z
    .array(
      z.object({
        uuid: z.string().meta({ examples: ['5a1f2b3c-0000-11ef-8000-000000000001'] }),
        type: z.string().meta({ examples: ['GRID A100-10C'] }),
        vm_id: z.string().nullable(),
        vm_name: z.string().nullable(),
        memory_total_mib: z.int().nullable().describe('Mebibytes'),
        memory_used_mib: z.int().nullable().describe('Mebibytes'),
        licensed: z.boolean().nullable(),
      }),
    )
    .describe("Virtual GPUs that it carries, on the hypervisor's side"),
};

/** A GPU on its instance's own page. */
export const GpuDetails = z
  .object({
    ...gpuFields,
    parent_uuid: z.string().nullable().describe('The GPU that holds this MIG instance'),
    memory_total_mib: z.int().nullable().describe('Mebibytes'),
    driver_version: z.string().nullable(),
    pci_bus_id: z.string().nullable(),
    serial: z.string().nullable(),
    mig_enabled: z.boolean().nullable(),
    ...gpuDetails,
    absences: z
      .record(z.string(), z.string())
      .meta({ description: 'Metric → why there is no value', examples: [{ fan_speed: 'unsupported' }] }),
    health_reason: z.string().nullable(),
    health_evidence: z
      .string()
      .nullable()
      .meta({
        description: 'What was seen, word for word: a line of the kernel log, a field and its value',
        examples: ['NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus.'],
      }),
    advised_action: AdvisedAction.describe('What to do about it; docs/operations.md says how. rma: replace the board'),
    episodes: z
      .array(GpuHealthEpisode)
      .describe('Errors of the driver on this GPU and of its NVSwitches, newest first, at most 20'),
    health_since: Timestamp.nullable(),
    health_cleared_at: Timestamp.nullable().describe('When a person last said that it is repaired'),
    health_cleared_by: z.string().nullable(),
    last_seen_at: Timestamp.nullable(),
  })
  .meta({ id: 'GpuDetails' });
