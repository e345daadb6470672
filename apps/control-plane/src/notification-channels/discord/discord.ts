import { cut } from '@flotilla/domain';
import type { Message } from '@flotilla/domain';
import type { ChannelConfigs } from '@flotilla/contracts';
import type { HttpRequest } from '../http-request.js';

const COLOR = { low: 0x6b7280, medium: 0x2563eb, high: 0xd97706, critical: 0xdc2626 } as const;
const RESOLVED = 0x16a34a;

/** A webhook of Discord, told by one embed. Nothing in it can mention anybody. */
export function discordRequest(config: ChannelConfigs['discord'], message: Message): HttpRequest {
  return {
    url: config.webhook_url,
    body: {
      username: 'Flotilla',
      allowed_mentions: { parse: [] },
      embeds: [
        {
          title: cut(escaped(message.title), 256),
          description: cut(escaped(message.text), 4_000),
          color: message.kind === 'resolve' ? RESOLVED : COLOR[message.severity],
          timestamp: message.at,
          footer: { text: `${message.severity} · ${message.ruleName ?? message.alertType}` },
          fields: message.fields.map(([label, value]) => ({
            name: cut(escaped(label), 256) || '–',
            value: cut(escaped(value), 1_000) || '–',
            inline: true,
          })),
          ...(message.url && { url: message.url }),
        },
      ],
    },
  };
}

/** Markdown of Discord is shown and not read. */
const escaped = (text: string) => text.replace(/[\\*_~`|>[\]()#<@]/g, '\\$&');
