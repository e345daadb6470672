import { z } from 'zod';
import { AlertType, EscalationStep, Severity } from './alerts.js';
import { Timestamp } from './common.js';
import { pageQuery, qBool } from './query.js';
import { SEVERITIES } from './sync-elements.js';

const OPERATORS = ['gt', 'lt', 'gte', 'lte', 'eq', 'not_eq'] as const;
const minutes = (least: number, most: number, description: string, example: number) =>
  z
    .int()
    .min(least)
    .max(most)
    .meta({ description, examples: [example] });

const ScopeFilter = z
  .strictObject({
    tag_key: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .meta({ description: 'With scope tagged', examples: ['environment'] }),
    tag_value: z
      .string()
      .max(256)
      .optional()
      .meta({ description: 'Left out: whatever the value is', examples: ['production'] }),
    instance_ids: z
      .array(z.union([z.int().min(1), z.string().min(1).max(256)]))
      .min(1)
      .max(1_000)
      .optional()
      .meta({
        description: 'With scope specific_instance: numeric or provider ids; answers hold numbers',
        examples: [[7]],
      }),
  })
  .meta({ id: 'AlertScopeFilter' });

const fields = {
  rule_name: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .meta({ description: 'Unique in the tenant', examples: ['High GPU Temperature'] }),
  description: z
    .string()
    .max(2_000)
    .nullable()
    .meta({ description: 'For people', examples: ['Alert when GPU temperature exceeds 85C for 10 minutes'] }),
  alert_type: AlertType.describe(
    'What channels choose by. Left out: cost_threshold for metrics in money, metric_threshold for the others',
  ),
  metric: z
    .string()
    .min(1)
    .max(64)
    .meta({ description: 'What is compared: every collected metric and the money metrics', examples: ['temperature'] }),
  operator: z.enum(OPERATORS).meta({ description: 'not_eq: other than', examples: ['gt'] }),
  threshold: z.number().meta({ description: 'In the unit of the metric', examples: [85] }),
  recovery_threshold: z
    .number()
    .nullable()
    .meta({
      description: 'It is over only past this, so that it does not flap; null: as soon as the condition is not met',
      examples: [80],
    }),
  duration_minutes: minutes(0, 1_440, 'Minutes on end that it has to hold, on data; 0 and 1: the newest minute', 10),
  keep_firing_minutes: minutes(0, 1_440, 'Minutes on end that it has to be over before it is resolved', 5),
  cooldown_minutes: minutes(0, 10_080, 'Between two tellings of the same rule and subject', 30),
  severity: Severity,
  scope: z.enum(['all', 'tagged', 'specific_instance']).meta({
    description: 'Which instances; of no meaning for metrics of the tenant',
    examples: ['tagged'],
  }),
  scope_filter: ScopeFilter.describe('What the scope means; empty with scope all'),
  across_gpus: z
    .enum(['any', 'all'])
    .nullable()
    .meta({ description: 'Of several GPUs; null: any for gt, gte, eq, not_eq and all for lt, lte', examples: [null] }),
  missing_data: z.enum(['breaks', 'ignored']).meta({
    description:
      'breaks: a minute without data begins the duration anew; ignored: gaps shorter than the duration do not. Neither ever satisfies',
    examples: ['breaks'],
  }),
  notification_channel_ids: z
    .array(z.int().min(1))
    .max(50)
    .nullable()
    .meta({ description: 'Who is told; null: every channel that takes the type and severity', examples: [[1, 3]] }),
  escalation: z
    .array(EscalationStep)
    .max(10)
    .meta({
      description: 'Who else is told as long as nobody acknowledges; ascending in time',
      examples: [[{ after_minutes: 15, notification_channel_ids: [2] }]],
    }),
  group_notifications: z
    .boolean()
    .meta({ description: 'One notification for all subjects that begin to fire in the same minute', examples: [true] }),
  enabled: z.boolean().meta({ examples: [true] }),
};

export const CreateAlertRuleBody = z
  .strictObject({
    ...fields,
    description: fields.description.default(null),
    alert_type: fields.alert_type.optional(),
    recovery_threshold: fields.recovery_threshold.default(null),
    duration_minutes: fields.duration_minutes.default(5),
    keep_firing_minutes: fields.keep_firing_minutes.default(0),
    cooldown_minutes: fields.cooldown_minutes.default(30),
    severity: fields.severity.default('medium'),
    scope: fields.scope.default('all'),
    scope_filter: fields.scope_filter.default({}),
    across_gpus: fields.across_gpus.default(null),
    missing_data: fields.missing_data.default('breaks'),
    notification_channel_ids: fields.notification_channel_ids.default(null),
    escalation: fields.escalation.default([]),
    group_notifications: fields.group_notifications.default(true),
    enabled: fields.enabled.default(true),
  })
  .meta({
    id: 'CreateAlertRuleBody',
    examples: [
      {
        rule_name: 'High GPU Temperature',
        description: 'Alert when GPU temperature exceeds 85C for 10 minutes',
        metric: 'temperature',
        operator: 'gt',
        threshold: 85,
        duration_minutes: 10,
        severity: 'high',
        scope: 'tagged',
        scope_filter: { tag_key: 'environment', tag_value: 'production' },
        cooldown_minutes: 30,
      },
    ],
  });
