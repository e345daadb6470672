import type { Message, MessageKind } from '@flotilla/domain';
import type { ChannelConfigs } from '@flotilla/contracts';
import { webhookHeaders } from '../../platform/index.js';
import type { HttpRequest } from '../http-request.js';

const TYPE: Readonly<Record<MessageKind, string>> = {
  trigger: 'alert.triggered',
  acknowledge: 'alert.acknowledged',
  resolve: 'alert.resolved',
  escalate: 'alert.escalated',
  message: 'notification.message',
  digest: 'notification.digest',
  test: 'notification.test',
};

/** A signed webhook. The id is the message's in every attempt; the time is the attempt's. */
export function webhookRequest(config: ChannelConfigs['webhook'], message: Message, nowMs: number): HttpRequest {
  const body = {
    id: message.id,
    type: TYPE[message.kind],
    timestamp: message.at,
    data: {
      alert_id: message.alertId,
      alert_type: message.alertType,
      rule: message.ruleName,
      severity: message.severity,
      dedup_key: message.dedupKey,
      title: message.title,
      text: message.text,
      fields: message.fields.map(([label, value]) => ({ label, value })),
      url: message.url,
      simulated: message.simulated,
    },
  };
  const sent = { id: message.id, event: body.type, atS: Math.floor(nowMs / 1000), body: JSON.stringify(body) };
  return { url: config.url, body, headers: webhookHeaders({ ...sent, secrets: [config.secret!] }) };
}
