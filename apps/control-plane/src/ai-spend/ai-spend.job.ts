import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { Jobs, Log } from '../platform/index.js';
import { MODEL_LIST } from '../prices/index.js';
import { Repricing } from './repricing.js';
import { TENANTS_TO_REPRICE } from './repricing.sql.js';
import { UsageLedger } from './usage-ledger.js';

const AHEAD_DAYS = 3;

/**
 * Makes the days of usage that come, and drops the records of those that nobody tells anything about any more. How long a
 * tenant keeps them is its own setting; they are kept to be known again and looked into, and their sums stay.
 */
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

  /** @returns the days of which nothing is left but the sums */
  async keepDays(): Promise<string[]> {
    await this.db.system((tx) =>
      tx.rows(
        'SELECT flotilla.make_ai_usage_days(array(SELECT current_date + g FROM generate_series(0, $1::integer) g))',
        [AHEAD_DAYS],
      ),
    );
    const old = await this.db.system((tx) => tx.rows<{ day: string }>(DAYS_OVER));
    const dropped: string[] = [];
    // each day in its own transaction: a writer waits for one at most
    for (const { day } of old) if (await this.close(day)) dropped.push(day);
    this.ledger.forgetDays(dropped);
    if (dropped.length > 0) this.log.info({ dropped }, 'records of usage were dropped, their sums stay');
    return dropped;
  }

  /** Drops the records of a day of those tenants that keep them no longer. @returns whether no tenant has any left */
  private close(day: string): Promise<boolean> {
    return this.db.system(async (tx) => {
      await tx.rows('SELECT flotilla.lock_ai_usage_day($1::date)', [day]);
      const tenants = await tx.rows<{ tenant_id: string; over: boolean }>(TENANTS_OF_DAY, [day]);
      const over = tenants.filter((tenant) => tenant.over).map((tenant) => tenant.tenant_id);
      await tx.rows(
        `INSERT INTO flotilla.ai_usage_closed_days (tenant_id, day)
         SELECT t, $2::date FROM unnest($1::uuid[]) t ON CONFLICT DO NOTHING`,
        [over, day],
      );
      if (over.length === tenants.length) {
        await tx.rows('SELECT flotilla.drop_ai_usage_day($1::date)', [day]);
        return true;
      }
      for (const tenantId of over) await tx.rows('SELECT flotilla.drop_ai_usage_of($1, $2::date)', [tenantId, day]);
      return false;
    });
  }
}

/** Days with records that are too old for one tenant at least. */
const DAYS_OVER = `
  SELECT d::text AS day FROM flotilla.ai_usage_days() d
   WHERE d < current_date - (SELECT min(t.ai_usage_retention_days) FROM flotilla.tenants t) ORDER BY d`;

/**
 * The tenants that have records of a day `$1`, found one by one in the index, and which of them keep theirs no longer: a
 * record of long ago that came lately is kept as long as any other.
 */
const TENANTS_OF_DAY = `
  WITH RECURSIVE found AS (
    (SELECT u.tenant_id FROM flotilla.ai_usage u WHERE u.day = $1::date ORDER BY u.tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT u.tenant_id FROM flotilla.ai_usage u WHERE u.day = $1::date AND u.tenant_id > f.tenant_id
             ORDER BY u.tenant_id LIMIT 1)
      FROM found f WHERE f.tenant_id IS NOT NULL
  )
  SELECT t.tenant_id,
         $1::date < current_date - t.ai_usage_retention_days
         AND NOT EXISTS (SELECT FROM flotilla.ai_usage u
                          WHERE u.tenant_id = t.tenant_id AND u.day = $1::date
                            AND u.received_at >= now() - make_interval(days => t.ai_usage_retention_days)) AS over
    FROM found f JOIN flotilla.tenants t ON t.tenant_id = f.tenant_id`;
