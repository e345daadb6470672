import { createHash, createPrivateKey, createPublicKey, hkdfSync, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** A row of the audit as it is chained: texts as the database writes them, so that every digit counts. */
export interface ChainedRow {
  readonly seq: number;
  readonly audit_id: number;
  readonly at: string | null;
  readonly event_type: string | null;
  readonly actor_type: string | null;
  readonly actor_id: string | null;
  readonly actor_label: string | null;
  readonly address: string | null;
  readonly request_id: string | null;
  readonly subject_type: string | null;
  readonly subject_id: string | null;
  /** jsonb's own text: keys in its order, numbers with all digits. */
  readonly details: string | null;
  readonly written_at: string | null;
  readonly sealed_at: string;
}

/** SQL: a moment with microseconds. */
const moment = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
/** SQL: the columns of an audit row `a`, as texts. */
export const AUDIT_TEXTS = `${moment('a.at')} AS at, a.event_type, a.actor_type, a.actor_id, a.actor_label, host(a.address) AS address,
  a.request_id, a.subject_type, a.subject_id, a.details::text AS details`;
export const momentText = moment;

/** What the chain begins with. */
export const NO_HASH = Buffer.alloc(32);

/** SHA-256 of the hash before and of a JSON array of the row's values, in a fixed order. */
export function chainHash(before: Buffer, row: ChainedRow): Buffer {
  const text = JSON.stringify([
    row.seq,
    row.audit_id,
    row.at,
    row.event_type,
    row.actor_type,
    row.actor_id,
    row.actor_label,
    row.address,
    row.request_id,
    row.subject_type,
    row.subject_id,
    row.details,
    row.written_at,
    row.sealed_at,
  ]);
  return createHash('sha256').update(before).update(text).digest();
}

export interface ChainHead {
  readonly seq: number;
  readonly hash: Buffer;
}

/** Signs where a chain stood: Ed25519, with a key that follows from the master key and is never in the database. */
export class HeadSigner {
  private readonly privateKey: KeyObject;
  private readonly publicKey: KeyObject;
  readonly keyId: string;

  constructor(masterKey: Buffer) {
    const seed = Buffer.from(hkdfSync('sha256', masterKey, '', 'flotilla audit heads 1', 32));
    this.privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
    this.publicKey = createPublicKey(this.privateKey);
    const raw = this.publicKey.export({ format: 'der', type: 'spki' });
    this.keyId = createHash('sha256').update(raw).digest('hex').slice(0, 16);
  }

  /** PEM, for whoever keeps heads outside and checks them there. */
  get publicPem(): string {
    return this.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  }

  sign(tenantId: string, day: string, head: ChainHead): Buffer {
    return sign(null, headText(tenantId, day, head), this.privateKey);
  }

  /** The last row that was removed after its time: what comes after it follows from its hash. */
  signCheckpoint(tenantId: string, head: ChainHead): Buffer {
    return sign(null, checkpointText(tenantId, head), this.privateKey);
  }

  isCheckpoint(tenantId: string, head: ChainHead, signature: Buffer): boolean {
    return verify(null, checkpointText(tenantId, head), this.publicKey, signature);
  }

  isSigned(tenantId: string, day: string, head: ChainHead, signature: Buffer): boolean {
    return verify(null, headText(tenantId, day, head), this.publicKey, signature);
  }
}

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

const headText = (tenantId: string, day: string, { seq, hash }: ChainHead) =>
  Buffer.from(`flotilla audit head 1\n${tenantId}\n${day}\n${seq}\n${hash.toString('hex')}`);
const checkpointText = (tenantId: string, { seq, hash }: ChainHead) =>
  Buffer.from(`flotilla audit checkpoint 1\n${tenantId}\n${seq}\n${hash.toString('hex')}`);
