import type { Message } from '@flotilla/domain';
import type { ChannelConfigs } from '@flotilla/contracts';
import type { HttpRequest } from '../http-request.js';

const COLOR = { low: 'default', medium: 'accent', high: 'warning', critical: 'attention' } as const;

/** A Teams workflow ("when a webhook request is received"), told by an Adaptive Card. */
export function teamsRequest(config: ChannelConfigs['teams'], message: Message): HttpRequest {
  return {
    url: config.webhook_url,
    body: {
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          contentUrl: null,
          content: {
            $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
            type: 'AdaptiveCard',
            version: '1.4',
            fallbackText: message.title,
            msteams: { width: 'Full' },
            body: [
              plain(message.title, {
                size: 'medium',
                weight: 'bolder',
                color: message.kind === 'resolve' ? 'good' : COLOR[message.severity],
              }),
              ...(message.text ? [plain(message.text)] : []),
              ...message.fields.map(([label, value]) => ({
                type: 'RichTextBlock',
                spacing: 'small',
                inlines: [run(`${label}: `, { weight: 'bolder' }), run(value)],
              })),
              plain(`${message.severity} · ${message.ruleName ?? message.alertType} · ${message.at}`, {
                size: 'small',
                isSubtle: true,
              }),
            ],
            ...(message.url && { actions: [{ type: 'Action.OpenUrl', title: 'Open', url: message.url }] }),
          },
        },
      ],
    },
  };
}

// a TextRun is shown as it is; a TextBlock would read Markdown out of the name of a machine
const run = (text: string, style: object = {}) => ({ type: 'TextRun', text, ...style });
const plain = (text: string, style: object = {}) => ({ type: 'RichTextBlock', inlines: [run(text, style)] });
