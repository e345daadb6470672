import { z } from 'zod';
import { Currency, Role, Scope, Timestamp } from './common.js';

const TENANT = '6f1c9a1e-52d4-4b7e-9d1c-0a4e5b6c7d8e';

export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.email().max(254))
  .meta({ description: 'E-mail address; upper and lower case are the same', examples: ['ada@example.com'] });

/** A new password; its strength is judged by the service, which says why it refuses one. */
export const NewPassword = z
  .string()
  .min(8)
  .max(256)
  .meta({ description: '8 to 256 characters; 15 and more are advised', examples: ['correct horse battery staple'] });

const GivenPassword = z
  .string()
  .min(1)
  .max(1000)
  .meta({ examples: ['correct horse battery staple'] });

export const LoginBody = z.strictObject({
  email: Email,
  password: GivenPassword.describe('The password'),
  tenant_id: z
    .uuid()
    .optional()
    .meta({ description: 'Only needed when the e-mail exists in several tenants', examples: [TENANT] }),
});
export type LoginBody = z.infer<typeof LoginBody>;

export const SessionUser = z
  .object({
    id: z.int().meta({ description: 'The user id', examples: [1] }),
    email: z.string().meta({ description: 'E-mail address', examples: ['ada@example.com'] }),
    name: z.string().meta({ description: 'Display name', examples: ['Ada Lovelace'] }),
    role: Role,
    tenant_id: z.uuid().meta({ description: 'The tenant of this session', examples: [TENANT] }),
    platform_operator: z.boolean().meta({ description: 'May create and suspend tenants', examples: [false] }),
  })
  .meta({ id: 'SessionUser' });

export const Session = z
  .object({
    accessToken: z
      .string()
      .meta({ description: 'JWT for Authorization: Bearer', examples: ['eyJhbGciOiJFUzI1NiJ9.e30.sig'] }),
    refreshToken: z
      .string()
      .meta({ description: 'Exchange it once at POST /auth/refresh-tokens', examples: ['flr_example'] }),
    expiresIn: z.int().meta({ description: 'Life of the access token in seconds', examples: [900] }),
    tokenType: z.literal('Bearer'),
    user: SessionUser,
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;

/** What a browser gets: its refresh token travels in a cookie that no script can read. */
export const BrowserSession = Session.omit({ refreshToken: true }).meta({ id: 'BrowserSession' });
export type BrowserSession = z.infer<typeof BrowserSession>;

export const RefreshBody = z
  .strictObject({
    refreshToken: z
      .string()
      .max(4000)
      .optional()
      .meta({ description: 'The newest refresh token of the session', examples: ['flr_example'] }),
    refresh_token: z.string().max(4000).optional().describe('The same, in snake case'),
  })
  .refine((body) => (body.refreshToken === undefined) !== (body.refresh_token === undefined), {
    path: ['refreshToken'],
    message: 'required, once',
  });
export type RefreshBody = z.infer<typeof RefreshBody>;

export const ChangePasswordBody = z.strictObject({
  current_password: GivenPassword.describe('The password so far'),
  new_password: NewPassword,
});
export type ChangePasswordBody = z.infer<typeof ChangePasswordBody>;

export const AcceptInvitationBody = z.strictObject({
  password: NewPassword,
  name: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Display name', examples: ['Ada Lovelace'] }),
});
export type AcceptInvitationBody = z.infer<typeof AcceptInvitationBody>;

export const InvitationToken = z
  .string()
  .min(1)
  .max(200)
  .meta({ description: 'From the invitation', examples: ['fli_example'] });

export const LoginTenant = z
  .object({
    id: z.uuid().meta({ description: 'tenant_id of POST /auth/login', examples: [TENANT] }),
    name: z.string().meta({ description: 'The tenant', examples: ['Example Labs'] }),
  })
  .meta({ id: 'LoginTenant' });

export const Me = z
  .object({
    type: z.enum(['user', 'api_key', 'agent']).meta({ description: 'What kind of caller this is' }),
    id: z.string().meta({ description: 'The id of the user or key', examples: ['1'] }),
    name: z.string().meta({ description: "The user's e-mail or the key's name", examples: ['ada@example.com'] }),
    tenant_id: z.uuid().meta({ description: 'The tenant of the caller', examples: [TENANT] }),
    role: Role.nullable(),
    scopes: z.array(Scope).meta({ description: 'Scopes of an API key; empty for users and for keys with a role' }),
    platform_operator: z.boolean().meta({ description: 'May create and suspend tenants', examples: [false] }),
    tenant: z
      .object({
        name: z.string().meta({ examples: ['Example Labs'] }),
        currency: Currency,
        timezone: z
          .string()
          .meta({ description: 'IANA time zone in which its days begin', examples: ['Europe/Berlin'] }),
        locale: z.string().meta({ description: 'BCP 47', examples: ['en-US'] }),
        simulated: z.boolean().meta({ description: 'Its fleet is simulated', examples: [false] }),
      })
      .meta({ id: 'MyTenant', description: 'What everyone needs who reads its numbers' }),
  })
  .meta({ id: 'Me' });

export const Done = z.object({ done: z.literal(true) }).meta({ id: 'Done' });

export const Invitation = z
  .object({
    token: z
      .string()
      .nullable()
      .meta({ description: 'Shown once; null in a replayed answer', examples: ['fli_example'] }),
    url: z
      .string()
      .nullable()
      .meta({
        description: 'Where the token is accepted; shown once',
        examples: ['/api/auth/invitations/fli_example/accept'],
      }),
    expires_at: Timestamp,
  })
  .meta({ id: 'Invitation', description: 'Hand it to its person; whoever holds it sets the password' });
