import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { Jobs } from '../jobs/jobs.js';
import type { RequestActor } from '../rest/actor.js';
import { sameHash } from '../secrets/index.js';

export interface StoredAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface KeyUse {
  readonly actor: RequestActor;
  readonly key: string;
  /** Over method, path and body. */
  readonly hash: Buffer;
}

export interface EarlierUse {
  readonly sameRequest: boolean;
  readonly running: boolean;
  readonly answer: StoredAnswer | undefined;
}

/** Longer than any request may take; after it the first request counts as cut off. */
const RUNNING_SECONDS = 120;
const REASON = 'the answer of a request, not a change of anything';

/** Uses of idempotency keys, per tenant and caller, for 24 hours. */
@Injectable()
export class IdempotencyStore implements OnModuleInit {
  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.jobs.every({ name: 'idempotency.sweep', everyMs: 3_600_000, exclusive: true, run: () => this.sweep() });
  }

  /** 'claimed' for the first; of many at once exactly one is first. */
  async claim({ actor, key, hash }: KeyUse): Promise<'claimed' | EarlierUse> {
    return this.db.write(actor, async (tx) => {
      tx.withoutAudit(REASON);
      const claimed = await tx.row(
        `INSERT INTO flotilla.idempotency_keys AS k (tenant_id, principal, key, request_hash, running_until)
         VALUES ($1, $2, $3, $4, now() + $5 * interval '1 second')
         ON CONFLICT (tenant_id, principal, key) DO UPDATE
           SET request_hash = excluded.request_hash, running_until = excluded.running_until, status = NULL, answer = NULL, created_at = now()
           WHERE k.created_at < now() - interval '24 hours'
         RETURNING k.key`,
        [actor.tenantId, principal(actor), key, hash, RUNNING_SECONDS],
      );
      if (claimed) return 'claimed';
      const row = await tx.row<UseRow>(
        `SELECT k.request_hash, k.running_until > now() AS running, k.status, k.answer
           FROM flotilla.idempotency_keys k WHERE k.tenant_id = $1 AND k.principal = $2 AND k.key = $3`,
        [actor.tenantId, principal(actor), key],
      );
      // released between the two statements: nothing is known of it, so look again
      if (!row) return { sameRequest: true, running: true, answer: undefined };
      const answer = row.status === null ? undefined : { status: row.status, body: row.answer };
      return { sameRequest: sameHash(row.request_hash, hash), running: row.running, answer };
    });
  }

  async keep(use: KeyUse, answer: StoredAnswer): Promise<void> {
    await this.change(use, 'UPDATE flotilla.idempotency_keys SET status = $4, answer = $5', [
      answer.status,
      JSON.stringify(answer.body),
    ]);
  }

  /** Nothing was done: the key may be used again. */
  async release(use: KeyUse): Promise<void> {
    await this.change(use, 'DELETE FROM flotilla.idempotency_keys', []);
  }

  /** Nobody knows what was done: the key stays used, without an answer. */
  async abandon(use: KeyUse): Promise<void> {
    await this.change(use, 'UPDATE flotilla.idempotency_keys SET running_until = now()', []);
  }

  async sweep(): Promise<void> {
    await this.db.system((tx) =>
      tx.rows(`DELETE FROM flotilla.idempotency_keys WHERE created_at < now() - interval '25 hours'`),
    );
  }

  private async change({ actor, key }: KeyUse, sql: string, values: readonly unknown[]): Promise<void> {
    await this.db.write(actor, async (tx) => {
      tx.withoutAudit(REASON);
      await tx.rows(`${sql} WHERE tenant_id = $1 AND principal = $2 AND key = $3`, [
        actor.tenantId,
        principal(actor),
        key,
        ...values,
      ]);
    });
  }
}

interface UseRow {
  readonly request_hash: Buffer;
  readonly running: boolean;
  readonly status: number | null;
  readonly answer: unknown;
}

/** One caller's keys are not another's: a viewer must not read an admin's answer by guessing a key. */
function principal(actor: RequestActor): string {
  return `${actor.type}:${actor.id}`;
}