export type CreateAlertRuleBody = z.infer<typeof CreateAlertRuleBody>;

export const UpdateAlertRuleBody = z
  .strictObject(fields)
  .partial()
  .refine((body) => Object.keys(body).length > 0, { message: 'at least one field is required' })
  .meta({ id: 'UpdateAlertRuleBody', examples: [{ threshold: 90 }] });
export type UpdateAlertRuleBody = z.infer<typeof UpdateAlertRuleBody>;

export const AlertRule = z
  .object({
    id: z.int().meta({ examples: [1] }),
    ...fields,
    unit: z.string().meta({ description: 'Of threshold and recovery_threshold', examples: ['celsius'] }),
    active_alerts: z.int().meta({ description: 'Subjects for which it fires now', examples: [0] }),
    last_fired_at: Timestamp.nullable().describe('null: never'),
    warnings: z
      .array(z.string())
      .meta({ description: 'What is strange about it: a threshold that can never be met', examples: [[]] }),
    created_by: z.string().meta({ examples: ['ada@example.com'] }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'AlertRule' });

export const AlertRuleQuery = z.strictObject({
  ...pageQuery,
  metric: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .meta({ description: 'Only of this metric', examples: ['temperature'] }),
  enabled: qBool()
    .optional()
    .meta({ description: 'Only those that are, or are not, enabled', examples: [true] }),
  severity: z
    .enum(SEVERITIES)
    .optional()
    .meta({ description: 'Only of this severity', examples: ['high'] }),
});
export type AlertRuleQuery = z.infer<typeof AlertRuleQuery>;

export const AlertRuleHistoryQuery = z.strictObject(pageQuery);
export type AlertRuleHistoryQuery = z.infer<typeof AlertRuleHistoryQuery>;

export const AlertRuleFiring = z
  .object({
    id: z.int().meta({ examples: [1] }),
    triggered_at: Timestamp.describe('When the minute that made it fire had closed'),
    alert_id: z.int().meta({ examples: [1] }),
    again: z.boolean().meta({ description: 'One more occurrence of an alert that was there', examples: [false] }),
    instance: z
      .object({
        id: z.int().meta({ examples: [7] }),
        instance_id: z.string().meta({ description: "The provider's id", examples: ['i-0abc123def456'] }),
        name: z
          .string()
          .nullable()
          .meta({ examples: ['trainer-7'] }),
      })
      .nullable()
      .meta({ description: 'null: a metric of the tenant, or the instance was deleted' }),
    subject: z.string().meta({ examples: ['trainer-7'] }),
    evidence: z
      .record(z.string(), z.unknown())
      .meta({ description: 'The numbers that made it fire', examples: [{ value: 93, threshold: 85 }] }),
    status: z.string().meta({ description: 'What the alert is now', examples: ['resolved'] }),
    ended_at: Timestamp.nullable().describe('When the condition was over; null: it goes on'),
    actions_taken: z
      .array(
        z.object({
          kind: z.string().meta({ description: 'trigger, escalate, acknowledge or resolve', examples: ['trigger'] }),
          channel_id: z.int().meta({ examples: [1] }),
          channel_name: z.string().meta({ examples: ['Engineering Slack'] }),
          state: z.string().meta({ description: 'Where it stands in the outbox', examples: ['delivered'] }),
          at: Timestamp,
        }),
      )
      .describe('Who was told of the alert'),
  })
  .meta({ id: 'AlertRuleFiring' });

const SeveritySetting = z
  .enum(SEVERITIES)
  .nullable()
  .meta({ description: 'null: as it comes', examples: [null] });
export const BuiltInRule = z
  .object({
    key: z.string().meta({ examples: ['agent_silent'] }),
    description: z.string().meta({ examples: ['Nothing was heard of an agent for longer than its lease.'] }),
    enabled: fields.enabled,
    default_severity: Severity,
    severity: SeveritySetting,
    notification_channel_ids: fields.notification_channel_ids,
    escalation: fields.escalation,
    active_alerts: z.int().meta({ examples: [0] }),
  })
  .meta({ id: 'BuiltInRule' });

export const UpdateBuiltInRuleBody = z
  .strictObject({
    enabled: fields.enabled,
    severity: SeveritySetting,
    notification_channel_ids: fields.notification_channel_ids,
    escalation: fields.escalation,
  })
  .partial()
  .refine((body) => Object.keys(body).length > 0, { message: 'at least one field is required' })
  .meta({ id: 'UpdateBuiltInRuleBody', examples: [{ severity: 'critical' }] });
export type UpdateBuiltInRuleBody = z.infer<typeof UpdateBuiltInRuleBody>;

export const BuiltInKey = z
  .string()
  .regex(/^[a-z_]{1,64}$/)
  .meta({ description: 'Key of a built-in rule', examples: ['agent_silent'] });
