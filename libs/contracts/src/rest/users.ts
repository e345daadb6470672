import { z } from 'zod';
import { Email, Invitation } from './auth.js';
import { Role, Timestamp } from './common.js';
import { pageQuery } from './query.js';

export const USER_STATUSES = ['invited', 'active', 'disabled'] as const;

export const User = z
  .object({
    id: z.int().meta({ description: 'The user id', examples: [1] }),
    email: z.string().meta({ description: 'E-mail address', examples: ['ada@example.com'] }),
    name: z.string().meta({ description: 'Display name', examples: ['Ada Lovelace'] }),
    role: Role,
    platform_operator: z.boolean().meta({ description: 'May create and suspend tenants', examples: [false] }),
    status: z.enum(USER_STATUSES).meta({ description: 'invited: has set no password yet', examples: ['active'] }),
    last_login_at: Timestamp.nullable().describe('null: never logged in'),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'User' });

export const UserQuery = z.strictObject({
  ...pageQuery,
  status: z.enum(USER_STATUSES).optional().describe('Only users of this status'),
  role: Role.optional(),
  search: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'Part of the name or e-mail', examples: ['ada'] }),
});
export type UserQuery = z.infer<typeof UserQuery>;

const Name = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .meta({ description: 'Display name', examples: ['Ada Lovelace'] });

export const InviteUserBody = z.strictObject({ email: Email, name: Name.optional(), role: Role });
export type InviteUserBody = z.infer<typeof InviteUserBody>;

export const UpdateUserBody = z
  .strictObject({
    name: Name.optional(),
    role: Role.optional(),
    status: z
      .enum(['active', 'disabled'])
      .optional()
      .meta({ description: 'disabled ends every session at once', examples: ['active'] }),
  })
  .refine((body) => Object.keys(body).length > 0, { message: 'name, role or status is required' });
export type UpdateUserBody = z.infer<typeof UpdateUserBody>;

export const InvitedUser = z
  .object({ user: User, ...Invitation.shape })
  .meta({ id: 'InvitedUser', description: 'The user with a link, shown once, that sets the password' });
