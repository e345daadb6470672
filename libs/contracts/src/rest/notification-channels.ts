import { z } from 'zod';
import { Timestamp } from './common.js';
import { ChannelConfig, ChannelType } from './notification-configs.js';
import { pageQuery, qBool } from './query.js';

export const NotificationPriority = z
  .enum(['low', 'medium', 'high', 'critical'])
  .meta({ description: 'From the least to the most urgent', examples: ['medium'] });
export const DigestMode = z
  .enum(['instant', 'batched'])
  .meta({ description: 'instant: each by itself. batched: gathered, and told as one', examples: ['instant'] });
export const DigestMinutes = z
  .int()
  .min(1)
  .max(1440)
  .meta({ description: 'How long a digest gathers, in minutes, from the first that waits for it', examples: [30] });

const words = (most: number) => z.string().trim().min(1).max(most);
export const NotificationTemplate = z
  .strictObject({
    title: words(500)
      .optional()
      .meta({ description: 'One line', examples: ['{{severity}}: {{title}}'] }),
    text: words(4000)
      .optional()
      .meta({ description: 'May have several lines', examples: ['{{text}}\n{{link}}'] }),
  })
  .refine((template) => template.title !== undefined || template.text !== undefined, 'needs a title or a text')
  .meta({
    id: 'NotificationTemplate',
    description:
      'Own words, with {{title}}, {{text}}, {{kind}}, {{severity}}, {{alert_type}}, {{alert_id}}, {{rule}}, {{fields}}, {{link}} and {{time}} filled in. ' +
      'What is left out stays as it is; other names are refused',
    examples: [{ title: '{{severity}}: {{title}}' }],
  });
export type NotificationTemplate = z.infer<typeof NotificationTemplate>;

const name = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, 'must be one line')
  .meta({ description: 'Unique in the tenant', examples: ['Engineering Slack'] });
const fields = {
  enabled: z.boolean().meta({ description: 'false: nothing is sent', examples: [true] }),
  alert_types: z
    .array(z.string().regex(/^[\w.:-]{1,100}$/, 'must be the name of an alert type'))
    .max(100)
    .meta({ description: 'Only these types of alerts; empty: all', examples: [['cost_threshold', 'gpu_idle']] }),
  min_priority: NotificationPriority.describe('Less urgent alerts are not sent there'),
  digest_mode: DigestMode.nullable().describe(
    'null: as the policy says. PagerDuty and Opsgenie are told each alert by itself',
  ),
  digest_interval_minutes: DigestMinutes.nullable().describe('null: as the policy says'),
  template: NotificationTemplate.nullable().describe("null: the policy's, or our own words"),
  rate_per_minute: z
    .int()
    .min(1)
    .max(600)
    .meta({ description: 'At most so many messages a minute; more wait', examples: [60] }),
};

export const ChannelHealth = z
  .object({
    status: z.enum(['untested', 'healthy', 'failing', 'unhealthy']).meta({
      description: 'failing: the last attempt failed. unhealthy: for ten minutes, or for good',
      examples: ['healthy'],
    }),
    waiting: z.int().meta({ description: 'Messages that are not told yet', examples: [0] }),
    failed: z.int().meta({ description: 'Messages given up in the last 30 days; redeliver them', examples: [0] }),
    failures_in_a_row: z.int().meta({ examples: [0] }),
    failing_since: Timestamp.nullable(),
    last_failure: z
      .string()
      .nullable()
      .meta({
        description: 'What is wrong, and what mends it',
        examples: ['hooks.slack.com answered 404: no_service'],
      }),
    last_failure_at: Timestamp.nullable(),
    last_success_at: Timestamp.nullable(),
    next_attempt_at: Timestamp.nullable().describe('null: at once'),
  })
  .meta({ id: 'ChannelHealth', description: 'What sending there has come to' });

