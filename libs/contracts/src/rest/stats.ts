import { z } from 'zod';
import { ACTION_STATES } from './actions.js';
import { INSTANCE_STATES } from './sync-elements.js';

const counted = (names: readonly string[]) => z.object(Object.fromEntries(names.map((name) => [name, z.int()])));

export const Stats = z
  .object({
    actions: counted([...ACTION_STATES, 'total']).meta({ description: 'Actions by status' }),
    resources: z.object({
      instances: counted([...INSTANCE_STATES, 'total']).meta({ description: 'Instances by state' }),
      gpus: z.object({
        total: z.int().describe('GPUs without MIG instances'),
        missing: z.int().describe('Not listed by their driver any more'),
        unhealthy: z.int().describe('Degraded or unhealthy'),
      }),
      agents: z.object({ total: z.int().describe('Enrolled'), connected: z.int().describe('With an open stream') }),
    }),
  })
  .meta({ id: 'Stats' });
