import { Inject, Injectable } from '@nestjs/common';
import type { AuditVerification } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';
import { CONFIG } from '../platform/index.js';
import type { Config } from '../platform/index.js';
import { AUDIT_TEXTS, chainHash, HeadSigner, momentText, NO_HASH } from './audit-hash.js';
import type { ChainedRow } from './audit-hash.js';

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

  /** A batch is in memory at a time, however long the audit is. */
  async verify(actor: TenantRef): Promise<Answer> {
    const began = performance.now();
    const heads = await this.db.read(actor, (tx) => tx.rows<Head>(HEADS, [actor.tenantId]));
    const last = heads.at(-1);
    let checked = 0;
    let hash: Buffer = NO_HASH;
    let bad: Bad | null = null;
    let newest: Row | undefined;
    const open = [...heads];
    while (!bad && last && checked < last.seq) {
      const rows = await this.db.read(actor, (tx) => tx.rows<Row>(CHAIN, [actor.tenantId, checked, last.seq, AT_ONCE]));
      if (rows.length === 0) bad = missing(checked + 1);
      for (const row of rows) {
        bad = row.seq === checked + 1 ? judge(row, hash) : missing(checked + 1);
        if (bad) break;
        [hash, checked, newest] = [row.hash, row.seq, row];
        while (!bad && open[0] && open[0].seq <= checked) bad = this.judgeHead(actor, open.shift()!, row);
        if (bad) break;
      }
    }
    const rest = await this.db.read(actor, (tx) =>
      tx.row<{ unsealed: number; strange: number | null }>(REST, [actor.tenantId]),
    );
    if (!bad && rest!.strange !== null) {
      bad = {
        audit_id: rest!.strange,
        sequence: null,
        kind: 'inserted',
        message: `Row ${rest!.strange} is in the audit and not in its chain: it was put there behind the back of Flotilla.`,
      };
    }
    const durationMs = Math.round(performance.now() - began);
    return {
      intact: bad === null,
      first_bad: bad,
      checked,
      sealed_through: newest ? { sequence: newest.seq, audit_id: newest.audit_id, at: newest.at! } : null,
      unsealed: rest!.unsealed,
      heads: heads.length - open.length,
      duration_ms: durationMs,
      key_id: this.signer.keyId,
      public_key: this.signer.publicPem,
    };
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
  SELECT h.day::text AS day, h.seq, h.hash, h.key_id, h.signature FROM flotilla.audit_heads h WHERE h.tenant_id = $1 ORDER BY h.seq`;
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
