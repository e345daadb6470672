import { randomBytes } from 'node:crypto';

/** A wal_epoch by chance: 1 to 2^53 - 1, so that every language and the database carry it exactly. */
export function newEpoch(): number {
  const bytes = randomBytes(8);
  return (bytes.readUInt32LE(0) & 0x1fffff) * 2 ** 32 + bytes.readUInt32LE(4) || 1;
}
