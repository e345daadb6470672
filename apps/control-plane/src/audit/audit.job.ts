import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import type { SystemTx } from '@flotilla/persistence';
import { CONFIG, Jobs } from '../platform/index.js';
import type { Config } from '../platform/index.js';
import { AUDIT_TEXTS, chainHash, HeadSigner, momentText, NO_HASH } from './audit-hash.js';
import type { ChainedRow } from './audit-hash.js';

const LOOK_MS = 1_000;
const AT_ONCE = 5_000;
/** One sealer at a time over all replicas; the number is ours alone. */
const LOCK = 7_021_831;

type Row = Omit<ChainedRow, 'seq' | 'sealed_at'> & { readonly tenant_id: string } & Record<string, unknown>;

/** Chains what was written to the audit: each second, whatever is committed by then. Any replica may. */
@Injectable()
export class AuditJob implements OnModuleInit {
  private readonly signer: HeadSigner;

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    @Inject(CONFIG) config: Config,
  ) {
    this.signer = new HeadSigner(config.masterKey);
  }

  onModuleInit(): void {
    this.jobs.every({ name: 'audit.seal', everyMs: LOOK_MS, exclusive: false, run: () => this.seal() });
  }

  /** Chains all that is there. @returns how many rows */
  async seal(): Promise<void> {
    while ((await this.db.system((tx) => this.sealOnce(tx))) === AT_ONCE);
  }

  private async sealOnce(tx: SystemTx): Promise<number> {
    const some = await tx.row('SELECT 1 AS one FROM flotilla.audit_unsealed LIMIT 1');
    if (!some) return 0;
    const lock = await tx.row<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [LOCK]);
    if (!lock!.mine) return 0;
    const rows = await tx.rows<Row>(UNSEALED);
    const sealedAt = new Date().toISOString();
    const day = sealedAt.slice(0, 10);
    const tenants = [...new Set(rows.map((row) => row.tenant_id))];
    const heads = new Map(
      (await tx.rows<{ tenant_id: string; seq: number; hash: Buffer }>(HEADS, [tenants])).map((one) => [
        one.tenant_id,
        { seq: one.seq, hash: one.hash },
      ]),
    );
    const sealed = rows.map((row) => {
      const before = heads.get(row.tenant_id) ?? { seq: 0, hash: NO_HASH };
      const seq = before.seq + 1;
      const hash = chainHash(before.hash, { ...row, seq, sealed_at: sealedAt });
      heads.set(row.tenant_id, { seq, hash });
      return { tenant: row.tenant_id, seq, id: row.audit_id, hash: hash.toString('hex') };
    });
    const column = <Key extends keyof (typeof sealed)[number]>(key: Key) => sealed.map((one) => one[key]);
    await tx.rows(SEAL, [column('tenant'), column('seq'), column('id'), column('hash'), sealedAt]);
    for (const tenantId of tenants) {
      const head = heads.get(tenantId)!;
      const signature = this.signer.sign(tenantId, day, head);
      await tx.rows(HEAD, [tenantId, day, head.seq, head.hash, this.signer.keyId, signature]);
    }
    return rows.length;
  }
}

const UNSEALED = `
  SELECT u.tenant_id, u.audit_id, ${momentText('u.written_at')} AS written_at, ${AUDIT_TEXTS}
    FROM flotilla.audit_unsealed u JOIN flotilla.audit_log a ON a.tenant_id = u.tenant_id AND a.id = u.audit_id
   ORDER BY u.tenant_id, u.audit_id LIMIT ${AT_ONCE}`;
const HEADS = `
  SELECT DISTINCT ON (h.tenant_id) h.tenant_id, h.seq, h.hash FROM flotilla.audit_heads h
   WHERE h.tenant_id = ANY ($1::uuid[]) ORDER BY h.tenant_id, h.seq DESC`;
const SEAL = `
  WITH sealed AS (
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[]) AS s (tenant_id, seq, audit_id, hash)
  ), gone AS (
    DELETE FROM flotilla.audit_unsealed u USING sealed s WHERE u.tenant_id = s.tenant_id AND u.audit_id = s.audit_id
    RETURNING u.tenant_id, u.audit_id, u.written_at
  )
  INSERT INTO flotilla.audit_chain (tenant_id, seq, audit_id, written_at, sealed_at, hash)
  SELECT s.tenant_id, s.seq, s.audit_id, g.written_at, $5, decode(s.hash, 'hex')
    FROM sealed s JOIN gone g ON g.tenant_id = s.tenant_id AND g.audit_id = s.audit_id`;
const HEAD = `
  INSERT INTO flotilla.audit_heads (tenant_id, day, seq, hash, key_id, signature) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (tenant_id, day) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, key_id = excluded.key_id, signature = excluded.signature`;
