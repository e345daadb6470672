import { z } from 'zod';
import { EVENT_TYPES } from '../events/index.js';
import { Timestamp } from './common.js';
import { pageQuery, qInt, qTime } from './query.js';

/** `*`, `alert.*` or one type. */
export const EventPattern = z
  .string()
  .regex(/^(\*|[a-z_]+\.(\*|[a-z_]+))$/, 'expected *, alert.* or a type such as alert.triggered')
  .meta({ description: '`*`, `alert.*`, or one type of GET /events/types', examples: ['alert.*'] });

/** What webhooks, the event stream and GET /events tell: the same everywhere. */
export const Event = z
  .object({
    id: z.string().meta({
      description: 'Stable: the same in every delivery and every replay. What is known by it was seen before',
      examples: ['evt_4711'],
    }),
    sequence: z.int().meta({
      description: 'Its place in the order of the tenant: whoever saw one has seen, or can ask for, all before it',
      examples: [4711],
    }),
    type: z.string().meta({ description: 'One of GET /events/types', examples: ['alert.triggered'] }),
    timestamp: Timestamp,
    subject: z.object({
      type: z.string().meta({ description: 'What kind of thing it is about', examples: ['alert'] }),
      id: z.string().meta({ description: 'Which', examples: ['12'] }),
    }),
    data: z.record(z.string(), z.unknown()).meta({
      description: 'As GET /events/types says for its type',
      examples: [{ alert_id: 12, severity: 'high', title: 'GPU over 90 °C' }],
    }),
    simulated: z.boolean().meta({ description: 'Made up: demo or simulated agents', examples: [false] }),
  })
  .meta({ id: 'Event' });
export type Event = z.input<typeof Event>;

export const EventQuery = z.strictObject({
  ...pageQuery,
  type: EventPattern.optional(),
  subject_type: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Kind of thing', examples: ['instance'] }),
  subject_id: z
    .string()
    .min(1)
    .max(300)
    .optional()
    .meta({ description: 'Which', examples: ['7'] }),
  since: qTime()
    .optional()
    .meta({ description: 'From this moment on', examples: ['2026-11-01T00:00:00Z'] }),
  until: qTime()
    .optional()
    .meta({ description: 'Before this moment', examples: ['2026-12-01T00:00:00Z'] }),
  after: qInt(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .meta({
      description: 'Only after this `sequence`, oldest first: to catch up without missing one. Left out: newest first',
      examples: [4700],
    }),
});
export type EventQuery = z.infer<typeof EventQuery>;

export const EventTypeInfo = z
  .object({
    type: z.enum(EVENT_TYPES).meta({ examples: ['alert.triggered'] }),
    description: z.string().meta({ description: 'What happened', examples: ['An alert opened.'] }),
    subject: z.string().meta({ description: 'What kind of thing it is about', examples: ['alert'] }),
    schema: z.record(z.string(), z.unknown()).meta({
      description: 'JSON Schema of `data`',
      examples: [{ type: 'object', properties: { alert_id: { type: 'integer' } } }],
    }),
    example: z
      .record(z.string(), z.unknown())
      .meta({ description: 'What `data` may look like', examples: [{ alert_id: 12 }] }),
  })
  .meta({ id: 'EventTypeInfo' });
