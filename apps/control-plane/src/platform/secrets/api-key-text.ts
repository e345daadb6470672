import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { sha256 } from './bearer-token.js';

/** `flt_live_<id>_<secret><checksum>`: 12, 24 and 6 characters of base62. */
export interface ApiKeyText {
  readonly id: string;
  readonly hash: Buffer;
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SHAPE = /^flt_live_([0-9A-Za-z]{12})_([0-9A-Za-z]{24})([0-9A-Za-z]{6})$/;

export function newApiKey(): ApiKeyText & { readonly text: string; readonly last4: string } {
  const id = randomText(12);
  const body = `flt_live_${id}_${randomText(24)}`; // 24 × 5.95 bits = 142 bits
  const text = body + checksum(body);
  return { id, text, last4: text.slice(-4), hash: sha256(text) };
}

/** undefined for what cannot be a key of ours: refused by its checksum, before any look into the database. */
export function parseApiKey(text: string): ApiKeyText | undefined {
  const match = SHAPE.exec(text);
  if (!match || checksum(text.slice(0, -6)) !== match[3]) return undefined;
  return { id: match[1]!, hash: sha256(text) };
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < 6; i++) {
    digits = ALPHABET[rest % 62]! + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

/** Bytes of 248 and more are drawn again, so that every character is equally likely. */
function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += ALPHABET[byte % 62]!;
    }
  }
  return text;
}
