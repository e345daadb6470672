import { BellRing, Hash, Mail, MessagesSquare, Siren, Users, Webhook } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { Schemas } from '../data/api';

export type Channel = Schemas['NotificationChannel'];
export type ChannelType = Channel['channel_type'];

export interface ConfigField {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly placeholder?: string;
  /** Whoever knows it gets in: shown masked once it is saved. */
  readonly secret?: boolean;
  readonly optional?: boolean;
  /** Several values, one a line. */
  readonly several?: boolean;
  /** What is usual. */
  readonly known?: readonly string[];
}

export interface Kind {
  readonly type: ChannelType;
  readonly title: string;
  readonly icon: LucideIcon;
  readonly words: string;
  readonly fields: readonly ConfigField[];
  /** Told each alert by itself, so that it can close it again. */
  readonly each?: boolean;
}

const hook = (hint: string, placeholder: string): ConfigField => ({
  name: 'webhook_url',
  label: 'Webhook address',
  secret: true,
  hint,
  placeholder,
});

export const KINDS: readonly Kind[] = [
  {
    type: 'slack',
    title: 'Slack',
    icon: Hash,
    words: 'A message in a Slack channel',
    fields: [
      hook(
        'Of a Slack app with incoming webhooks: api.slack.com/apps, Incoming Webhooks, Add new webhook.',
        'https://hooks.slack.com/services/…',
      ),
    ],
  },
  {
    type: 'pagerduty',
    title: 'PagerDuty',
    icon: Siren,
    each: true,
    words: 'An incident that is acknowledged and resolved with the alert',
    fields: [
      {
        name: 'routing_key',
        label: 'Integration key',
        hint: 'Of a service: Integrations, Events API v2.',
        secret: true,
      },
      {
        name: 'api_url',
        label: 'Service region',
        hint: 'Where the account lives.',
        known: ['https://events.pagerduty.com', 'https://events.eu.pagerduty.com'],
      },
    ],
  },
  {
    type: 'opsgenie',
    title: 'Opsgenie',
    icon: BellRing,
    each: true,
    words: 'An alert that is acknowledged and closed with ours',
    fields: [
      { name: 'api_key', label: 'API key', hint: 'Of an API integration of the team.', secret: true },
      {
        name: 'api_url',
        label: 'Service region',
        hint: 'Where the account lives.',
        known: ['https://api.opsgenie.com', 'https://api.eu.opsgenie.com'],
      },
    ],
  },
  {
    type: 'teams',
    title: 'Microsoft Teams',
    icon: Users,
    words: 'A card in a Teams channel',
    fields: [
      hook(
        'Of a workflow: “Post to a channel when a webhook request is received”.',
        'https://….logic.azure.com/workflows/…',
      ),
    ],
  },
  {
    type: 'discord',
    title: 'Discord',
    icon: MessagesSquare,
    words: 'A message in a Discord channel',
    fields: [hook('Edit channel, Integrations, Webhooks.', 'https://discord.com/api/webhooks/…')],
  },
  {
    type: 'email',
    title: 'E-mail',
    icon: Mail,
    words: 'Up to five mailboxes; the installation needs a mail server',
    fields: [
      {
        name: 'recipients',
        label: 'Recipients',
        hint: 'One a line, five at most. More people are a mailing list’s work.',
        placeholder: 'oncall@example.com',
        several: true,
      },
    ],
  },
  {
    type: 'webhook',
    title: 'Webhook',
    icon: Webhook,
    words: 'Signed JSON to a program of your own',
    fields: [
      {
        name: 'url',
        label: 'Address',
        hint: 'Gets a POST of JSON.',
        placeholder: 'https://example.com/flotilla',
        secret: true,
      },
      {
        name: 'secret',
        label: 'Signing secret',
        hint: 'By which the other side checks that it was us. Left empty: we make one and show it once.',
        secret: true,
        optional: true,
      },
    ],
  },
];

export const kindOf = (type: string): Kind => KINDS.find((kind) => kind.type === type) ?? KINDS.at(-1)!;
