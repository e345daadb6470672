import type { CostRecord } from '@flotilla/domain';
import { copyLine } from '@flotilla/persistence';
import type { WriteTx } from '@flotilla/persistence';
import { stagedCost } from '../cost-ledger.js';
import type { CostOrigins, LedgerOutcome } from '../cost-ledger.js';
import { COST_COLUMNS, STAGING_SHAPE, upsertFrom } from '../ledger.sql.js';

const COLUMNS = ['ordinal', 'record_key', 'content_digest', ...COST_COLUMNS] as const;
const JSON_COLUMNS: ReadonlySet<string> = new Set(['tags', 'focus']);

export interface ImportedDays {
  readonly firstDay: string | null;
  readonly lastDay: string | null;
  readonly providers: readonly string[];
}

/** A record as a line of COPY. */
export function stagingLine(record: CostRecord, ordinal: number): string {
  const row = stagedCost(record, ordinal) as Record<string, unknown>;
  return copyLine(
    COLUMNS.map((column) => {
      const value = row[column] as string | number | boolean | null;
      return JSON_COLUMNS.has(column) && value !== null ? JSON.stringify(value) : value;
    }),
  );
}

/** The tables that one import needs; they are gone with its transaction. */
export class Staging {
  private constructor(private readonly tx: WriteTx) {}

  static async open(tx: WriteTx): Promise<Staging> {
    await tx.rows(`CREATE TEMPORARY TABLE cost_staging (${STAGING_SHAPE}) ON COMMIT DROP`);
    await tx.rows('CREATE TEMPORARY TABLE cost_seen (record_key text PRIMARY KEY, n bigint NOT NULL) ON COMMIT DROP');
    return new Staging(tx);
  }

  /** Takes one chunk of lines into the ledger. */
  async take(lines: readonly string[], origins: CostOrigins): Promise<LedgerOutcome & ImportedDays> {
    await this.tx.copyIn(`pg_temp.cost_staging (${COLUMNS.join(', ')})`, lines);
    await this.tx.rows(TELL_APART);
    const row = await this.tx.row<{
      accepted: number;
      updated: number;
      first_day: string | null;
      last_day: string | null;
      providers: string[] | null;
    }>(upsertFrom('pg_temp.cost_staging s'), [origins.tenantId, origins.importId ?? null, origins.agentId ?? null]);
    await this.tx.rows('TRUNCATE pg_temp.cost_staging');
    const { accepted, updated } = row!;
    return {
      accepted,
      updated,
      duplicates: lines.length - accepted - updated,
      firstDay: row!.first_day,
      lastDay: row!.last_day,
      providers: row!.providers ?? [],
    };
  }
}

/**
 * A bill may hold charges that are alike in every dimension: the second one of a file is `<key>#1`, the third `<key>#2`.
 * `cost_seen` remembers over the chunks how many there were.
 */
const TELL_APART = `
  WITH likes AS (
    SELECT s.record_key, count(*) AS n FROM pg_temp.cost_staging s GROUP BY s.record_key
  ), seen AS (
    INSERT INTO pg_temp.cost_seen AS t (record_key, n) SELECT l.record_key, l.n FROM likes l
    ON CONFLICT (record_key) DO UPDATE SET n = t.n + excluded.n RETURNING t.record_key, t.n
  ), placed AS (
    SELECT s.ordinal, seen.n - likes.n + row_number() OVER (PARTITION BY s.record_key ORDER BY s.ordinal) - 1 AS place
      FROM pg_temp.cost_staging s JOIN likes USING (record_key) JOIN seen USING (record_key)
     WHERE seen.n > 1
  )
  UPDATE pg_temp.cost_staging s
     SET record_key = encode(sha256(convert_to(s.record_key || '#' || p.place, 'UTF8')), 'hex')
    FROM placed p WHERE p.ordinal = s.ordinal AND p.place > 0`;
