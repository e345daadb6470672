import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const VERSION = 1;
const HEADER_BYTES = 1 + 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The blob was made with another master key, belongs elsewhere, or was changed. */
export class UnsealError extends Error {}

/**
 * Encrypts what the database keeps secret: AES-256-GCM under the master key.
 *
 * @param context binds the blob to its row (`'signing_keys|<kid>'`): moved to another row it does not open
 * @returns version, id of the master key, nonce, ciphertext, tag
 */
export function seal(masterKey: Buffer, context: string, plaintext: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const header = Buffer.concat([Buffer.from([VERSION]), keyId(masterKey)]);
  const cipher = createCipheriv('aes-256-gcm', masterKey, nonce);
  cipher.setAAD(Buffer.concat([header, Buffer.from(context)]));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, nonce, ciphertext, cipher.getAuthTag()]);
}

/** @throws UnsealError saying which of the reasons it is, where that can be told */
export function unseal(masterKey: Buffer, context: string, blob: Buffer): Buffer {
  if (blob.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES || blob[0] !== VERSION) {
    throw new UnsealError(`${context}: not a sealed value of this version`);
  }
  const header = blob.subarray(0, HEADER_BYTES);
  if (!header.subarray(1).equals(keyId(masterKey))) {
    throw new UnsealError(
      `${context}: sealed with another master key; restore the FLOTILLA_MASTER_KEY_FILE of this database`,
    );
  }
  const decipher = createDecipheriv('aes-256-gcm', masterKey, blob.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES));
  decipher.setAAD(Buffer.concat([header, Buffer.from(context)]));
  decipher.setAuthTag(blob.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(blob.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw new UnsealError(`${context}: the sealed value was changed or belongs to another row`);
  }
}

/** Tells master keys apart without telling anything about them. */
function keyId(masterKey: Buffer): Buffer {
  return createHash('sha256').update('flotilla master key id').update(masterKey).digest().subarray(0, 4);
}
