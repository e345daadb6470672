import { z } from 'zod';
import { Timestamp } from './common.js';
import { EventPattern } from './events.js';
import { pageQuery } from './query.js';

const Url = z
  .string()
  .min(1)
  .max(2000)
  .refine((text) => URL.canParse(text) && ['https:', 'http:'].includes(new URL(text).protocol), {
    message: 'expected an address that begins with https://',
  })
  .refine((text) => !URL.canParse(text) || (!new URL(text).username && !new URL(text).password), {
    message: 'an address with a user name or password in it is not called',
  })
  .meta({
    description: 'https://; plain http:// only leads to addresses that the operator opened (FLOTILLA_OUTBOUND_ALLOW)',
    examples: ['https://example.com/flotilla'],
  });
const Patterns = z
  .array(EventPattern)
  .min(1)
  .max(100)
  .meta({ description: 'Types of events: `*`, `alert.*` or a type', examples: [['alert.*', 'action.failed']] });
const Secret = z
  .string()
  .min(24)
  .max(200)
  .meta({
    description: 'Your own secret: `whsec_` and at least 24 bytes in base64, or a text of at least 24 characters',
    examples: ['whsec_ZXhhbXBsZS1zZWNyZXQtb2YtMzItYnl0ZXMtbG9uZyE='],
  });
const Description = z
  .string()
  .max(500)
  .meta({ description: 'What it is for', examples: ['on-call bot'] });
const Enabled = z.boolean().meta({ description: 'false: nothing is sent', examples: [true] });

export const CreateWebhookBody = z
  .strictObject({
    url: Url,
    event_types: Patterns.optional().describe('Types of events; all when left out'),
    events: Patterns.optional().describe('Another name of event_types'),
    description: Description.default(''),
    enabled: Enabled.optional(),
    is_active: Enabled.optional().describe('Another name of enabled'),
    secret: Secret.optional().describe('Your own secret; made for you when left out'),
  })
  .meta({
    id: 'CreateWebhookBody',
    examples: [{ url: 'https://example.com/flotilla', event_types: ['alert.*', 'action.failed'] }],
  });
export type CreateWebhookBody = z.infer<typeof CreateWebhookBody>;

export const UpdateWebhookBody = z
  .strictObject({
    url: Url,
    event_types: Patterns,
    events: Patterns.describe('Another name of event_types'),
    description: Description,
    enabled: Enabled.describe('true also takes a webhook back that we disabled; it goes on where it stopped'),
    is_active: Enabled.describe('Another name of enabled'),
    skip_missed: z.boolean().meta({
      description: 'Together with enabled: what happened meanwhile is not sent any more',
      examples: [false],
    }),
  })
  .partial()
  .refine((body) => Object.keys(body).length > 0, { message: 'at least one field is required' })
  .meta({ id: 'UpdateWebhookBody', examples: [{ event_types: ['*'] }] });
export type UpdateWebhookBody = z.infer<typeof UpdateWebhookBody>;

export const RotateWebhookSecretBody = z
  .strictObject({
    overlap_minutes: z
      .int()
      .min(0)
      .max(10_080)
      .default(1_440)
      .meta({ description: 'So long both secrets sign', examples: [1_440] }),
    secret: Secret.optional().describe('Your own secret; made for you when left out'),
  })
  .meta({ id: 'RotateWebhookSecretBody', examples: [{ overlap_minutes: 1_440 }] });
export type RotateWebhookSecretBody = z.infer<typeof RotateWebhookSecretBody>;

