import { cut } from '@flotilla/domain';
import type { Message } from '@flotilla/domain';
import type { ChannelConfigs } from '@flotilla/contracts';
import type { HttpRequest } from '../http-request.js';

/** Slack's own limits: a header of 150 characters, 10 fields of 2,000, a text of 3,000. */
const MOST_FIELDS = 10;

/** An incoming webhook with Block Kit. Mattermost and Rocket.Chat take the same. */
export function slackRequest(config: ChannelConfigs['slack'], message: Message): HttpRequest {
  const { title, text, fields, url } = message;
  return {
    url: config.webhook_url,
    body: {
      text: escaped(title), // what phones and screen readers show
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: cut(title, 150), emoji: false } },
        ...(text ? [{ type: 'section', text: { type: 'mrkdwn', text: cut(escaped(text), 3_000) } }] : []),
        ...(fields.length > 0
          ? [
              {
                type: 'section',
                fields: fields.slice(0, MOST_FIELDS).map(([label, value]) => ({
                  type: 'mrkdwn',
                  text: cut(`*${escaped(label)}*\n${escaped(value)}`, 2_000),
                })),
              },
            ]
          : []),
        {
          type: 'context',
          elements: [
            {
              type: 'mrkdwn',
              text: `${message.severity} · ${escaped(message.ruleName ?? message.alertType)} · ${message.at}`,
            },
          ],
        },
        ...(url
          ? [{ type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'Open' }, url }] }]
          : []),
      ],
    },
  };
}

/** Slack's three control characters: without them no name of a machine can mention @channel or hide a link. */
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