export const NotificationChannel = z
  .object({
    id: z.int().meta({ examples: [1] }),
    name,
    channel_type: ChannelType,
    config: ChannelConfig.describe('Secrets are masked'),
    ...fields,
    health: ChannelHealth,
    signing_secret: z
      .string()
      .nullable()
      .meta({
        description: 'Made for a webhook that was given none; shown once, null ever after',
        examples: [null],
      }),
    created_by: z.string().meta({ examples: ['admin@example.com'] }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'NotificationChannel', description: 'Where notifications go' });

export const NotificationChannelQuery = z.strictObject({
  ...pageQuery,
  channel_type: ChannelType.optional(),
  enabled: qBool()
    .optional()
    .meta({ description: 'Only those that are on, or off', examples: [true] }),
});
export type NotificationChannelQuery = z.infer<typeof NotificationChannelQuery>;

/** `method` is how one reference document calls the type. */
const withMethod = (body: unknown) => {
  if (typeof body !== 'object' || body === null || !('method' in body) || 'channel_type' in body) return body;
  const { method, ...rest } = body;
  return { ...rest, channel_type: method };
};

export const CreateNotificationChannelBody = z
  .preprocess(
    withMethod,
    z.strictObject({
      name,
      channel_type: ChannelType.describe('Also accepted as `method`'),
      config: ChannelConfig,
      enabled: fields.enabled.default(true),
      alert_types: fields.alert_types.default([]),
      min_priority: fields.min_priority.default('low'),
      digest_mode: fields.digest_mode.default(null),
      digest_interval_minutes: fields.digest_interval_minutes.default(null),
      template: fields.template.default(null),
      rate_per_minute: fields.rate_per_minute.default(60),
    }),
  )
  .meta({
    id: 'CreateNotificationChannelBody',
    examples: [
      {
        name: 'Engineering Slack',
        channel_type: 'slack',
        config: { webhook_url: 'https://hooks.slack.com/services/T0001/B0001/XXXX' },
        alert_types: ['cost_threshold', 'security_incident'],
        min_priority: 'medium',
        digest_mode: 'instant',
      },
    ],
  });
export type CreateNotificationChannelBody = z.infer<typeof CreateNotificationChannelBody>;

export const UpdateNotificationChannelBody = z
  .strictObject({
    name,
    ...fields,
    config: ChannelConfig.describe('Fields that are left out stay; so does a secret that is sent back masked'),
  })
  .partial()
  .refine((body) => Object.keys(body).length > 0, 'names nothing to change')
  .meta({ id: 'UpdateNotificationChannelBody', examples: [{ enabled: false }] });
export type UpdateNotificationChannelBody = z.infer<typeof UpdateNotificationChannelBody>;

export const TestNotificationChannelBody = z
  .preprocess(
    withMethod,
    z.strictObject({
      channel_id: z
        .int()
        .positive()
        .optional()
        .meta({ description: 'A saved channel', examples: [1] }),
      channel_type: ChannelType.optional().describe('Of a channel that is not saved; with config'),
      config: ChannelConfig.optional(),
      name: name.optional(),
      enabled: z
        .boolean()
        .optional()
        .meta({ description: 'Not looked at', examples: [true] }),
    }),
  )
  .meta({
    id: 'TestNotificationChannelBody',
    description: 'channel_id, or channel_type with config',
    examples: [{ channel_id: 1 }],
  });
export type TestNotificationChannelBody = z.infer<typeof TestNotificationChannelBody>;

export const NotificationTest = z
  .object({
    delivered: z.boolean().meta({ description: 'The other side took it', examples: [true] }),
    status_code: z
      .int()
      .nullable()
      .meta({ description: 'Of HTTP, or the reply code of SMTP; null: no answer', examples: [200] }),
    message: z.string().meta({ examples: ['hooks.slack.com took it.'] }),
    duration_ms: z.int().meta({ examples: [182] }),
  })
  .meta({ id: 'NotificationTest', description: 'What the other side said to a test' });
