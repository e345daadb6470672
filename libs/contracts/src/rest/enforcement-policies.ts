import { z } from 'zod';
import { Timestamp } from './common.js';
import { ConditionNode, WeekSchedule } from './conditions.js';
import { PolicyAction, PolicyTag } from './policy-actions.js';
import { pageQuery, qBool } from './query.js';

const EXECUTION_MODES = ['automatic', 'approval_required', 'notify_only'] as const;
const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;

const EXAMPLE_CONDITIONS = {
  operator: 'AND' as const,
  rules: [
    { metric: 'monthly_budget_utilization', operator: 'gte' as const, threshold: 80 },
    { metric: 'days_remaining_in_month', operator: 'gte' as const, threshold: 5 },
  ],
};

export const policyFields = {
  policy_name: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .meta({ description: 'Unique in the tenant', examples: ['Budget Guard'] }),
  description: z
    .string()
    .trim()
    .max(2000)
    .nullable()
    .meta({ examples: ['Scale down when monthly budget is 80% consumed'] }),
  severity: z.enum(SEVERITIES).meta({ description: 'Of the alerts that it raises', examples: ['high'] }),
  policy_type: z
    .string()
    .regex(/^[a-z0-9_]{1,64}$/, 'expected a word of a-z, 0-9 and _')
    .meta({ description: 'A word of yours to group policies by', examples: ['budget_threshold'] }),
  execution_mode: z.enum(EXECUTION_MODES).meta({
    description:
      'automatic: acts by itself. approval_required: each start and stop waits for a person. notify_only: only tells what it would do',
    examples: ['approval_required'],
  }),
  cooldown_minutes: z
    .int()
    .min(0)
    .max(10_080)
    .meta({
      description: 'Between two triggers for the same instance; 0: once, until the conditions were false in between',
      examples: [120],
    }),
  schedule: WeekSchedule.nullable().meta({ description: 'null: always' }),
  conditions: ConditionNode.meta({ description: 'When it triggers', examples: [EXAMPLE_CONDITIONS] }),
  actions: z
    .array(PolicyAction)
    .min(1)
    .max(10)
    .meta({
      description: 'What it does, in this order',
      examples: [
        [
          { type: 'scale_down_instances', target: 'lowest_utilization', percentage: 30 },
          { type: 'notify_finance_team', channels: ['slack', 'email'] },
        ],
      ],
    }),
  scope: z
    .enum(['all', 'tagged', 'specific_instance'])
    .meta({ description: 'Instances that it looks at', examples: ['all'] }),
  scope_filter: z
    .strictObject({
      tag_key: z
        .string()
        .min(1)
        .max(128)
        .optional()
        .meta({ examples: ['environment'] }),
      tag_value: z
        .string()
        .max(256)
        .optional()
        .meta({ description: 'Left out: any', examples: ['dev'] }),
      instance_ids: z
        .array(z.union([z.int().min(1), z.string().min(1).max(256)]))
        .min(1)
        .max(1000)
        .optional()
        .meta({ description: "Numbers or providers' ids", examples: [['i-0abc123def456']] }),
    })
    .meta({
      description: 'tag_key (and tag_value) with scope tagged, instance_ids with scope specific_instance',
      examples: [{}],
    }),
  protect_tags: z
    .array(PolicyTag)
    .max(50)
    .meta({
      description: "Instances with one of these are never acted on; the tenant's own protection tags come on top",
      examples: [[{ key: 'environment', value: 'production' }]],
    }),
  cap_per_run_percent: z
    .number()
    .gt(0)
    .max(100)
    .meta({
      description: 'Part of the running fleet that one run may start or stop; at least one instance',
      examples: [25],
    }),
  cap_per_day_percent: z
    .number()
    .gt(0)
    .max(100)
    .meta({
      description: 'The same for all policies together within 24 hours; beyond it this policy waits',
      examples: [50],
    }),
  enabled: z.boolean().meta({ description: 'false: it decides nothing', examples: [true] }),
};

const SEED_EXAMPLE = {
  policy_name: 'Budget Guard',
  description: 'Scale down when monthly budget is 80% consumed',
  severity: 'high' as const,
  policy_type: 'budget_threshold',
  execution_mode: 'approval_required' as const,
  cooldown_minutes: 120,
  schedule: {
    timezone: 'America/New_York',
    active_hours: { start: '08:00', end: '22:00' },
    active_days: [1, 2, 3, 4, 5],
  },
  conditions: EXAMPLE_CONDITIONS,
  actions: [
    { type: 'scale_down_instances', target: 'lowest_utilization', percentage: 30 },
    { type: 'notify_finance_team', channels: ['slack', 'email'] },
  ],
};

