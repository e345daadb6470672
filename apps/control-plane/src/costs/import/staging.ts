import type { WriteTx } from '@flotilla/persistence';
import type { CostOrigins, LedgerOutcome } from '../cost-ledger.js';
import { COST_SHAPE, upsertFrom } from '../ledger.sql.js';
import { STAGED_COLUMNS } from './staging-lines.js';

export interface ImportedDays {
  readonly firstDay: string | null;
  readonly lastDay: string | null;
}

/** The table that one import needs; it is gone with its transaction. */
export class Staging {
  private constructor(private readonly tx: WriteTx) {}

  static async open(tx: WriteTx): Promise<Staging> {
    await tx.rows(`CREATE TEMPORARY TABLE cost_staging (${SHAPE}) ON COMMIT DROP`);
    // the planner knows nothing of a table that was just filled; each row is looked for by its key, never in a scan
    await tx.rows('SET LOCAL enable_seqscan = off');
    return new Staging(tx);
  }

  /** Whatever comes after in the transaction is planned as always. */
  async close(): Promise<void> {
    await this.tx.rows('SET LOCAL enable_seqscan = on');
  }

  /**
   * Takes one chunk into the ledger.
   *
   * @param texts lines of COPY, any number in each
   * @param count how many lines there are
   */
  async take(texts: readonly string[], count: number, origins: CostOrigins): Promise<LedgerOutcome & ImportedDays> {
    await this.tx.copyIn(`pg_temp.cost_staging (${STAGED_COLUMNS.join(', ')})`, texts);
    const row = await this.tx.row<{
      accepted: number;
      updated: number;
      first_day: string | null;
      last_day: string | null;
    }>(TAKE, [origins.tenantId, origins.importId ?? null, origins.agentId ?? null]);
    await this.tx.rows('TRUNCATE pg_temp.cost_staging');
    const { accepted, updated, first_day: firstDay, last_day: lastDay } = row!;
    return { accepted, updated, duplicates: count - accepted - updated, firstDay, lastDay };
  }
}

const SHAPE = `record_key bytea, content_digest bytea, instance_id bigint, ${COST_SHAPE}`;

/** What the ledger has with the same content is not touched: a row that is locked is a row that is written. */
const TAKE = upsertFrom({
  from: `pg_temp.cost_staging s
   WHERE (SELECT k.content_digest FROM flotilla.costs k WHERE k.tenant_id = $1 AND k.record_key = s.record_key)
         IS DISTINCT FROM s.content_digest`,
  key: 's.record_key',
  digest: 's.content_digest',
  instance: 's.instance_id',
});
