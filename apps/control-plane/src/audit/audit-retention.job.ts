import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db, systemActor } from '@flotilla/persistence';
import { CONFIG, Jobs, Log } from '../platform/index.js';
import type { Config } from '../platform/index.js';
import { HeadSigner } from './audit-hash.js';
import type { ChainHead } from './audit-hash.js';
import { AuditVerifier } from './audit-verification.js';

const DAY_MS = 86_400_000;
const AT_ONCE = 5_000;

type Due = ChainHead & { readonly day: string };

/**
 * Removes rows of the audit after their time, whole days at once, where the installation says how long that is.
 *
 * What is removed is verified before, so that no evidence of a forgery goes with it; then the place and the hash that the
 * chain ended at are signed (a checkpoint), and the verification begins there from then on.
 */
@Injectable()
export class AuditRetentionJob implements OnModuleInit {
  private readonly signer: HeadSigner;
  private readonly log: Log;

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    private readonly verifier: AuditVerifier,
    log: Log,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.signer = new HeadSigner(config.masterKey);
    this.log = log.child('audit');
  }

  onModuleInit(): void {
    const months = this.config.auditMonths;
    if (months === null) return;
    this.jobs.every({ name: 'audit.forget', everyMs: DAY_MS, exclusive: true, run: () => this.forget(months) });
  }

  /** @param months full ones that rows are kept */
  async forget(months: number): Promise<void> {
    const tenants = await this.db.system((tx) =>
      tx.rows<{ tenant_id: string }>('SELECT t.tenant_id FROM flotilla.tenants t ORDER BY t.tenant_id'),
    );
    for (const { tenant_id: tenantId } of tenants) {
      const due = await this.db.system((tx) => tx.row<Due & Record<string, unknown>>(DUE, [tenantId, months]));
      if (due) await this.mark(tenantId, due);
      // also what an earlier run marked and did not come to
      while ((await this.removeSome(tenantId)) === AT_ONCE);
    }
  }

  private async mark(tenantId: string, due: Due): Promise<void> {
    const bad = await this.verifier.firstBadThrough(systemActor(tenantId, 'audit retention'), due.seq);
    if (bad) {
      this.log.error(
        { tenantId, bad: bad.message },
        'old rows of the audit are not removed: they are not as they were sealed (GET /audit/verify), and are evidence now',
      );
      return;
    }
    const signature = this.signer.signCheckpoint(tenantId, due);
    await this.db.system(async (tx) => {
      await tx.rows(MARK, [tenantId, due.seq, due.hash, due.day, this.signer.keyId, signature]);
      await tx.record(tenantId, 'audit retention', 'audit.removed', null, {
        through_sequence: due.seq,
        through_day: due.day,
      });
    });
  }

  private removeSome(tenantId: string): Promise<number> {
    return this.db.system(async (tx) => (await tx.row<{ removed: number }>(REMOVE, [tenantId, AT_ONCE]))!.removed);
  }
}

/** The newest signed end of a day that is over for so long, unless the chain begins there already. */
const DUE = `
  SELECT h.seq, h.hash, h.day::text AS day FROM flotilla.audit_heads h
   WHERE h.tenant_id = $1 AND h.day < (now() AT TIME ZONE 'UTC' - make_interval(months => $2))::date
     AND h.seq > (SELECT coalesce(max(c.seq), 0) FROM flotilla.audit_checkpoints c WHERE c.tenant_id = $1)
   ORDER BY h.seq DESC LIMIT 1`;
const MARK = `
  INSERT INTO flotilla.audit_checkpoints (tenant_id, seq, hash, day, key_id, signature) VALUES ($1, $2, $3, $4, $5, $6)`;
const REMOVE = `
  WITH old AS (
    SELECT x.seq, x.audit_id FROM flotilla.audit_chain x
     WHERE x.tenant_id = $1 AND x.seq <= (SELECT max(c.seq) FROM flotilla.audit_checkpoints c WHERE c.tenant_id = $1)
     ORDER BY x.seq LIMIT $2
  ), rows AS (
    DELETE FROM flotilla.audit_log a USING old o WHERE a.tenant_id = $1 AND a.id = o.audit_id
  ), places AS (
    DELETE FROM flotilla.audit_chain x USING old o WHERE x.tenant_id = $1 AND x.seq = o.seq RETURNING x.seq
  )
  SELECT count(*)::integer AS removed FROM places`;
