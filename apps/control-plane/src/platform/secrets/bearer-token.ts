import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A secret text that finds its own row: tenant and row id beside 256 random bits. Only the hash is stored. */
export interface BearerToken {
  readonly tenantId: string;
  readonly id: string;
  readonly hash: Buffer;
}

const LENGTH = 16 + 16 + 32;

/** @param prefix tells kinds of tokens apart, for people and for secret scanners: `flr`, `fli` */
export function newBearerToken(prefix: string, tenantId: string, id: string): BearerToken & { readonly text: string } {
  const secret = randomBytes(32);
  const bytes = Buffer.concat([uuidBytes(tenantId), uuidBytes(id), secret]);
  return { tenantId, id, hash: sha256(secret), text: `${prefix}_${bytes.toString('base64url')}` };
}

/** undefined for anything that is not such a token. */
export function parseBearerToken(prefix: string, text: string): BearerToken | undefined {
  if (!text.startsWith(`${prefix}_`) || text.length > 120) return undefined;
  const bytes = Buffer.from(text.slice(prefix.length + 1), 'base64url');
  if (bytes.length !== LENGTH) return undefined;
  return {
    tenantId: uuidText(bytes.subarray(0, 16)),
    id: uuidText(bytes.subarray(16, 32)),
    hash: sha256(bytes.subarray(32)),
  };
}

export function sameHash(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

export function sha256(bytes: Buffer | string): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
