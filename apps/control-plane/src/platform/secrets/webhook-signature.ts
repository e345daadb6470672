import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long a signature is good for, in both directions; seconds. */
export const WEBHOOK_WINDOW_S = 300;

export interface SignedWebhook {
  /** Stable over all attempts: the receiver's key against repeats. */
  readonly id: string;
  /** The type of what happened: `alert.triggered`. */
  readonly event: string;
  /** When this attempt is sent; Unix seconds. */
  readonly atS: number;
  /** The bytes of the body as they are sent. */
  readonly body: string;
  /** The newest first; while a secret is rotated the one before signs too. */
  readonly secrets: readonly string[];
}

/** `whsec_` and 32 random bytes in base64, as Standard Webhooks writes them. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** What a secret must be to sign with; null when it is. */
export function webhookSecretIssue(secret: string): string | null {
  if (!/^[\x21-\x7e]{1,200}$/.test(secret)) return 'printable ASCII without blanks, at most 200 characters';
  return keyOf(secret).length >= 24
    ? null
    : 'whsec_ and at least 24 bytes in base64, or a text of at least 24 characters';
}

/**
 * The headers that sign a webhook, in both forms: our own (hex HMAC-SHA256 of `<timestamp>.<body>`, keyed with the secret
 * as it is written, by the newest secret) and Standard Webhooks 1.0 (base64 HMAC-SHA256 of `<id>.<timestamp>.<body>`, keyed
 * with the bytes behind `whsec_`, by every secret).
 */
export function webhookHeaders({ id, event, atS, body, secrets }: SignedWebhook): Record<string, string> {
  const [newest] = secrets;
  if (newest === undefined) throw new RangeError('a webhook is signed by at least one secret');
  return {
    'x-flotilla-event': event,
    'x-flotilla-timestamp': String(atS),
    'x-flotilla-signature': `sha256=${createHmac('sha256', newest).update(`${atS}.${body}`).digest('hex')}`,
    'webhook-id': id,
    'webhook-timestamp': String(atS),
    'webhook-signature': secrets
      .map((secret) => `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${atS}.${body}`).digest('base64')}`)
      .join(' '),
  };
}

/**
 * Whether a webhook that came in by Standard Webhooks is of the owner of `secret` and of now.
 *
 * @param headers names in lower case
 */
export function isSignedWebhook(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string,
  secret: string,
  nowS: number,
): boolean {
  const [id, time, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers[name]);
  if (typeof id !== 'string' || typeof time !== 'string' || typeof signatures !== 'string') return false;
  if (!/^\d{1,12}$/.test(time) || Math.abs(nowS - Number(time)) > WEBHOOK_WINDOW_S) return false;
  const expected = createHmac('sha256', keyOf(secret)).update(`${id}.${time}.${body}`).digest();
  return signatures.split(' ').some((part) => {
    const given = part.startsWith('v1,') ? Buffer.from(part.slice(3), 'base64') : Buffer.alloc(0);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
}
