import { Inject, Injectable } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { CONFIG } from '../config/index.js';
import type { Config } from '../config/index.js';

const LEASE_SECONDS = 60;

/**
 * Which replica runs an exclusive job. A lease in a row, renewed while the job runs: an advisory lock would need a
 * transaction held open as long as the job, and would let every replica run it once a period.
 */
@Injectable()
export class JobClaims {
  constructor(
    private readonly db: Db,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Runs `work` when the job is due and nobody else has it. */
  async once(name: string, everyMs: number, work: () => Promise<void>): Promise<void> {
    if (!(await this.claim(name, everyMs))) return;
    const renewal = setInterval(() => void this.renew(name).catch(() => undefined), (LEASE_SECONDS * 1000) / 3);
    try {
      await work();
    } finally {
      clearInterval(renewal);
      await this.release(name);
    }
  }

  private async claim(name: string, everyMs: number): Promise<boolean> {
    const claimed = await this.db.system((tx) =>
      tx.row(
        `INSERT INTO flotilla.job_claims AS c (name, holder, leased_until, due_at)
         VALUES ($1, $2, now() + $3 * interval '1 second', now() + $4 * interval '1 millisecond')
         ON CONFLICT (name) DO UPDATE
           SET holder = excluded.holder, leased_until = excluded.leased_until, due_at = excluded.due_at
           WHERE (c.leased_until IS NULL OR c.leased_until < now()) AND c.due_at <= now()
         RETURNING c.name`,
        [name, this.config.replicaId, LEASE_SECONDS, Math.round(everyMs * 0.95)],
      ),
    );
    return claimed !== undefined;
  }

  private async renew(name: string): Promise<void> {
    await this.db.system((tx) =>
      tx.rows(
        `UPDATE flotilla.job_claims SET leased_until = now() + $3 * interval '1 second' WHERE name = $1 AND holder = $2`,
        [name, this.config.replicaId, LEASE_SECONDS],
      ),
    );
  }

  private async release(name: string): Promise<void> {
    await this.db.system((tx) =>
      tx.rows(`UPDATE flotilla.job_claims SET leased_until = NULL WHERE name = $1 AND holder = $2`, [
        name,
        this.config.replicaId,
      ]),
    );
  }
}
