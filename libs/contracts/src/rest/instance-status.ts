import { z } from 'zod';
import { Currency, Money, Timestamp } from './common.js';
import { gpuFields } from './instance-gpus.js';
import { instanceFields } from './instances.js';
import { qInt, qNumber } from './query.js';

export const GpuProcessList = z
  .object({
    read_at: Timestamp.nullable().describe('null: never reported'),
    processes: z.array(
      z
        .object({
          device: z.string().describe('GPU or MIG uuid'),
          gpu_index: z.int().nullable(),
          pid: z.int(),
          name: z.string(),
          type: z.string().describe('C compute, G graphics, C+G both; empty: not told'),
          used_memory_mib: z.number().nullable().describe('Mebibytes; null: the driver does not tell'),
          user: z.string().nullable().describe('null: could not be told for sure'),
          command: z.string().nullable().describe("The kernel's short name of the program"),
          started_at: Timestamp.nullable(),
          container: z
            .object({ id: z.string().nullable(), name: z.string().nullable() })
            .nullable()
            .describe('The container it runs in; null: none, or it could not be told'),
          pod: z
            .object({ uid: z.string(), name: z.string().nullable(), namespace: z.string().nullable() })
            .nullable()
            .describe('The Kubernetes pod it runs in'),
          slurm_job_id: z.string().nullable().describe('The Slurm job that started it'),
          sm_percent: z
            .number()
            .nullable()
            .describe('Percent of the time in which it kept SMs busy; null: not measured'),
        })
        .meta({ id: 'GpuProcess' }),
    ),
  })
  .meta({ id: 'GpuProcessList' });

export const IdleInstanceQuery = z.strictObject({
  page: qInt(1, 1_000_000)
    .optional()
    .meta({ description: 'Page number from 1', examples: [1] }),
  limit: qInt(1, 1000)
    .default(200)
    .meta({ description: 'Items per page, at most 1000', examples: [200] }),
  below_percent: qNumber(0.1, 100)
    .optional()
    .meta({
      description: 'GPU utilisation below which a GPU is idle; the tenant’s setting when left out',
      examples: [5],
    }),
  for_minutes: qInt(1, 1440)
    .optional()
    .meta({ description: 'For how long; the tenant’s setting when left out', examples: [30] }),
});
export type IdleInstanceQuery = z.infer<typeof IdleInstanceQuery>;

export const IdleInstance = z
  .object({
    instance: z
      .object({
        id: instanceFields.id,
        instance_id: instanceFields.instance_id,
        name: instanceFields.name,
        cloud_provider: instanceFields.cloud_provider,
        region: instanceFields.region,
        instance_type: instanceFields.instance_type,
        gpu_type: instanceFields.gpu_type,
        gpu_count: z.int().describe('GPUs that were looked at'),
        state: instanceFields.state,
        tags: instanceFields.tags,
        protected: instanceFields.protected,
        simulated: instanceFields.simulated,
      })
      .meta({ id: 'IdleInstanceSummary' }),
    idle_since: Timestamp.describe('Since the last of its GPUs became idle'),
    idle_minutes: z.int().meta({ examples: [42] }),
    evidence: z
      .object({
        gpu_utilization: z.number().describe('Percent: the highest reading of any GPU since idle_since'),
        memory: z.object({
          utilization: z.number().nullable().describe('Percent, mean over the GPUs; null: not reported'),
          used_mib: z.number().nullable().describe('Mebibytes, all GPUs together'),
        }),
        power: z.number().nullable().describe('Watts, all GPUs together'),
        processes: z.int().nullable().describe('GPU processes last reported; null: never reported'),
        process_owners: z
          .array(z.string())
          .nullable()
          .meta({
            description:
              'Whose those processes are, at most 20: user, namespace/pod or Slurm job; null: never reported',
            examples: [['ada', 'ml-team/trainer-0', 'slurm job 4711']],
          }),
      })
      .meta({ id: 'IdleEvidence' }),
    wasted_cost: Money.nullable().describe('hourly_cost × idle_minutes ÷ 60 in `currency`; null: no price is known'),
    hourly_cost: Money.nullable(),
    currency: Currency,
  })
  .meta({ id: 'IdleInstance' });

export const IdleSummary = z
  .object({
    below_percent: z.number().describe('The threshold that was applied'),
    for_minutes: z.int().describe('The duration that was applied'),
  })
  .meta({ id: 'IdleSummary' });

export const ClearHealthBody = z
  .strictObject({
    comment: z
      .string()
      .trim()
      .max(2000)
      .optional()
      .meta({ examples: ['board replaced'] }),
  })
  .default({});
export type ClearHealthBody = z.infer<typeof ClearHealthBody>;

export const GpuHealth = z
  .object({
    uuid: gpuFields.uuid,
    health: gpuFields.health,
    health_cleared_at: Timestamp,
    health_cleared_by: z.string(),
    agent_connected: z
      .boolean()
      .nullable()
      .describe('true: its agent is told now; false: when it connects, or calls, next; null: no agent watches it'),
  })
  .meta({ id: 'GpuHealth' });

export const GpuUuid = z
  .string()
  .min(1)
  .max(128)
  .meta({ description: "The GPU's uuid", examples: ['GPU-5a1f'] });
