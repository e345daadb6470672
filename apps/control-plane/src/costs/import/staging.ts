import type { WriteTx } from '@flotilla/persistence';
import type { CostOrigins, LedgerOutcome } from '../cost-ledger.js';
import { correctFrom, COST_SHAPE, storeNewFrom } from '../ledger.sql.js';
import { STAGED_COLUMNS } from './staging-lines.js';

export interface ImportedDays {
  readonly firstDay: string | null;
  readonly lastDay: string | null;
}

/** The table that one import needs; it is gone with its transaction. */
export class Staging {
  private constructor(
    private readonly tx: WriteTx,
    private readonly origins: CostOrigins,
  ) {}

  static async open(tx: WriteTx, origins: CostOrigins): Promise<Staging> {
    await tx.rows(`CREATE TEMPORARY TABLE cost_staging (${SHAPE}) ON COMMIT DROP`);
    return new Staging(tx, origins);
  }

  /** @param texts lines of COPY, any number in each */
  async add(texts: readonly Uint8Array[]): Promise<void> {
    await this.tx.copyIn(`pg_temp.cost_staging (${STAGED_COLUMNS.join(', ')})`, texts);
  }

  /**
   * Takes a chunk into the ledger and empties the table for the next one.
   *
   * @param count how many lines were added
   */
  async take(count: number): Promise<LedgerOutcome & ImportedDays> {
    // the planner knows nothing of a table that was just filled; each row is looked for by its key, never in a scan
    await this.tx.rows('SET LOCAL enable_seqscan = off');
    const taken = await this.store(count);
    await this.tx.rows('TRUNCATE pg_temp.cost_staging');
    // whatever comes after in the transaction is planned as always
    await this.tx.rows('SET LOCAL enable_seqscan = on');
    return taken;
  }

  /** Tells the planner what stands here, for a file that is staged whole. */
  async analyse(): Promise<void> {
    await this.tx.rows('ANALYZE pg_temp.cost_staging');
  }

  /** Takes what stands here into the ledger; it stays here. */
  async store(count: number): Promise<LedgerOutcome & ImportedDays> {
    const values = [this.origins.tenantId, this.origins.importId ?? null, this.origins.agentId ?? null];
    const stored = (await this.tx.row<Taken>(STORE_NEW, values))!;
    // what is known already is looked at only where there is any
    const corrected = stored.n < count ? (await this.tx.row<Taken>(CORRECT, values))! : NOTHING;
    const days = [stored, corrected].filter(({ n }) => n > 0);
    return {
      accepted: stored.n,
      updated: corrected.n,
      duplicates: count - stored.n - corrected.n,
      firstDay: days.map((taken) => taken.first_day!).sort()[0] ?? null,
      lastDay:
        days
          .map((taken) => taken.last_day!)
          .sort()
          .at(-1) ?? null,
    };
  }
}

interface Taken extends Record<string, unknown> {
  readonly n: number;
  readonly first_day: string | null;
  readonly last_day: string | null;
}
const NOTHING: Taken = { n: 0, first_day: null, last_day: null };

const SHAPE = `record_key bytea, content_digest bytea, instance_id bigint, ${COST_SHAPE}`;

const STAGED = {
  from: 'pg_temp.cost_staging s',
  key: 's.record_key',
  digest: 's.content_digest',
  instance: 's.instance_id',
};
const STORE_NEW = storeNewFrom(STAGED);
const CORRECT = correctFrom(STAGED);
