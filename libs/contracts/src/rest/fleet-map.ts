import { z } from 'zod';
import { Currency, Money, Timestamp } from './common.js';
import { GpuHealthVerdict } from './instance-gpus.js';
import { CloudProvider, InstanceState } from './sync-elements.js';

const GPU_STATES = ['busy', 'held', 'idle', 'off', 'unknown'] as const;
const column = (unit: string) =>
  z.array(z.number().nullable()).meta({ description: `${unit}; null: not reported`, examples: [[97, null]] });

const number = (description: string) => z.int().meta({ description, examples: [12] });

/** Every GPU of the tenant in columns: place i of each list is the same GPU. */
export const FleetMap = z
  .object({
    at: Timestamp.describe('When it was looked'),
    below_percent: z.number().meta({ description: 'Utilisation below which a minute is quiet', examples: [5] }),
    for_minutes: z.int().meta({ description: 'Quiet minutes that make a GPU held or idle', examples: [30] }),
    totals: z.object({
      gpus: z.int().meta({ description: 'Without MIG instances', examples: [8000] }),
      busy: number('Working, or quiet for less than `for_minutes`'),
      held: number('Quiet for long while something holds its memory'),
      idle: number('Quiet for long and empty'),
      off: number('Of stopped machines'),
      unknown: number('Not enough is reported to tell'),
      unhealthy: number('Degraded or unhealthy'),
      wasted_per_day: z
        .array(z.object({ currency: Currency, amount: Money }))
        .describe('Price of a day of the GPUs that are held or idle, by currency'),
      unpriced: number('GPUs that are held or idle and whose price is not known'),
    }),
    instances: z.array(
      z.object({
        id: z.int().meta({ examples: [1] }),
        instance_id: z.string().meta({ description: "The provider's id", examples: ['i-0abc123'] }),
        name: z.string().nullable(),
        cloud_provider: CloudProvider,
        region: z.string().nullable(),
        instance_type: z.string().nullable(),
        gpu_type: z.string().nullable(),
        state: InstanceState,
        tags: z.record(z.string(), z.string()).meta({ examples: [{ team: 'ml-training' }] }),
        gpu_hourly_cost: Money.nullable().describe('Price of an hour of one of its GPUs; null: not known'),
        currency: Currency,
        simulated: z.boolean(),
      }),
    ),
    gpus: z.object({
      instance: z.array(z.int()).meta({ description: 'Place in `instances`', examples: [[0, 0]] }),
      index: z.array(z.int().nullable()).meta({ description: "The driver's index", examples: [[0, 1]] }),
      state: z.array(z.enum(GPU_STATES)),
      health: z.array(GpuHealthVerdict),
      utilization: column('Percent'),
      memory: column('Percent of its memory in use'),
      temperature: column('Degrees Celsius'),
      power: column('Watts'),
      quiet_minutes: z
        .array(z.int().nullable())
        .meta({ description: 'For how long it has been quiet; null: it is not', examples: [[45, null]] }),
    }),
  })
  .meta({ id: 'FleetMap' });
