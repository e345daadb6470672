import { createHash } from 'node:crypto';
import { wordedBy } from '@flotilla/domain';
import type { Message, MessageKind } from '@flotilla/domain';
import type { ClaimedChannel, OutboxRow } from './claim.js';

/** PagerDuty's limit; the other receivers take more. */
const LONGEST_KEY = 255;

/** The message of a row, in the words of the channel's template or the tenant's. */
export function messageOf(channel: ClaimedChannel, row: OutboxRow, publicUrl: string | null): Message {
  return wordedBy(row.kind === 'digest' ? null : (channel.template ?? channel.policy_template), {
    id: row.message_id,
    dedupKey: outwardKey(channel.tenant_id, row.dedup_key),
    kind: row.kind,
    alertId: row.alert_id,
    alertType: row.alert_type,
    ruleName: row.rule_name,
    severity: row.severity,
    title: row.title,
    text: row.body,
    fields: row.fields,
    url: publicUrl !== null && row.link !== null ? `${publicUrl}${row.link}` : null,
    at: row.happened_at.toISOString(),
    simulated: row.simulated,
  });
}

/** What is sent to see whether a channel works. */
export function testMessage(tenantId: string, channelName: string, kind: MessageKind, id: string, at: Date): Message {
  return wordedBy(null, {
    id,
    dedupKey: outwardKey(tenantId, `test:${channelName}`),
    kind,
    alertId: null,
    alertType: 'test',
    ruleName: null,
    severity: 'low',
    title: `Test of the channel ${channelName}`,
    text: 'This channel works. Nothing is wrong with any machine.',
    fields: [],
    url: null,
    at: at.toISOString(),
    simulated: false,
  });
}

/** Two tenants, or two installations, may tell one receiver: their keys must never meet. */
function outwardKey(tenantId: string, key: string): string {
  const whole = `flotilla/${tenantId}/${key}`;
  if (whole.length <= LONGEST_KEY) return whole;
  return `flotilla/${tenantId}/${createHash('sha256').update(key).digest('hex')}`;
}
