import { Injectable } from '@nestjs/common';
import { PACKED_RETENTION_MONTHS, RAW_RETENTION_DAYS } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';

const AHEAD_DAYS = 3;
/** An agent's spool is at most a week old (PROTOCOL.md), so nothing older can come again. */
const LEDGER_DAYS = 8;
const QUARANTINE_DAYS = 30;
const ROWS_AT_ONCE = 20_000;

/** Makes partitions ahead of time and drops those that nobody may read any more. */
@Injectable()
export class MetricsRetention {
  constructor(private readonly db: Db) {}

  /** Days for all minutes that may come: back to the raw retention, and some days ahead. @returns how many are new */
  makePartitions(): Promise<number> {
    return this.db.ingest(async (tx) => {
      const row = await tx.row<{ made: number }>(
        `SELECT flotilla.make_metric_partitions(t.today - $1::integer, t.today + $2::integer) AS made
         FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS today) t`,
        [RAW_RETENTION_DAYS + 1, AHEAD_DAYS],
      );
      return row!.made;
    });
  }

  /** @returns the names of the dropped partitions */
  async dropOld(): Promise<string[]> {
    const dropped = await this.db.ingest((tx) =>
      tx.row<{ names: string[] }>(
        `SELECT flotilla.drop_metric_partitions(t.today - $1::integer, (t.today - make_interval(months => $2))::date) AS names
         FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS today) t`,
        [RAW_RETENTION_DAYS + 1, PACKED_RETENTION_MONTHS],
      ),
    );
    await this.trim('ingest_ledger', 'stored_at', LEDGER_DAYS);
    await this.trim('ingest_quarantine', 'last_at', QUARANTINE_DAYS);
    return dropped!.names;
  }

  /** In portions: a long DELETE would hold back the vacuum. */
  private async trim(table: 'ingest_ledger' | 'ingest_quarantine', column: string, days: number): Promise<void> {
    for (let more = true; more;) {
      const gone = await this.db.ingest((tx) =>
        tx.rows(
          `DELETE FROM flotilla.${table} WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM flotilla.${table} WHERE ${column} < now() - make_interval(days => $1) LIMIT $2)) RETURNING 1`,
          [days, ROWS_AT_ONCE],
        ),
      );
      more = gone.length === ROWS_AT_ONCE;
    }
  }
}
