import { z } from 'zod';
import { Timestamp } from './common.js';
import { NotificationPriority } from './notification-channels.js';
import { Id, pageQuery } from './query.js';

const STATUS = ['queued', 'sending', 'held', 'waiting_for_digest', 'in_digest', 'delivered', 'failed'] as const;
const DeliveryStatus = z.enum(STATUS).meta({
  description:
    'queued: to be sent. held: by quiet hours. waiting_for_digest, in_digest: told together with others. failed: given up',
  examples: ['delivered'],
});

export const NotificationAttempt = z
  .object({
    attempt: z.int().meta({ examples: [1] }),
    started_at: Timestamp,
    duration_ms: z.int().meta({ examples: [182] }),
    outcome: z.enum(['delivered', 'retry', 'dead']).meta({ examples: ['delivered'] }),
    status_code: z
      .int()
      .nullable()
      .meta({ examples: [200] }),
    reason: z
      .string()
      .nullable()
      .meta({ description: 'null when it was delivered', examples: [null] }),
  })
  .meta({ id: 'NotificationAttempt' });

export const NotificationDelivery = z
  .object({
    id: z.int().meta({ examples: [1] }),
    message_id: z
      .uuid()
      .meta({ description: 'The same in every attempt', examples: ['0199f1a2-7c3e-4a51-9d0b-6c1f2e3d4a5b'] }),
    kind: z
      .enum(['trigger', 'acknowledge', 'resolve', 'escalate', 'message', 'digest'])
      .meta({ examples: ['trigger'] }),
    alert_id: z
      .int()
      .nullable()
      .meta({ examples: [17] }),
    alert_type: z.string().meta({ examples: ['gpu_idle'] }),
    severity: NotificationPriority,
    title: z.string().meta({ examples: ['gpu-node-1 is idle'] }),
    simulated: z.boolean().meta({ examples: [false] }),
    status: DeliveryStatus,
    attempts: z.int().meta({ examples: [1] }),
    created_at: Timestamp,
    next_attempt_at: Timestamp.nullable().describe('null: none is planned'),
    settled_at: Timestamp.nullable().describe('When it was delivered or given up'),
    last_error: z
      .string()
      .nullable()
      .meta({ examples: [null] }),
    digest_id: z
      .int()
      .nullable()
      .meta({ description: 'The delivery that told it together with others', examples: [null] }),
    log: z.array(NotificationAttempt).describe('The last 20 attempts, newest first'),
  })
  .meta({ id: 'NotificationDelivery', description: 'One message to one channel, and what came of it' });

export const NotificationDeliveryQuery = z.strictObject({
  ...pageQuery,
  status: DeliveryStatus.optional(),
  alert_id: Id.optional().describe('Only of this alert'),
});
export type NotificationDeliveryQuery = z.infer<typeof NotificationDeliveryQuery>;
