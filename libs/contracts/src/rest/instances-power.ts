import { z } from 'zod';
import { ActionId, ActionRequestBody, ActionState } from './actions.js';
import { StopGateAnswer } from './stop-gate.js';

/** Instances of one request: with ten such requests a minute a thousand are reached. */
export const MOST_INSTANCES_AT_ONCE = 100;

const instanceIds = z
  .array(z.int().min(1))
  .min(1)
  .max(MOST_INSTANCES_AT_ONCE)
  .meta({ description: `Numeric ids; at most ${MOST_INSTANCES_AT_ONCE}`, examples: [[1, 2]] });

const asked = ActionRequestBody.unwrap().shape;

export const BulkPowerBody = z
  .strictObject({
    operation: z.enum(['start', 'stop']).meta({ description: 'What is done with each', examples: ['stop'] }),
    instance_ids: instanceIds,
    reason: asked.reason,
    accept: asked.accept,
  })
  .meta({ id: 'BulkPowerBody' });
export type BulkPowerBody = z.infer<typeof BulkPowerBody>;

export const BulkPower = z
  .object({
    requested: z.int().meta({ description: 'Actions that were made', examples: [1] }),
    refused: z.int().meta({ description: 'Instances of which nothing is done', examples: [1] }),
    results: z
      .array(
        z
          .object({
            instance_id: z.int().meta({ examples: [1] }),
            action_id: ActionId.nullable().describe('null: refused'),
            status: ActionState.nullable().describe('Of the action; null: refused'),
            error: z
              .string()
              .nullable()
              .meta({
                description: 'Why it was refused, in a sentence; null: it was not',
                examples: ['Instance host-1 is already stopped.'],
              }),
            code: z
              .string()
              .nullable()
              .meta({ description: 'The same for programs, as errors have it', examples: ['CONFLICT'] }),
          })
          .meta({ id: 'BulkPowerResult' }),
      )
      .describe('In the order of the request'),
  })
  .meta({ id: 'BulkPower' });

export const BulkGateBody = z.strictObject({ instance_ids: instanceIds }).meta({ id: 'BulkGateBody' });
export type BulkGateBody = z.infer<typeof BulkGateBody>;

export const BulkGate = z
  .object({
    answers: z.array(StopGateAnswer).describe('In the order of the request'),
    not_found: z.array(z.int()).meta({ examples: [[]] }),
  })
  .meta({ id: 'BulkGate' });
