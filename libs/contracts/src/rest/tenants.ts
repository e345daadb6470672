import { z } from 'zod';
import { Email, Invitation } from './auth.js';
import { Currency, Timestamp } from './common.js';
import { pageQuery } from './query.js';

const TENANT = '6f1c9a1e-52d4-4b7e-9d1c-0a4e5b6c7d8e';
const isTimezone = (name: string) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

const TenantName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .meta({ description: 'Shown to its people', examples: ['Example Labs'] });
const Timezone = z
  .string()
  .max(60)
  .refine(isTimezone, 'not an IANA time zone')
  .meta({ description: 'IANA time zone of the tenant', examples: ['Europe/Berlin'] });

const isLocale = (tag: string) => {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length === 1;
  } catch {
    return false;
  }
};
const Locale = z
  .string()
  .max(35)
  .refine(isLocale, 'not a language tag (BCP 47) such as de-DE')
  .meta({ description: 'How numbers and dates are written in reports: BCP 47', examples: ['en-US'] });

const settings = {
  name: TenantName,
  listed: z.boolean().meta({ description: 'Shown in the public login picker', examples: [true] }),
  currency: Currency,
  timezone: Timezone,
  locale: Locale,
  rate_limit_per_minute: z
    .int()
    .min(1)
    .max(1_000_000)
    .meta({ description: 'Requests a minute', examples: [1000] }),
  idle_below_percent: z
    .number()
    .gt(0)
    .max(100)
    .meta({ description: 'GPU utilisation below which a minute is quiet, percent', examples: [5] }),
  idle_for_minutes: z
    .int()
    .min(1)
    .max(1440)
    .meta({ description: 'Quiet minutes in a row that make a GPU idle', examples: [30] }),
  require_approval: z.boolean().meta({ description: 'Every start and stop needs an approval', examples: [false] }),
  require_second_person: z.boolean().meta({ description: 'The requester may not approve', examples: [false] }),
  raw_retention_days: z
    .int()
    .min(1)
    .max(30)
    .meta({ description: 'Days that samples are kept', examples: [30] }),
  packed_retention_months: z
    .int()
    .min(1)
    .max(13)
    .meta({ description: 'Months that minutes and hours are kept', examples: [13] }),
  ai_usage_retention_days: z
    .int()
    .min(2)
    .max(400)
    .meta({
      description:
        'Days that single records of AI usage are kept after they came. Their sums by the hour stay; what was dropped does not come back when it is raised',
      examples: [30],
    }),
};

const webAddress = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => /^https?:\/\/[^\s]+$/.test(text) && URL.canParse(text), 'must begin with https://');

const oidc = {
  issuer: webAddress(300).meta({
    description: '`iss` of the tokens, letter by letter',
    examples: ['https://example.clerk.accounts.dev'],
  }),
  jwks_url: webAddress(500).meta({
    description: 'Where the issuer publishes its public keys; asked when it is saved',
    examples: ['https://example.clerk.accounts.dev/.well-known/jwks.json'],
  }),
  audience: z
    .string()
    .min(1)
    .max(300)
    .meta({
      description: '`aud` of the tokens, or `azp` where they have no `aud` (session tokens of Clerk)',
      examples: ['https://flotilla.example.com'],
    }),
};
const claim = z
  .string()
  .min(1)
  .max(100)
  .refine((name) => !['__proto__', 'sub', 'iss'].includes(name), 'cannot be the name of this claim');
const oidcRole = z.enum(['viewer', 'operator', 'admin']).meta({
  description: 'Role of users made at first sight',
  examples: ['viewer'],
});
const createUsers = z.boolean().meta({
  description: 'Whether people without a user get one at first sight; else only invited people come in',
  examples: [false],
});
const trustEmail = z.boolean().meta({
  description: 'Believes addresses that come without `email_verified`; only for issuers that check every address',
  examples: [false],
});
const emailClaim = { description: 'Claim with the e-mail address', examples: ['email'] };
const nameClaim = { description: 'Claim with the display name', examples: ['name'] };

export const TenantOidc = z
  .object({
    issuer: z.string().meta(oidc.issuer.meta()!),
    jwks_url: z.string().meta(oidc.jwks_url.meta()!),
    audience: oidc.audience,
    default_role: oidcRole,
    create_users: createUsers,
    email_claim: z.string().meta(emailClaim),
    name_claim: z.string().meta(nameClaim),
    trust_email: trustEmail,
  })
  .meta({ id: 'TenantOidc', description: 'The outside issuer whose session tokens are accepted' });

const TenantOidcBody = z
  .strictObject({
    ...oidc,
    default_role: oidcRole.default('viewer'),
    create_users: createUsers.default(false),
    email_claim: claim.default('email').meta(emailClaim),
    name_claim: claim.default('name').meta(nameClaim),
    trust_email: trustEmail.default(false),
  })
  .meta({
    id: 'TenantOidcBody',
    description:
      'The outside issuer whose session tokens are accepted from now on as Authorization: Bearer. X-Tenant-Id names the tenant where several accept a token',
  });
export type TenantOidcBody = z.infer<typeof TenantOidcBody>;

export const Tenant = z
  .object({
    id: z.uuid().meta({ description: 'The tenant id', examples: [TENANT] }),
    status: z
      .enum(['active', 'suspended'])
      .meta({ description: 'A suspended tenant lets nobody in', examples: ['active'] }),
    ...settings,
    // what is stored was checked when it was written
    timezone: z.string().meta({ description: 'IANA time zone', examples: ['Europe/Berlin'] }),
    locale: z.string().meta({ description: 'BCP 47', examples: ['en-US'] }),
    oidc: TenantOidc.nullable().describe('null: only own logins and API keys'),
    simulated: z.boolean().meta({ description: 'Its fleet is simulated', examples: [false] }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'Tenant' });

const atLeastOne = { message: 'at least one field is required' };

export const UpdateTenantBody = z
  .strictObject({
    ...settings,
    oidc: TenantOidcBody.nullable().describe('Replaces the whole configuration; null ends it and its links'),
  })
  .partial()
  .refine((body) => Object.keys(body).length > 0, atLeastOne);
export type UpdateTenantBody = z.infer<typeof UpdateTenantBody>;

export const CreateTenantBody = z.strictObject({
  name: TenantName,
  owner_email: Email,
  owner_name: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Display name of the first owner', examples: ['Ada Lovelace'] }),
});
export type CreateTenantBody = z.infer<typeof CreateTenantBody>;

export const CreatedTenant = z
  .object({ tenant: Tenant, ...Invitation.shape })
  .meta({ id: 'CreatedTenant', description: 'The tenant with a link, shown once, for its first owner' });

export const AdministerTenantBody = z
  .strictObject({
    name: TenantName.optional(),
    status: z
      .enum(['active', 'suspended'])
      .optional()
      .meta({ examples: ['active'] }),
  })
  .refine((body) => Object.keys(body).length > 0, atLeastOne);
export type AdministerTenantBody = z.infer<typeof AdministerTenantBody>;

export const TenantQuery = z.strictObject({
  ...pageQuery,
  status: z.enum(['active', 'suspended']).optional().describe('Only tenants of this status'),
});
export type TenantQuery = z.infer<typeof TenantQuery>;
