import { z } from 'zod';
import { Role, Scope, Timestamp } from './common.js';
import { pageQuery, qBool } from './query.js';

export const ApiKeyId = z
  .string()
  .regex(/^[0-9A-Za-z]{12}$/)
  .meta({ description: 'The public part of the key', examples: ['4fT9xQ2mB7aZ'] });

const keyFields = {
  id: z.string().meta({ description: 'The public part of the key', examples: ['4fT9xQ2mB7aZ'] }),
  name: z.string().meta({ description: 'What the key is for', examples: ['CI'] }),
  role: Role.nullable().describe('null: limited to its scopes'),
  scopes: z.array(Scope).describe('What the key may do when it has no role'),
  masked_key: z.string().meta({ description: 'Enough to recognise it', examples: ['flt_live_4fT9xQ2mB7aZ_…9xQ2'] }),
  created_by: z
    .int()
    .nullable()
    .meta({ description: 'The user who issued it', examples: [1] }),
  rotated_from: z
    .string()
    .nullable()
    .meta({ description: 'The key that this one replaces', examples: [null] }),
  expires_at: Timestamp.nullable().describe('null: never'),
  last_used_at: Timestamp.nullable().describe('To about half a minute; null: never'),
  revoked_at: Timestamp.nullable().describe('null: in force'),
  created_at: Timestamp,
};

export const ApiKey = z.object(keyFields).meta({ id: 'ApiKey' });

export const IssuedApiKey = z
  .object({
    ...keyFields,
    key: z
      .string()
      .nullable()
      .meta({
        description: 'The whole key, shown this once; null in a replayed answer',
        examples: ['flt_live_example'],
      }),
  })
  .meta({ id: 'IssuedApiKey' });

export const ApiKeyQuery = z.strictObject({
  ...pageQuery,
  revoked: qBool()
    .optional()
    .meta({ description: 'true: only revoked keys; false: only keys in force', examples: [false] }),
});
export type ApiKeyQuery = z.infer<typeof ApiKeyQuery>;

export const IssueApiKeyBody = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .meta({ description: 'What the key is for', examples: ['CI'] }),
    role: Role.optional(),
    scopes: z.array(Scope).min(1).max(5).optional().meta({ description: 'Instead of a role' }),
    expires_at: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'Without it the key never expires', examples: ['2099-11-22T10:15:30Z'] }),
  })
  .refine((body) => (body.role === undefined) !== (body.scopes === undefined), {
    path: ['role'],
    message: 'give either role or scopes',
  })
  .meta({ examples: [{ name: 'CI', role: 'viewer', expires_at: '2099-11-22T10:15:30Z' }] });
export type IssueApiKeyBody = z.infer<typeof IssueApiKeyBody>;

export const RotateApiKeyBody = z.strictObject({
  overlap_minutes: z
    .int()
    .min(0)
    .max(30 * 24 * 60)
    .default(60)
    .meta({ description: 'How long the old key still works', examples: [60] }),
});
export type RotateApiKeyBody = z.infer<typeof RotateApiKeyBody>;
