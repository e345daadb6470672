import { cut } from '@flotilla/domain';
import type { Message } from '@flotilla/domain';
import type { ChannelConfigs } from '@flotilla/contracts';
import type { HttpRequest } from '../http-request.js';

const PRIORITY = { low: 'P4', medium: 'P3', high: 'P2', critical: 'P1' } as const;

/** Alert API: the alias is the dedup key; acknowledge and close name the alert by it. */
export function opsgenieRequest(config: ChannelConfigs['opsgenie'], message: Message): HttpRequest {
  const alerts = `${config.api_url.replace(/\/$/, '')}/v2/alerts`;
  const headers = { authorization: `GenieKey ${config.api_key}` };
  const step = { acknowledge: 'acknowledge', resolve: 'close' }[message.kind as string];
  if (step !== undefined) {
    return {
      url: `${alerts}/${encodeURIComponent(message.dedupKey)}/${step}?identifierType=alias`,
      headers,
      body: { source: 'Flotilla', note: cut(message.text || message.title, 1_000) },
    };
  }
  return {
    url: alerts,
    headers,
    body: {
      message: cut(message.title, 130),
      alias: message.dedupKey,
      description: [message.text, message.url ?? ''].filter(Boolean).join('\n\n'),
      priority: PRIORITY[message.severity],
      source: 'Flotilla',
      entity: message.alertType,
      tags: ['flotilla', message.severity, ...(message.simulated ? ['simulated'] : [])],
      details: {
        rule: message.ruleName ?? message.alertType,
        message_id: message.id,
        ...Object.fromEntries(message.fields),
      },
    },
  };
}
