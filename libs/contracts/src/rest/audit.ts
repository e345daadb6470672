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

export const AuditVerification = z
  .object({
    intact: z.boolean().meta({ description: 'Nothing was changed, as far as it is sealed', examples: [true] }),
    first_bad: z
      .object({
        audit_id: z
          .int()
          .nullable()
          .meta({ description: 'The row of the audit', examples: [17] }),
        sequence: z
          .int()
          .nullable()
          .meta({ description: 'Its place in the chain', examples: [12] }),
        kind: z
          .enum(['changed', 'deleted', 'inserted', 'rewritten'])
          .meta({ description: 'changed: edited or moved. rewritten: the chain itself was', examples: ['changed'] }),
        message: z.string().meta({ examples: ['Row 17 is not as it was sealed.'] }),
      })
      .nullable()
      .meta({ examples: [null] }),
    checked: z.int().meta({ description: 'Rows that were found as they were sealed', examples: [4711] }),
    removed_through: z
      .object({
        sequence: z.int().meta({ description: 'Place of the last row that was removed', examples: [1200] }),
        day: z.string().meta({ description: 'UTC day that ended there', examples: ['2025-10-31'] }),
        at: z.string().meta({
          description: 'When that was signed, before they were removed',
          examples: ['2026-11-22T03:00:00.000000Z'],
        }),
      })
      .nullable()
      .meta({
        description: 'Older rows were removed after their time, and the chain begins after this; null: none was',
      }),
    sealed_through: z
      .object({
        sequence: z.int().meta({ examples: [4711] }),
        audit_id: z.int().meta({ examples: [4720] }),
        at: z.string().meta({ examples: ['2026-11-22T10:15:30.123456Z'] }),
      })
      .nullable()
      .meta({ description: 'The last row that was checked; null: none is sealed yet' }),
    unsealed: z.int().meta({ description: 'Rows that wait to be sealed, for a second or two', examples: [1] }),
    heads: z.int().meta({ description: 'Signed ends of days that were checked', examples: [30] }),
    duration_ms: z.int().meta({ examples: [85] }),
    key_id: z.string().meta({ description: 'Of the key that signs', examples: ['5d41402abc4b2a76'] }),
    public_key: z.string().meta({ description: 'Ed25519, PEM', examples: ['-----BEGIN PUBLIC KEY-----'] }),
  })
  .meta({ id: 'AuditVerification' });
