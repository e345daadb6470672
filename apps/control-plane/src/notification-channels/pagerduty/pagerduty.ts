import { cut } from '@flotilla/domain';
import type { Message } from '@flotilla/domain';
import type { ChannelConfigs } from '@flotilla/contracts';
import type { HttpRequest } from '../http-request.js';

const SEVERITY = { low: 'info', medium: 'warning', high: 'error', critical: 'critical' } as const;

/**
 * Events API v2. One dedup key from trigger to resolve makes one incident of an alert; an escalation is a trigger of the
 * same key, which PagerDuty adds to the open incident.
 */
export function pagerdutyRequest(config: ChannelConfigs['pagerduty'], message: Message): HttpRequest {
  const { kind } = message;
  const event = {
    routing_key: config.routing_key,
    event_action: kind === 'acknowledge' ? 'acknowledge' : kind === 'resolve' ? 'resolve' : 'trigger',
    dedup_key: message.dedupKey,
  };
  const url = `${config.api_url.replace(/\/$/, '')}/v2/enqueue`;
  if (event.event_action !== 'trigger') return { url, body: event };
  return {
    url,
    body: {
      ...event,
      client: 'Flotilla',
      ...(message.url && { client_url: message.url, links: [{ href: message.url, text: 'Open in Flotilla' }] }),
      payload: {
        summary: cut(message.title, 1_024),
        source: 'flotilla',
        severity: SEVERITY[message.severity],
        timestamp: message.at,
        component: message.ruleName ?? message.alertType,
        class: message.alertType,
        custom_details: {
          text: message.text,
          message_id: message.id,
          simulated: message.simulated,
          ...Object.fromEntries(message.fields),
        },
      },
    },
  };
}
