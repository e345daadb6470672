import { z } from 'zod';
import { id, kind, orNull, text } from './parts.js';

const actor = text('Who did it', 'ada@example.com');
const user = z.object({
  user_id: id('The user'),
  email: text('Their address', 'grace@example.com'),
  role: orNull(text('Their role now', 'operator')),
  actor,
});
const key = z.object({ key_id: text('The key, without its secret', 'k3v9x2m4'), name: text('Its name', 'ci'), actor });
const webhook = z.object({
  webhook_id: id('The webhook'),
  url: text('Where it leads', 'https://example.com/flotilla'),
  reason: text('Why', 'example.com answered 410: it does not want these any more.'),
});

export const HOUSE_EVENTS = {
  'user.invited': kind('user', 'Somebody was invited.', user),
  'user.role_changed': kind('user', 'Somebody has another role.', user),
  'user.disabled': kind('user', 'Somebody may not log in any more.', user),
  'user.enabled': kind('user', 'Somebody may log in again.', user),
  'api_key.created': kind('api_key', 'A key was made.', key),
  'api_key.rotated': kind('api_key', 'A key has a successor.', key),
  'api_key.revoked': kind('api_key', 'A key does not open anything any more.', key),
  'webhook.disabled': kind(
    'webhook',
    'A webhook gets nothing any more, because its receiver does not take it.',
    webhook,
  ),
  'webhook.test': kind(
    'webhook',
    'Somebody tests a webhook. Sent to that webhook only, whatever its event_types are.',
    z.object({ webhook_id: id('The webhook'), message: text('A greeting', 'Flotilla reaches you.') }),
  ),
} as const;
