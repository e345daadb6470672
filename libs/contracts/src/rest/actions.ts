import { z } from 'zod';
import { Timestamp } from './common.js';
import { StopGateJudgement } from './stop-gate.js';
import { Id, pageQuery, qBool, qList } from './query.js';

export const ACTION_STATES = [
  'pending_approval',
  'queued',
  'dispatched',
  'running',
  'succeeded',
  'failed',
  'refused',
  'expired',
  'cancelled',
  'rejected',
  'unknown',
] as const;
export const ActionState = z.enum(ACTION_STATES).meta({
  description:
    'refused: the host said no before it acted; failed: tried and did not work; expired: nobody could act before the deadline; unknown: the host may or may not have acted, it is asked',
});

export const ActionId = z
  .string()
  .regex(/^act_[0-9a-z]{26}$/)
  .meta({ description: 'The action', examples: ['act_01kb3x4m9t8c2n7v5q6r1w0zeh'] });

const Person = z
  .object({
    type: z.string().meta({ description: 'user, api_key, agent or system', examples: ['user'] }),
    id: z
      .string()
      .nullable()
      .meta({ description: 'Its id', examples: ['1'] }),
    label: z.string().meta({ description: 'How a person recognises it', examples: ['ada@example.com'] }),
  })
  .meta({ id: 'ActionActor' });

const fields = {
  id: ActionId,
  type: z.enum(['start', 'stop']).meta({ description: 'What is done', examples: ['stop'] }),
  status: ActionState,
  instance_id: z.int().meta({ description: 'The instance', examples: [1] }),
  instance: z.object({
    provider_id: z.string().meta({ description: "The provider's id", examples: ['i-0abc123def456'] }),
    cloud_provider: z.string().meta({ examples: ['aws'] }),
    name: z.string().nullable().describe('null: it has none'),
    simulated: z.boolean().describe('true: a made-up machine; nothing real is started or stopped'),
  }),
  reason: z
    .string()
    .nullable()
    .meta({ description: 'Why, in the words of who asked', examples: ['idle for three hours'] }),
  force: z.boolean().describe('true: done whether or not the instance is idle'),
  dry_run: z.boolean().describe('true: it only said what would be done; nothing was started or stopped'),
  message: z
    .string()
    .nullable()
    .meta({ description: 'Why it stands where it stands', examples: ['stopped'] }),
  requester: Person,
  policy_id: z.int().nullable().describe('The enforcement policy that asked; null: a person or a key'),
  policy_version: z.int().nullable().describe('Which of its versions; null: no policy asked'),
  requested_at: Timestamp,
  deadline: Timestamp.describe('Until then its agent must have accepted it, or a person have approved it'),
  updated_at: Timestamp,
  controller: z
    .object({
      agent_id: z.uuid().describe('The agent that acts'),
      host: z.string().meta({ description: 'Where it runs', examples: ['gpu-7'] }),
      kind: z.string().meta({ description: 'How it acts', examples: ['command'] }),
      level: z.enum(['power', 'workload']).describe('The machine, or what runs on it'),
    })
    .meta({ id: 'ActionController' }),
  attempts: z.int().meta({ description: 'Times it was offered to its agent', examples: [1] }),
  finished_at: Timestamp.nullable().describe('When its result was stored; null: no result yet'),
};

export const Action = z.object(fields).meta({ id: 'Action' });

