import { z } from 'zod';
import { Timestamp } from './common.js';
import { pageQuery, qTime } from './query.js';

export const ACTOR_TYPES = ['user', 'api_key', 'agent', 'system', 'anonymous'] as const;

export const AuditEvent = z
  .object({
    id: z.int().meta({ description: 'Ascending within the installation', examples: [1] }),
    at: Timestamp,
    event_type: z.string().meta({ description: 'What happened', examples: ['user.invited'] }),
    actor: z.object({
      type: z.enum(ACTOR_TYPES).meta({ description: 'What kind of actor', examples: ['user'] }),
      id: z
        .string()
        .nullable()
        .meta({ description: 'The id of the user, key or agent', examples: ['1'] }),
      label: z.string().meta({ description: 'How a person recognises it', examples: ['ada@example.com'] }),
    }),
    address: z
      .string()
      .nullable()
      .meta({ description: 'Where the request came from', examples: ['192.0.2.7'] }),
    request_id: z
      .string()
      .nullable()
      .meta({ description: 'The request that did it', examples: ['req_k3v9x2m4q8'] }),
    subject: z
      .object({
        type: z.string().meta({ description: 'What kind of thing was changed', examples: ['user'] }),
        id: z
          .string()
          .nullable()
          .meta({ description: 'Its id', examples: ['2'] }),
      })
      .nullable(),
    details: z
      .record(z.string(), z.unknown())
      .meta({ description: 'What changed; never a secret', examples: [{ role: 'viewer' }] }),
  })
  .meta({ id: 'AuditEvent' });

export const AuditQuery = z.strictObject({
  ...pageQuery,
  event_type: z
    .string()
    .regex(/^[a-z0-9_.-]{1,100}$/)
    .optional()
    .meta({ description: 'Exact type, or the part before a dot: `user` finds `user.invited`', examples: ['user'] }),
  actor: z
    .string()
    .min(1)
    .max(300)
    .optional()
    .meta({ description: "The actor's id or label", examples: ['ada@example.com'] }),
  subject_type: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Kind of thing', examples: ['user'] }),
  subject_id: z
    .string()
    .min(1)
    .max(300)
    .optional()
    .meta({ description: 'Its id', examples: ['2'] }),
  since: qTime()
    .optional()
    .meta({ description: 'From this moment on', examples: ['2026-11-01T00:00:00Z'] }),
  until: qTime()
    .optional()
    .meta({ description: 'Before this moment', examples: ['2026-12-01T00:00:00Z'] }),
});
export type AuditQuery = z.infer<typeof AuditQuery>;
