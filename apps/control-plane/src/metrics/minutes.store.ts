import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { aggregateMinute, countValues, mergeMinutes, SLOTS } from '@flotilla/domain';
import type { DeviceMinute, MinuteAggregates } from '@flotilla/domain';
import type { IngestTx } from '@flotilla/persistence';
import { from as copyFrom } from 'pg-copy-streams';
import { MINUTE_COLUMNS, MinuteRows, uuidBytes } from './minute-rows.js';

/** A minute on its way to its row, and what became of it. */
export interface MinuteToStore {
  readonly tenantId: string;
  readonly deviceId: number;
  readonly minute: DeviceMinute;
  accepted: number;
  duplicates: number;
  conflicts: number;
}

/** A row as it stands now. */
export interface StoredMinute {
  readonly tenantId: string;
  readonly deviceId: number;
  readonly minute: DeviceMinute;
  readonly aggregates: MinuteAggregates;
}

/** Some 3 ms of encoding. */
const CHUNK_ROWS = 256;
const UNIQUE_VIOLATION = '23505';

/** Ascending by tenant, device, minute: rows are always locked in this order. */
export function inRowOrder(a: MinuteToStore, b: MinuteToStore): number {
  if (a.tenantId !== b.tenantId) return a.tenantId < b.tenantId ? -1 : 1;
  return a.deviceId - b.deviceId || a.minute.minuteS - b.minute.minuteS;
}

/** Writes minutes into gpu_minutes. One instance belongs to one writer: it keeps its buffers. */
export class MinutesStore {
  private readonly chunks: MinuteRows[] = [];
  private readonly tenants = new Map<string, Uint8Array>();

  /**
   * Stores the minutes, merging what is there already, and fills in their counts.
   *
   * The ledger keeps repeats away, so a row that exists is rare: COPY goes straight into the table, and only when that
   * hits an existing row everything is done again by way of a staging table.
   *
   * @param minutes in row order
   * @returns the rows as they stand now, in row order, without those that have no value at all
   */
  async store(tx: IngestTx, minutes: readonly MinuteToStore[]): Promise<StoredMinute[]> {
    const rows = together(minutes);
    if (rows.length === 0) return rows;
    await tx.client.query('SAVEPOINT minutes');
    try {
      await this.copy(tx, 'flotilla.gpu_minutes', rows);
      await tx.client.query('RELEASE SAVEPOINT minutes');
      return rows;
    } catch (error) {
      if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
      await tx.client.query('ROLLBACK TO SAVEPOINT minutes');
    }
    return this.merge(tx, rows, minutes);
  }

  private async merge(tx: IngestTx, rows: StoredMinute[], minutes: readonly MinuteToStore[]): Promise<StoredMinute[]> {
    await tx.client.query(`${STAGING}; ${LOOK_UP_JOIN}; ${UNPACK_ANY}`);
    await this.copy(tx, 'pg_temp.minutes_staging', rows);
    const inserted = await tx.rows<{ tenant_id: string; device_id: number; minute_s: number }>(INSERT_NEW);
    const isNew = new Set(inserted.map((row) => `${row.tenant_id}/${row.device_id}/${row.minute_s}`));
    const times = rows.map((row) => row.minute.minuteS);
    const span = [Math.min(...times), Math.max(...times)];
    const existing = await tx.rows<ExistingRow>(READ_EXISTING, span);
    const before = new Map(existing.map((row) => [`${row.tenant_id}/${row.device_id}/${row.minute_s}`, readRow(row)]));
    // counted one by one: of two reports in this group the second may repeat the first
    const changed = new Map<string, StoredMinute>();
    for (const report of minutes) {
      const key = `${report.tenantId}/${report.deviceId}/${report.minute.minuteS}`;
      const stored = before.get(key);
      if (isNew.has(key) || !stored) continue;
      const merged = mergeMinutes(stored, report.minute);
      report.accepted = merged.accepted;
      report.duplicates = merged.duplicates;
      report.conflicts = merged.conflicts;
      before.set(key, merged.minute);
      if (merged.accepted > 0) {
        const { tenantId, deviceId } = report;
        changed.set(key, { tenantId, deviceId, minute: merged.minute, aggregates: aggregateMinute(merged.minute) });
      }
    }
    if (changed.size > 0) {
      await tx.client.query('TRUNCATE pg_temp.minutes_staging');
      await this.copy(tx, 'pg_temp.minutes_staging', [...changed.values()]);
      await tx.rows(UPDATE_EXISTING);
    }
    await tx.client.query(`TRUNCATE pg_temp.minutes_staging; ${ANY_JOIN}`);
    return rows.flatMap((row) => {
      const key = `${row.tenantId}/${row.deviceId}/${row.minute.minuteS}`;
      return isNew.has(key) ? [row] : (changed.get(key) ?? []);
    });
  }

  private async copy(tx: IngestTx, table: string, rows: readonly StoredMinute[]): Promise<void> {
    const copy = tx.client.query(copyFrom(`COPY ${table} (${MINUTE_COLUMNS}) FROM STDIN (FORMAT binary)`));
    await pipeline(Readable.from(this.encode(rows), { objectMode: false, highWaterMark: 1 }), copy);
  }

