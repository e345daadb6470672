import { Inject, Injectable } from '@nestjs/common';
import type { AuditVerification } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';
import { CONFIG } from '../platform/index.js';
import type { Config } from '../platform/index.js';
import { AUDIT_TEXTS, chainHash, HeadSigner, momentText, NO_HASH } from './audit-hash.js';
import type { ChainedRow, ChainHead } from './audit-hash.js';

type Answer = z.input<typeof AuditVerification>;
type Bad = NonNullable<Answer['first_bad']>;
interface Row extends ChainedRow, Record<string, unknown> {
  readonly hash: Buffer;
  readonly there: boolean;
}
interface Head extends Record<string, unknown> {
  readonly day: string;
  readonly seq: number;
  readonly hash: Buffer;
  readonly key_id: string;
  readonly signature: Buffer;
}

/** The end of what was removed after its time. */
interface Checkpoint extends Head {
  readonly made_at: string;
}

const AT_ONCE = 5_000;
/** A row's own time is what the database's clock said when it was written. */
const MOST_APART_MS = 60_000;

/** Reads a tenant's audit through and reckons its chain again. */
@Injectable()
export class AuditVerifier {
  private readonly signer: HeadSigner;

  constructor(
    private readonly db: Db,
    @Inject(CONFIG) config: Config,
  ) {
    this.signer = new HeadSigner(config.masterKey);
  }

  async verify(actor: TenantRef): Promise<Answer> {
    const began = performance.now();
    const { bad: broken, checked, newest, heads, beginning } = await this.reckon(actor, Infinity);
    const rest = await this.db.read(actor, (tx) =>
      tx.row<{ unsealed: number; strange: number | null }>(REST, [actor.tenantId]),
    );
    const strange = rest!.strange;
    const bad: Bad | null =
      broken ??
      (strange === null
        ? null
        : {
            audit_id: strange,
            sequence: null,
            kind: 'inserted',
            message: `Row ${strange} is in the audit and not in its chain: it was put there behind the back of Flotilla.`,
          });
    return {
      intact: bad === null,
      first_bad: bad,
      checked,
      removed_through: beginning && { sequence: beginning.seq, day: beginning.day, at: beginning.made_at },
      sealed_through: newest ? { sequence: newest.seq, audit_id: newest.audit_id, at: newest.at! } : null,
      unsealed: rest!.unsealed,
      heads,
      duration_ms: Math.round(performance.now() - began),
      key_id: this.signer.keyId,
      public_key: this.signer.publicPem,
    };
  }

  /** The first row up to a place of the chain that is not as it was sealed; null: all are. */
  async firstBadThrough(actor: TenantRef, sequence: number): Promise<Bad | null> {
    return (await this.reckon(actor, sequence)).bad;
  }

  /** A batch is in memory at a time, however long the audit is. */
  private async reckon(actor: TenantRef, throughSeq: number) {
    const beginning = await this.db.read(actor, (tx) => tx.row<Checkpoint>(BEGINNING, [actor.tenantId]));
    const start: ChainHead = beginning ?? { seq: 0, hash: NO_HASH };
    const heads = await this.db.read(actor, (tx) => tx.rows<Head>(HEADS, [actor.tenantId, start.seq]));
    const last = Math.min(throughSeq, heads.at(-1)?.seq ?? start.seq);
    let bad = beginning ? this.judgeBeginning(actor, beginning) : null;
    let { seq, hash } = start;
    let newest: Row | undefined;
    const open = [...heads];
    while (!bad && seq < last) {
      const rows = await this.db.read(actor, (tx) => tx.rows<Row>(CHAIN, [actor.tenantId, seq, last, AT_ONCE]));
      if (rows.length === 0) bad = missing(seq + 1);
      for (const row of rows) {
        bad = row.seq === seq + 1 ? judge(row, hash) : missing(seq + 1);
        if (bad) break;
        [hash, seq, newest] = [row.hash, row.seq, row];
        while (!bad && open[0] && open[0].seq <= seq) bad = this.judgeHead(actor, open.shift()!, row);
        if (bad) break;
      }
    }
    return { bad, checked: seq - start.seq, newest, heads: heads.length - open.length, beginning: beginning ?? null };
  }

