import { z } from 'zod';
import { Timestamp } from './common.js';
import { policyFields } from './enforcement-policies.js';
import { PolicyTag } from './policy-actions.js';
import { Id, pageQuery, qList } from './query.js';

const ConditionMet = z
  .object({
    metric: z.string().meta({ examples: ['gpu_utilization'] }),
    operator: z.string().meta({ examples: ['lt'] }),
    threshold: z.number().meta({ examples: [10] }),
    duration: z.int().meta({ description: 'Minutes that it had to hold', examples: [30] }),
    value: z
      .number()
      .nullable()
      .meta({
        description: 'Of the minute that triggered; of several GPUs the highest. null: not known',
        examples: [1.5],
      }),
    since: Timestamp.nullable().describe('First minute for which it holds, as far as was looked back'),
  })
  .meta({ id: 'ConditionMet' });

const PolicyOutcome = z
  .object({
    action_type: z.string().meta({ examples: ['stop_instances'] }),
    instance: z
      .object({
        id: z.int().meta({ description: 'Its number', examples: [7] }),
        instance_id: z.string().meta({ description: "The provider's id", examples: ['i-0abc123def456'] }),
        name: z
          .string()
          .nullable()
          .meta({ examples: ['trainer-7'] }),
      })
      .nullable()
      .meta({ description: 'null: about no single instance' }),
    outcome: z.enum(['requested', 'awaits_approval', 'would_act', 'tagged', 'notified', 'blocked']).meta({
      description: 'requested: follow action_id. would_act: the policy only tells. blocked: see blocked_by',
      examples: ['requested'],
    }),
    blocked_by: z
      .string()
      .nullable()
      .meta({
        description:
          'gate, cap_per_run, cap_per_day, protection, maintenance, flapping, open_action, controller or refused; null: it was not',
        examples: [null],
      }),
    reason: z.string().meta({ description: 'In a sentence', examples: ['Asked to stop trainer-7.'] }),
    action_id: z
      .string()
      .nullable()
      .meta({ examples: ['act_01kb3x4m9t8c2n7v5q6r1w0zeh'] }),
    action_status: z
      .string()
      .nullable()
      .meta({ description: 'Where that action stands now', examples: ['succeeded'] }),
    action_message: z
      .string()
      .nullable()
      .meta({ description: 'Why it stands there', examples: ['stopped'] }),
    details: z
      .record(z.string(), z.unknown())
      .meta({ description: 'gate: every check of the safe-stop gate with its verdict and reason', examples: [{}] }),
  })
  .meta({ id: 'PolicyOutcome' });

export const PolicyRun = z
  .object({
    id: z.int().meta({ examples: [1] }),
    policy_id: z.int().meta({ examples: [1] }),
    policy_version: z.int().meta({ description: 'The version that decided; GET /versions has it', examples: [1] }),
    timestamp: Timestamp.describe('The minute of data that triggered'),
    decided_at: Timestamp,
    kind: z.enum(['triggered', 'schedule', 'cooldown']).meta({
      description: 'schedule, cooldown: the conditions came to hold, and this is what kept the policy from triggering',
      examples: ['triggered'],
    }),
    subject: z
      .enum(['instance', 'tenant'])
      .meta({ description: 'tenant: no condition looks at an instance', examples: ['instance'] }),
    execution_mode: policyFields.execution_mode,
    instance_ids: z.array(z.int()).meta({ description: 'Numbers of the instances that triggered', examples: [[7]] }),
    triggers: z
      .array(
        z.object({
          instance_id: z
            .string()
            .nullable()
            .meta({ description: "The provider's id; null: the tenant", examples: ['i-0abc123def456'] }),
          conditions_met: z.array(ConditionMet),
        }),
      )
      .meta({ description: 'The numbers, of the first hundred instances' }),
    outcomes: z.array(PolicyOutcome).meta({ description: 'What was done, and what was left alone and why' }),
    simulated: z.boolean().meta({ description: 'Made-up machines', examples: [false] }),
  })
  .meta({ id: 'PolicyRun' });

export const PolicyRunQuery = z.strictObject({
  ...pageQuery,
  kind: qList(z.enum(['triggered', 'schedule', 'cooldown']))
    .optional()
    .describe('One or several, separated by commas; all when left out'),
  instance_id: Id.optional().describe('Only runs that this instance triggered'),
});
export type PolicyRunQuery = z.infer<typeof PolicyRunQuery>;

export const PolicyVersion = z
  .object({
    version: z.int().meta({ examples: [1] }),
    written_by: z.string().meta({ examples: ['ada@example.com'] }),
    written_at: Timestamp,
    policy: z.object(policyFields).omit({ enabled: true }).meta({ description: 'What it said' }),
  })
  .meta({ id: 'PolicyVersion' });

const protectionTags = z
  .array(PolicyTag)
  .max(50)
  .meta({
    description:
      'No policy acts on an instance with one of these. A tag without a value counts unless the instance says false, no, 0 or off',
    examples: [[{ key: 'do-not-stop', value: null }]],
  });
export const EnforcementSettings = z.object({ protection_tags: protectionTags }).meta({ id: 'EnforcementSettings' });
export const EnforcementSettingsBody = z
  .strictObject({ protection_tags: protectionTags })
  .meta({ id: 'EnforcementSettingsBody' });
export type EnforcementSettingsBody = z.infer<typeof EnforcementSettingsBody>;
