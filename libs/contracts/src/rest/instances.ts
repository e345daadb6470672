import { z } from 'zod';
import { ActionState } from './actions.js';
import { Currency, Money, Timestamp } from './common.js';
import { GpuDetails, GpuHealthVerdict, InstanceGpu } from './instance-gpus.js';
import { pageQuery, qList, qInt } from './query.js';
import { CloudProvider, DecimalAmount, InstanceState, LIFECYCLES, LocalDisks } from './sync-elements.js';

export const InstanceRef = z
  .string()
  .min(1)
  .max(256)
  .meta({ description: 'The numeric id, or the percent-encoded provider id, which wins', examples: ['1'] });

const idType = {
  id_type: z
    .enum(['numeric', 'provider'])
    .optional()
    .meta({ description: 'What the id in the path is, where both could be meant', examples: ['numeric'] }),
};
export const InstanceRefQuery = z.strictObject(idType);
export type InstanceRefQuery = z.infer<typeof InstanceRefQuery>;

export const Latest = z
  .object({
    timestamp: Timestamp.describe('The newest reading'),
    gpu_utilization: z.number().nullable().describe('Percent, mean over the GPUs; null: not reported'),
    memory_utilization: z.number().nullable().describe('Percent of GPU memory in use, mean over the GPUs'),
    temperature: z.number().nullable().describe('Degrees Celsius, hottest GPU'),
    power_draw: z.number().nullable().describe('Watts, all GPUs together'),
    cpu_utilization: z.number().nullable().describe('Percent'),
    host_memory_utilization: z.number().nullable().describe('Percent'),
    disk_utilization: z.number().nullable().describe('Percent'),
  })
  .meta({ id: 'InstanceLatest' });

/** What an instance shows in every answer; answers pick from it. */
export const instanceFields = {
  id: z.int().meta({ examples: [1] }),
  instance_id: z.string().meta({ description: "The provider's id", examples: ['i-0abc123def456'] }),
  name: z
    .string()
    .nullable()
    .meta({ description: 'Display name', examples: ['trainer-1'] }),
  cloud_provider: CloudProvider,
  region: z
    .string()
    .nullable()
    .meta({ examples: ['us-east-1'] }),
  instance_type: z
    .string()
    .nullable()
    .meta({ examples: ['p3.2xlarge'] }),
  gpu_type: z
    .string()
    .nullable()
    .meta({ examples: ['V100'] }),
  gpu_count: z
    .int()
    .nullable()
    .meta({ description: 'As its provider says; null: not known', examples: [1] }),
  state: InstanceState,
  state_changed_at: Timestamp,
  workload_state: z
    .enum(['running', 'stopped'])
    .nullable()
    .describe('What runs on it, where actions start and stop workloads; null: not known'),
  tags: z.record(z.string(), z.string()).meta({ examples: [{ environment: 'production', team: 'ml-training' }] }),
  hourly_cost: Money.nullable().describe('Price of an hour in `currency`; null: not known'),
  currency: Currency,
  hourly_cost_source: z
    .enum(['user', 'bill', 'own_price', 'cloud', 'agent', 'price_table'])
    .nullable()
    .describe('Who says what it costs'),
  placement: z
    .object({
      zone: z.string().optional(),
      account: z.string().optional().describe('Account, subscription or project that pays'),
      lifecycle: z.enum(LIFECYCLES).optional().describe('How it is paid for'),
      auto_scaling_group: z.string().optional().describe('What would replace it when it stops'),
      resource_id: z.string().optional().describe("The provider's full name of it"),
      kubernetes_node: z.string().optional(),
      slurm_node: z.string().optional(),
      slurm_cluster: z.string().optional(),
      local_disks: LocalDisks.optional(),
    })
    .meta({
      id: 'InstancePlacement',
      description: 'Where it stands; what nobody knows is not there',
      examples: [{ zone: 'us-east-1a', account: '123456789012', lifecycle: 'spot' }],
    }),
  protected: z.boolean().describe('true: no action may stop or start it'),
  generation: z.int().describe('Counts verified starts and stops'),
  simulated: z.boolean().describe('true: made up, not a real machine'),
  created_at: Timestamp,
  first_seen_at: Timestamp,
  last_seen_at: Timestamp.nullable(),
  agent: z
    .object({
      id: z.uuid(),
      version: z.string().nullable(),
      connected: z.boolean().describe('Its stream is open now'),
      last_seen_at: Timestamp.nullable(),
    })
    .nullable()
    .meta({ id: 'InstanceAgent', description: 'The agent on this machine; null: none' }),
  latest: Latest.nullable().describe('null: nothing was reported yet'),
};

export const Instance = z.object({ ...instanceFields, gpus: z.array(InstanceGpu) }).meta({ id: 'Instance' });