export const CreateEnforcementPolicyBody = z
  .strictObject({
    ...policyFields,
    description: policyFields.description.default(null),
    severity: policyFields.severity.default('medium'),
    policy_type: policyFields.policy_type.default('custom'),
    execution_mode: policyFields.execution_mode.default('approval_required'),
    cooldown_minutes: policyFields.cooldown_minutes.default(60),
    schedule: policyFields.schedule.default(null),
    scope: policyFields.scope.default('all'),
    scope_filter: policyFields.scope_filter.default({}),
    protect_tags: policyFields.protect_tags.default([]),
    cap_per_run_percent: policyFields.cap_per_run_percent.default(25),
    cap_per_day_percent: policyFields.cap_per_day_percent.default(50),
    enabled: policyFields.enabled.default(true),
  })
  .meta({ id: 'CreateEnforcementPolicyBody', examples: [SEED_EXAMPLE] });
export type CreateEnforcementPolicyBody = z.infer<typeof CreateEnforcementPolicyBody>;

export const UpdateEnforcementPolicyBody = z
  .strictObject(policyFields)
  .partial()
  .refine((body) => Object.keys(body).length > 0, { message: 'at least one field is required' })
  .meta({ id: 'UpdateEnforcementPolicyBody', examples: [{ cooldown_minutes: 240 }] });
export type UpdateEnforcementPolicyBody = z.infer<typeof UpdateEnforcementPolicyBody>;

export const FromTemplateBody = z
  .strictObject(policyFields)
  .partial()
  .default({})
  .meta({
    id: 'FromTemplateBody',
    description: 'What is to be other than in the template',
    examples: [{ policy_name: 'My Custom Idle Policy', execution_mode: 'approval_required' }],
  });
export type FromTemplateBody = z.infer<typeof FromTemplateBody>;

export const TogglePolicyBody = z
  .strictObject({
    enabled: z
      .boolean()
      .optional()
      .meta({ description: 'Left out: the other one', examples: [false] }),
  })
  .default({});
export type TogglePolicyBody = z.infer<typeof TogglePolicyBody>;

export const EnforcementPolicy = z
  .object({
    id: z.int().meta({ examples: [1] }),
    ...policyFields,
    version: z.int().meta({ description: 'Grows with every change of what it does', examples: [1] }),
    summary: z.string().meta({
      description: 'What it does, in a sentence',
      examples: ['When monthly budget utilization is at least 80, stops 30 % of the instances; a person has to agree.'],
    }),
    warnings: z.array(z.string()).meta({ description: 'What is allowed and worth a word', examples: [[]] }),
    template_id: z
      .string()
      .nullable()
      .meta({ description: 'The template that it was made from', examples: [null] }),
    last_triggered_at: Timestamp.nullable().describe('The minute of data that triggered last; null: never'),
    created_by: z.string().meta({ examples: ['ada@example.com'] }),
    updated_by: z.string().meta({ description: 'Who wrote this version', examples: ['ada@example.com'] }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'EnforcementPolicy' });

export const EnforcementPolicyQuery = z.strictObject({
  ...pageQuery,
  enabled: qBool().optional().describe('Only these'),
  policy_type: policyFields.policy_type.optional().describe('Only of this type'),
  execution_mode: policyFields.execution_mode.optional().describe('Only of this mode'),
  severity: policyFields.severity.optional().describe('Only of this severity'),
});
export type EnforcementPolicyQuery = z.infer<typeof EnforcementPolicyQuery>;

export const PolicyTemplate = z
  .object({
    id: z.string().meta({ description: 'For from-template', examples: ['idle-stop'] }),
    sentence: z.string().meta({
      description: 'What it does, in plain words',
      examples: ['Stops a machine whose GPUs have all been idle for two hours.'],
    }),
    policy: z
      .object({
        ...policyFields,
        policy_name: policyFields.policy_name.meta({
          description: 'Its name unless you give another',
          examples: ['Idle stop'],
        }),
      })
      .describe('What a policy made from it has, where nothing else is given'),
  })
  .meta({ id: 'PolicyTemplate' });

export const TemplateId = z
  .string()
  .regex(/^[a-z0-9-]{1,64}$/)
  .meta({ description: 'Id of the template', examples: ['idle-stop'] });
