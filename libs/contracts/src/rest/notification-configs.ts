import { z } from 'zod';

export const CHANNEL_TYPES = ['slack', 'pagerduty', 'email', 'webhook', 'teams', 'discord', 'opsgenie'] as const;
export const ChannelType = z.enum(CHANNEL_TYPES).meta({ description: 'What is spoken there', examples: ['slack'] });
export type ChannelType = z.infer<typeof ChannelType>;

/** At most so many people behind one e-mail channel: a list is a mailing list's work. */
export const MOST_RECIPIENTS = 5;

const address = z
  .string()
  .max(2000)
  .regex(/^https?:\/\/[^\s\p{Cc}]+$/u, 'must be an address that begins with https://')
  .refine((text) => URL.canParse(text), 'must be an address that begins with https://');
const key = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without blanks');

/** One mailbox and nothing else: no name, no list, no comment, nothing that could end a header. */
const mailbox = z
  .string()
  .max(254)
  .regex(
    /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/,
    'must be an e-mail address such as oncall@example.com',
  );

/** What each type of channel needs to know. */
export const CHANNEL_CONFIGS = {
  slack: z.strictObject({ webhook_url: address }),
  pagerduty: z.strictObject({ routing_key: key, api_url: address.default('https://events.pagerduty.com') }),
  email: z.strictObject({
    recipients: z
      .array(mailbox)
      .min(1)
      .max(MOST_RECIPIENTS)
      .refine((all) => new Set(all.map((one) => one.toLowerCase())).size === all.length, 'must name everybody once'),
  }),
  webhook: z.strictObject({ url: address, secret: key.optional() }),
  teams: z.strictObject({ webhook_url: address }),
  discord: z.strictObject({ webhook_url: address }),
  opsgenie: z.strictObject({ api_key: key, api_url: address.default('https://api.opsgenie.com') }),
} as const satisfies Record<ChannelType, z.ZodType>;
export type ChannelConfigs = { readonly [Type in ChannelType]: z.infer<(typeof CHANNEL_CONFIGS)[Type]> };

/** Other spellings of the reference documents, by type. */
export const CONFIG_ALIASES: Readonly<Partial<Record<ChannelType, Readonly<Record<string, string>>>>> = {
  email: { to: 'recipients' },
  webhook: { webhook_url: 'url' },
  pagerduty: { integration_key: 'routing_key' },
};

export const ChannelConfig = z.record(z.string().max(100), z.unknown()).meta({
  description:
    'slack, teams, discord: webhook_url. pagerduty: routing_key, api_url (https://events.eu.pagerduty.com in Europe). ' +
    `email: recipients, at most ${MOST_RECIPIENTS}. webhook: url, secret (made when left out). ` +
    'opsgenie: api_key, api_url (https://api.eu.opsgenie.com in Europe). Secrets are masked in every answer; a masked one that is sent back stays as it is',
  examples: [{ webhook_url: 'https://hooks.slack.com/services/T0001/B0001/XXXX' }],
});