export const InstanceDetails = z
  .object({
    ...instanceFields,
    gpus: z.array(GpuDetails),
    facts: z
      .array(
        z.object({
          fact: z.string().meta({ examples: ['hourly_cost'] }),
          source: z.string().meta({ examples: ['user'] }),
          reporter: z.string().nullable().describe('The agent that says so'),
          value: z.unknown(),
          at: Timestamp,
        }),
      )
      .meta({
        description:
          'What each source says; the best one counts: user, bill, own_price, cloud, agent, price_table. A price of the table has the list, its day and the version of the table beside the amount',
      }),
    alerts: z
      .array(
        z.object({
          id: z.int().meta({ examples: [1] }),
          alert_type: z.string().meta({ examples: ['metric_threshold'] }),
          severity: z.string().meta({ examples: ['high'] }),
          title: z.string().meta({ examples: ['High GPU Temperature: trainer-7'] }),
          message: z.string().meta({ examples: ['GPU 3 of trainer-7: temperature is 93 °C, above 85 °C.'] }),
          acknowledged: z.boolean().meta({ examples: [false] }),
          first_fired_at: Timestamp,
          last_fired_at: Timestamp,
        }),
      )
      .describe('Active alerts about it and its GPUs, the ones that fired last first; at most 100'),
    actions: z
      .array(
        z.object({
          id: z.string().meta({ examples: ['act_01kb3x4m9t8c2n7v5q6r1w0zeh'] }),
          type: z.enum(['start', 'stop']),
          status: ActionState,
          requested_at: Timestamp,
        }),
      )
      .describe('Actions that are not finished'),
    maintenance_window: z
      .object({
        id: z.int().meta({ examples: [1] }),
        name: z.string().meta({ examples: ['Saturday Deploy Window'] }),
        starts_at: Timestamp.describe('Begin of this opening'),
        ends_at: Timestamp.describe('The first moment after it'),
        suppress_alerts: z.boolean().meta({ examples: [true] }),
        suppress_enforcement: z.boolean().meta({ examples: [true] }),
      })
      .nullable()
      .meta({
        id: 'InstanceWindow',
        description: 'The window it is in now, of several the one that ends last; null: none',
      }),
  })
  .meta({ id: 'InstanceDetails' });

const tagFilter = z
  .string()
  .regex(/^[^:]{1,128}:.{0,256}$/s, 'expected key:value')
  .meta({ examples: ['environment:production'] });

export const INSTANCE_SORTS = [
  'id',
  'name',
  'state',
  'hourly_cost',
  'created_at',
  'last_seen_at',
  'instance_type',
  'region',
] as const;

export const InstanceQuery = z.strictObject({
  ...pageQuery,
  ids: qList(qInt(1, Number.MAX_SAFE_INTEGER), 200)
    .optional()
    .meta({ description: 'Only these numeric ids, separated by commas; at most 200', examples: [[1, 2]] }),
  state: qList(InstanceState).optional().describe('One or several, separated by commas'),
  instance_type: z.string().min(1).max(128).optional().describe("The provider's type"),
  gpu_type: z.string().min(1).max(128).optional().describe('The GPU model'),
  region: z.string().min(1).max(128).optional().describe("The provider's region"),
  cloud_provider: CloudProvider.optional(),
  health: qList(GpuHealthVerdict)
    .optional()
    .meta({ description: 'With a GPU of this health; one or several, separated by commas', examples: [['unhealthy']] }),
  tag: z
    .union([tagFilter, z.array(tagFilter).max(20)])
    .optional()
    .describe('key:value; several: all of them'),
  search: z.string().min(1).max(200).optional().describe('Part of the name, provider id, type, GPU type or region'),
  sort: z
    .enum(INSTANCE_SORTS.flatMap((name) => [name, `-${name}` as const]))
    .default('id')
    .meta({
      description: 'A leading minus: descending. Instances without a value come last',
      examples: ['-hourly_cost'],
    }),
});
export type InstanceQuery = z.infer<typeof InstanceQuery>;

const nullableTag = z.string().max(256).nullable();
export const PatchInstanceBody = z
  .strictObject({
    name: z.string().trim().min(1).max(256).nullable().optional().describe("null: back to the machine's own name"),
    tags: z
      .record(z.string().min(1).max(128), nullableTag)
      .refine((tags) => Object.keys(tags).length <= 100, 'at most 100 tags')
      .optional()
      .meta({ description: 'Merged into the tags; null takes a tag away', examples: [{ team: 'ml-training' }] }),
    hourly_cost: DecimalAmount.nullable().optional().describe('null: back to what the other sources say'),
    currency: Currency.optional().describe('Of hourly_cost; the tenant’s when left out'),
    protected: z.boolean().optional().describe('false takes every protection back; only an admin may'),
    lifecycle: z
      .enum(LIFECYCLES)
      .nullable()
      .optional()
      .describe('How it is paid for; null: what the other sources say'),
    auto_scaling_group: z
      .string()
      .trim()
      .min(1)
      .max(256)
      .nullable()
      .optional()
      .meta({
        description: 'What would replace it when it stops; null: what the other sources say',
        examples: ['trainers'],
      }),
    local_disks: LocalDisks.nullable().optional(),
  })
  .refine((body) => Object.keys(body).length > 0, 'give at least one field')
  .refine((body) => body.currency === undefined || body.hourly_cost !== undefined, {
    path: ['currency'],
    message: 'only together with hourly_cost',
  })
  .meta({ examples: [{ name: 'trainer-1', tags: { team: 'ml-training' }, hourly_cost: 3.06 }] });
export type PatchInstanceBody = z.infer<typeof PatchInstanceBody>;