export const ActionDetails = z
  .object({
    ...fields,
    approval: z
      .object({
        required: z.boolean().describe('The tenant asks for an approval'),
        second_person: z.boolean().describe('Who requested it cannot approve it'),
        decision: z.enum(['approved', 'rejected', 'cancelled']).nullable().describe('null: none yet'),
        by: Person.nullable(),
        at: Timestamp.nullable(),
        comment: z.string().nullable(),
      })
      .meta({ id: 'ActionApproval' }),
    precondition: z.object({
      idle_since: Timestamp.nullable().describe('The host refuses if a GPU was busy after this; null: not asked'),
      idle_below_percent: z
        .number()
        .nullable()
        .describe('GPU utilisation in percent that counts as busy from there on'),
      generation: z.int().describe('Verified starts and stops of the instance before the request'),
      known_processes: z
        .int()
        .nullable()
        .describe('GPU processes known at the request; the host refuses for any other. null: not asked'),
    }),
    gate: StopGateJudgement.nullable().describe(
      'What the safe-stop gate said of it last: when it was requested, approved or released. null: it was not asked',
    ),
    accepted: z
      .array(z.string())
      .meta({ description: 'Losses that its requester accepted', examples: [['local_disks']] }),
    offered_at: Timestamp.nullable().describe('Last offer'),
    accepted_at: Timestamp.nullable(),
    lease_until: Timestamp.nullable().describe('Until then an answer or heartbeat of the agent is awaited'),
    result: z
      .object({
        outcome: z.enum(['succeeded', 'failed', 'refused', 'unknown']).describe("The host's word"),
        message: z.string(),
        exit_code: z.int().nullable().describe('null: no command ran, or it was killed'),
        output: z.string().nullable().describe('What the command printed, at most 64 KiB'),
        output_truncated: z.boolean(),
        observed_state: z
          .enum(['running', 'stopped'])
          .nullable()
          .describe('What was read afterwards; null: not verified'),
        verified: z.boolean().describe('The effect was seen by somebody who can see it'),
        started_at: Timestamp.nullable().describe("In the host's clock"),
        finished_at: Timestamp.nullable().describe("In the host's clock"),
      })
      .nullable()
      .meta({ id: 'ActionResult', description: 'null: none yet' }),
    timeline: z.array(
      z
        .object({
          at: Timestamp,
          from: ActionState.nullable().describe('null: the request; equal to `to`: a remark'),
          to: ActionState,
          by: Person,
          note: z.string().nullable(),
          fence: z.int().nullable().describe('The offer that it belongs to; null: none yet'),
        })
        .meta({ id: 'ActionTransition' }),
    ),
  })
  .meta({ id: 'ActionDetails' });

export const ActionQuery = z.strictObject({
  ...pageQuery,
  status: qList(ActionState).optional().describe('One or several, separated by commas'),
  instance_id: Id.optional().describe('Only of this instance'),
  type: z.enum(['start', 'stop']).optional().describe('Only starts or only stops'),
  dry_run: qBool().optional().describe('true: only dry runs; false: none of them'),
});
export type ActionQuery = z.infer<typeof ActionQuery>;

export const DecisionBody = z
  .strictObject({
    comment: z
      .string()
      .trim()
      .max(2000)
      .optional()
      .meta({ description: 'Why', examples: ['training is over'] }),
  })
  .default({});
export type DecisionBody = z.infer<typeof DecisionBody>;

export const ActionRequestBody = z
  .strictObject({
    reason: z
      .string()
      .trim()
      .max(2000)
      .optional()
      .meta({ description: 'Why; kept with the action', examples: ['idle for three hours'] }),
    force: z
      .boolean()
      .default(false)
      .meta({
        description: 'Skips the preconditions of idleness and of processes; never protection or approval',
        examples: [false],
      }),
    dry_run: z
      .boolean()
      .default(false)
      .meta({
        description:
          'Only asks: the agent looks up what it would do, checks preconditions and permissions, and changes nothing. The action ends succeeded or refused, its message says what would be done. Needs no approval and holds no instance',
        examples: [false],
      }),
    accept: z
      .array(z.enum(['recent_start', 'model_server', 'jobs', 'local_disks', 'auto_scaling', 'spot', 'commitment']))
      .max(7)
      .default([])
      .meta({
        description:
          'Of a stop: losses that are accepted, by the checks of GET /instances/:id/stop-gate; needs a reason. Unlike force it leaves every other check as it is',
        examples: [['local_disks']],
      }),
  })
  .default({ force: false, dry_run: false, accept: [] });
export type ActionRequestBody = z.infer<typeof ActionRequestBody>;

export const QueuedAction = z
  .object({
    action_id: ActionId,
    status: ActionState,
    warnings: z
      .array(
        z
          .object({
            check: z.string().meta({ examples: ['recent_start'] }),
            reason: z.string().meta({ examples: ['It runs for 12 minutes only; it is left alone for the first 30.'] }),
          })
          .meta({ id: 'StopWarning' }),
      )
      .optional()
      .describe('Of a stop: what an automatic one would be refused for'),
  })
  .meta({ id: 'QueuedAction', description: 'Follow it at GET /actions/:id' });