  /** Chunk by chunk, so that the event loop is never held for long. A chunk's buffer is used again in the next COPY. */
  private async *encode(rows: readonly StoredMinute[]): AsyncGenerator<Buffer> {
    for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
      const chunk = (this.chunks[from / CHUNK_ROWS] ??= new MinuteRows());
      chunk.reset(from === 0);
      const to = Math.min(from + CHUNK_ROWS, rows.length);
      for (let i = from; i < to; i++) {
        const row = rows[i]!;
        chunk.add(this.tenant(row.tenantId), row.deviceId, row.minute, row.aggregates);
      }
      yield chunk.bytes(to === rows.length);
      await setImmediate();
    }
  }

  private tenant(id: string): Uint8Array {
    let bytes = this.tenants.get(id);
    if (!bytes) this.tenants.set(id, (bytes = uuidBytes(id)));
    return bytes;
  }
}

/** One row per minute: reports of the same minute in one group are merged before the database sees them. */
function together(minutes: readonly MinuteToStore[]): StoredMinute[] {
  const rows: StoredMinute[] = [];
  for (const report of minutes) {
    const { tenantId, deviceId } = report;
    let { minute } = report;
    report.accepted = countValues(minute);
    report.duplicates = 0;
    report.conflicts = 0;
    const last = rows[rows.length - 1];
    if (last && last.deviceId === deviceId && last.minute.minuteS === minute.minuteS && last.tenantId === tenantId) {
      const merged = mergeMinutes(last.minute, minute);
      report.accepted = merged.accepted;
      report.duplicates = merged.duplicates;
      report.conflicts = merged.conflicts;
      minute = merged.minute;
      rows.pop();
    }
    const aggregates = aggregateMinute(minute);
    if (aggregates.metrics.length > 0) rows.push({ tenantId, deviceId, minute, aggregates });
  }
  return rows;
}

interface ExistingRow {
  tenant_id: string;
  device_id: number;
  minute_s: number;
  interval_s: number;
  metrics: number[];
  slots: (number | null)[][];
}

function readRow(row: ExistingRow): DeviceMinute {
  const seconds: number[] = [];
  for (let s = 0; s < SLOTS; s++) if (row.slots.some((metric) => metric[s] !== null)) seconds.push(s);
  const values = new Float32Array(row.metrics.length * seconds.length);
  row.slots.forEach((metric, m) => seconds.forEach((s, at) => (values[m * seconds.length + at] = metric[s] ?? NaN)));
  return {
    minuteS: row.minute_s,
    intervalS: row.interval_s,
    metrics: row.metrics,
    seconds: Uint8Array.from(seconds),
    values,
  };
}

const STAGING = `
  CREATE TEMP TABLE IF NOT EXISTS minutes_staging (minute timestamptz, tenant_id uuid, device_id integer, interval_s real, sample_count smallint,
    metrics smallint[], stats real[], slots real[]) ON COMMIT DELETE ROWS`;

// the staging table has no statistics: without this a guess may read all of gpu_minutes for a few rows
const LOOK_UP_JOIN = 'SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off';
// a late minute unpacks the whole stretch of its device that TimescaleDB compressed; a backlog of some hundred devices is over
// the 100,000 rows that it allows. PostgreSQL without it takes the setting for nothing.
const UNPACK_ANY = 'SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 0';
const ANY_JOIN = 'SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on';

// Waits for a transaction that is storing the same row, locks it and leaves it as it is (a row is locked before the WHERE is
// looked at). Not SELECT … FOR UPDATE: TimescaleDB refuses that on compressed rows, and unpacks them here.
const INSERT_NEW = `
  INSERT INTO flotilla.gpu_minutes AS m (${MINUTE_COLUMNS})
  SELECT ${MINUTE_COLUMNS} FROM pg_temp.minutes_staging ORDER BY tenant_id, device_id, minute
  ON CONFLICT (tenant_id, device_id, minute) DO UPDATE SET interval_s = m.interval_s WHERE false
  RETURNING tenant_id, device_id, extract(epoch FROM minute)::bigint AS minute_s`;

const READ_EXISTING = `
  SELECT m.tenant_id, m.device_id, extract(epoch FROM m.minute)::bigint AS minute_s, m.interval_s, m.metrics, m.slots
  FROM flotilla.gpu_minutes m
  JOIN pg_temp.minutes_staging s ON s.tenant_id = m.tenant_id AND s.device_id = m.device_id AND s.minute = m.minute
  WHERE m.minute >= to_timestamp($1) AND m.minute <= to_timestamp($2)`;

// not UPDATE … FROM: TimescaleDB would unpack all devices of those days for it
const UPDATE_EXISTING = `
  INSERT INTO flotilla.gpu_minutes AS m (${MINUTE_COLUMNS})
  SELECT ${MINUTE_COLUMNS} FROM pg_temp.minutes_staging ORDER BY tenant_id, device_id, minute
  ON CONFLICT (tenant_id, device_id, minute) DO UPDATE
  SET interval_s = excluded.interval_s, sample_count = excluded.sample_count, metrics = excluded.metrics, stats = excluded.stats,
    slots = excluded.slots`;
