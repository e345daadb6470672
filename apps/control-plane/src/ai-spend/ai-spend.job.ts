import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { Jobs, Log } from '../platform/index.js';
import { MODEL_LIST } from '../prices/index.js';
import { Repricing } from './repricing.js';
import { TENANTS_TO_REPRICE } from './repricing.sql.js';
import { UsageLedger } from './usage-ledger.js';

/** How long records are kept after they came, to be known again and looked into. Their sums stay. */
const KEPT_DAYS = 30;
const AHEAD_DAYS = 3;

/** Makes the days of usage that come, and drops the records of those that nobody tells anything about any more. */
@Injectable()
export class AiSpendJob implements OnModuleInit {
  private readonly log: Log;

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    private readonly ledger: UsageLedger,
    private readonly repricing: Repricing,
    log: Log,
  ) {
    this.log = log.child('ai-spend');
  }

  onModuleInit(): void {
    this.jobs.every({
      name: 'ai-spend.days',
      everyMs: 3_600_000,
      exclusive: true,
      run: async () => void (await this.keepDays()),
    });
    this.jobs.every({ name: 'ai-spend.reprice', everyMs: 60_000, exclusive: true, run: () => this.repriceAll() });
  }

  /** Looks again at usage without a price where a tenant's prices, or the list with a new version, changed. */
  async repriceAll(): Promise<void> {
    const tenants = await this.db.system((tx) =>
      tx.rows<{ tenant_id: string; mark: string }>(TENANTS_TO_REPRICE, [MODEL_LIST]),
    );
    for (const { tenant_id: tenantId, mark } of tenants) {
      try {
        const amounts = await this.repricing.reprice(tenantId, mark);
        if (amounts.length > 0) this.log.info({ tenantId, amounts }, 'usage has a price that had none when it came');
      } catch (error) {
        this.log.error({ err: error, tenantId }, 'usage without a price could not be priced; the next run tries again');
      }
    }
  }

  /** @returns the days whose records were dropped */
  async keepDays(): Promise<string[]> {
    await this.db.system((tx) =>
      tx.rows(
        'SELECT flotilla.make_ai_usage_days(array(SELECT current_date + g FROM generate_series(0, $1::integer) g))',
        [AHEAD_DAYS],
      ),
    );
    const old = await this.db.system((tx) =>
      tx.rows<{ day: string }>(
        'SELECT d::text AS day FROM flotilla.ai_usage_days() d WHERE d < current_date - $1::integer ORDER BY d',
        [KEPT_DAYS],
      ),
    );
    const dropped: string[] = [];
    // each day in its own transaction: a writer waits for one at most
    for (const { day } of old) if (await this.close(day)) dropped.push(day);
    this.ledger.forgetDays(dropped);
    if (dropped.length > 0) this.log.info({ dropped }, 'records of usage were dropped, their sums stay');
    return dropped;
  }

  private close(day: string): Promise<boolean> {
    return this.db.system(async (tx) => {
      const still = await tx.row<{ told: boolean }>(
        `SELECT EXISTS (SELECT FROM flotilla.ai_usage u WHERE u.day = $1::date AND u.received_at >= now() - make_interval(days => $2)) AS told`,
        [day, KEPT_DAYS],
      );
      if (still?.told) return false;
      await tx.rows(
        `INSERT INTO flotilla.ai_usage_closed_days (tenant_id, day)
         SELECT DISTINCT u.tenant_id, u.day FROM flotilla.ai_usage u WHERE u.day = $1::date ON CONFLICT DO NOTHING`,
        [day],
      );
      await tx.rows('SELECT flotilla.drop_ai_usage_day($1::date)', [day]);
      return true;
    });
  }
}