  private judgeBeginning(actor: TenantRef, { seq, hash, key_id: keyId, signature }: Checkpoint): Bad | null {
    const bad = (message: string): Bad => ({ audit_id: null, sequence: seq, kind: 'rewritten', message });
    if (keyId !== this.signer.keyId) {
      return bad(
        `The place up to which rows were removed is signed with another key (${keyId}): the master key was replaced, or the chain was.`,
      );
    }
    if (this.signer.isCheckpoint(actor.tenantId, { seq, hash }, signature)) return null;
    return bad(
      `The signature of the place up to which rows were removed (${seq}) is not ours: somebody else removed them.`,
    );
  }

  private judgeHead(actor: TenantRef, head: Head, row: Row): Bad | null {
    const bad = (message: string): Bad => ({ audit_id: row.audit_id, sequence: row.seq, kind: 'rewritten', message });
    if (head.seq !== row.seq || !head.hash.equals(row.hash)) {
      return bad(`The chain is not the one whose end was signed on ${head.day}: rows up to here were written anew.`);
    }
    if (head.key_id !== this.signer.keyId) {
      return bad(
        `The end of ${head.day} is signed with another key (${head.key_id}): the master key was replaced, or the chain was.`,
      );
    }
    if (this.signer.isSigned(actor.tenantId, head.day, head, head.signature)) return null;
    return bad(`The signature of the end of ${head.day} is not ours: the chain up to here was written anew.`);
  }
}

function missing(seq: number): Bad {
  return {
    audit_id: null,
    sequence: seq,
    kind: 'deleted',
    message: `Place ${seq} of the chain is gone: its row cannot be told from one that never was.`,
  };
}

function judge(row: Row, before: Buffer): Bad | null {
  const bad = (kind: Bad['kind'], message: string): Bad => ({
    audit_id: row.audit_id,
    sequence: row.seq,
    kind,
    message,
  });
  if (!row.there) return bad('deleted', `Row ${row.audit_id} was deleted: the chain knows it and the audit does not.`);
  if (!chainHash(before, row).equals(row.hash)) {
    return bad(
      'changed',
      `Row ${row.audit_id} is not as it was sealed: it was edited, or stands in another place than it did.`,
    );
  }
  if (row.written_at !== null && Math.abs(Date.parse(row.at!) - Date.parse(row.written_at)) > MOST_APART_MS) {
    return bad('inserted', `Row ${row.audit_id} claims to be of ${row.at}, but was written at ${row.written_at}.`);
  }
  return null;
}

const HEADS = `
  SELECT h.day::text AS day, h.seq, h.hash, h.key_id, h.signature FROM flotilla.audit_heads h
   WHERE h.tenant_id = $1 AND h.seq > $2 ORDER BY h.seq`;
const BEGINNING = `
  SELECT c.day::text AS day, c.seq, c.hash, c.key_id, c.signature, ${momentText('c.made_at')} AS made_at
    FROM flotilla.audit_checkpoints c WHERE c.tenant_id = $1 ORDER BY c.seq DESC LIMIT 1`;
const CHAIN = `
  SELECT c.seq, c.audit_id, c.hash, ${momentText('c.written_at')} AS written_at,
         to_char(c.sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS sealed_at,
         a.id IS NOT NULL AS there, ${AUDIT_TEXTS}
    FROM (SELECT * FROM flotilla.audit_chain x WHERE x.tenant_id = $1 AND x.seq > $2 AND x.seq <= $3 ORDER BY x.seq LIMIT $4) c
    LEFT JOIN flotilla.audit_log a ON a.tenant_id = c.tenant_id AND a.id = c.audit_id
   ORDER BY c.seq`;
const REST = `
  SELECT (SELECT count(*) FROM flotilla.audit_unsealed u WHERE u.tenant_id = $1) AS unsealed,
         (SELECT min(a.id) FROM flotilla.audit_log a
           WHERE a.tenant_id = $1
             AND NOT EXISTS (SELECT FROM flotilla.audit_chain c WHERE c.tenant_id = $1 AND c.audit_id = a.id)
             AND NOT EXISTS (SELECT FROM flotilla.audit_unsealed u WHERE u.tenant_id = $1 AND u.audit_id = a.id)) AS strange`;
