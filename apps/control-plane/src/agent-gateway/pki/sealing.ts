import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What was sealed cannot be opened: another master key, or changed bytes. */
export class SealBrokenError extends Error {}

/** A key of its own for each purpose, so that one purpose's ciphertext never opens as another's. */
const keyFor = (masterKey: Buffer, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', masterKey, '', `flotilla ${purpose}`, 32));

/** AES-256-GCM under a key derived from the master key for `purpose`: version, nonce, tag, ciphertext. */
export function seal(masterKey: Buffer, purpose: string, plaintext: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyFor(masterKey, purpose), nonce).setAAD(Buffer.from(purpose));
  const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body]);
}

/** @throws SealBrokenError when the master key is not the one that sealed it, or the bytes were changed */
export function open(masterKey: Buffer, purpose: string, sealed: Buffer): string {
  try {
    if (sealed[0] !== VERSION) throw new Error('unknown version');
    const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
    const tag = sealed.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', keyFor(masterKey, purpose), nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(purpose))
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed.subarray(1 + NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString();
  } catch (error) {
    throw new SealBrokenError(
      `the ${purpose} stored in the database cannot be opened: it was sealed with another master key than this one. ` +
        'Start with the master key file of the first start (FLOTILLA_MASTER_KEY_FILE).',
      { cause: error },
    );
  }
}