const fields = {
  id: z.int().meta({ examples: [1] }),
  url: z.string().meta({ examples: ['https://example.com/flotilla'] }),
  description: Description,
  event_types: z.array(z.string()).meta({ examples: [['alert.*', 'action.failed']] }),
  enabled: z.boolean().meta({ examples: [true] }),
  status: z.enum(['healthy', 'failing', 'paused', 'disabled']).meta({
    description:
      'failing: the last attempt failed. paused: people turned it off. disabled: we did, see disabled_reason',
    examples: ['healthy'],
  }),
  disabled_reason: z
    .string()
    .nullable()
    .meta({ examples: [null] }),
  disabled_at: Timestamp.nullable(),
  rotating_until: Timestamp.nullable().describe('Until then the secret before signs as well'),
  pending: z.int().meta({ description: 'Deliveries that wait', examples: [0] }),
  failures_in_a_row: z.int().meta({ examples: [0] }),
  last_success_at: Timestamp.nullable(),
  last_failure_at: Timestamp.nullable(),
  last_failure: z
    .string()
    .nullable()
    .meta({ description: 'Why the last attempt failed', examples: [null] }),
  created_by: z.string().meta({ examples: ['ada@example.com'] }),
  created_at: Timestamp,
  updated_at: Timestamp,
};

export const Webhook = z.object(fields).meta({ id: 'Webhook' });
export const IssuedWebhook = z
  .object({
    ...fields,
    secret: z
      .string()
      .nullable()
      .meta({
        description: 'The signing secret, shown this once; null in a replayed answer',
        examples: ['whsec_ZXhhbXBsZS1zZWNyZXQtb2YtMzItYnl0ZXMtbG9uZyE='],
      }),
  })
  .meta({ id: 'IssuedWebhook' });
export const WebhookQuery = z.strictObject(pageQuery);
export type WebhookQuery = z.infer<typeof WebhookQuery>;

const Attempt = z.object({
  attempt: z.int().meta({ examples: [1] }),
  at: z.string().meta({ examples: ['2026-11-22T10:15:30.000Z'] }),
  duration_ms: z.number().meta({ examples: [84] }),
  status: z
    .int()
    .nullable()
    .meta({ description: 'HTTP status; null: no answer came', examples: [200] }),
  error: z
    .string()
    .nullable()
    .meta({ description: 'Why it failed; null: it did not', examples: [null] }),
});

export const WebhookDelivery = z
  .object({
    id: z.int().meta({ examples: [1] }),
    event_id: z.string().meta({ description: 'Also in webhook-id: the same in every attempt', examples: ['evt_4711'] }),
    event_type: z.string().meta({ examples: ['alert.triggered'] }),
    status: z
      .enum(['pending', 'delivered', 'failed'])
      .meta({ description: 'failed: given up after the last attempt', examples: ['delivered'] }),
    attempts: z.int().meta({ examples: [1] }),
    next_attempt_at: Timestamp.nullable().describe('null: there is none'),
    last_status: z
      .int()
      .nullable()
      .meta({ description: 'HTTP status of the last attempt', examples: [200] }),
    log: z.array(Attempt).meta({
      description: 'Every attempt, oldest first',
      examples: [[{ attempt: 1, at: '2026-11-22T10:15:30.000Z', duration_ms: 84, status: 200, error: null }]],
    }),
    redelivery: z.boolean().meta({ description: 'Somebody asked for it once more', examples: [false] }),
    created_at: Timestamp,
    finished_at: Timestamp.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });

export const WebhookDeliveryDetails = WebhookDelivery.extend({
  request: z
    .object({
      url: z.string().meta({ description: 'Where attempts go now', examples: ['https://example.com/flotilla'] }),
      body: z
        .string()
        .nullable()
        .meta({ description: 'What is posted, to the byte; null: the event is not kept any more', examples: ['{}'] }),
    })
    .meta({ description: 'Signed anew at every attempt' }),
}).meta({ id: 'WebhookDeliveryDetails' });

export const WebhookDeliveryQuery = z.strictObject({
  ...pageQuery,
  status: z
    .enum(['pending', 'delivered', 'failed'])
    .optional()
    .meta({ description: 'Only these', examples: ['failed'] }),
});
export type WebhookDeliveryQuery = z.infer<typeof WebhookDeliveryQuery>;
