import { createHash } from 'node:crypto';
import type { IngestTx } from '@flotilla/persistence';
import type { MinuteBatch } from './ingest.types.js';
import { SequenceGapError } from './ingest.types.js';

/** What of a batch is new, seen against what is committed. */
export interface Admission {
  readonly batch: MinuteBatch;
  /** Numbers up to here were stored before; at least firstSeq − 1. */
  readonly storedThrough: number;
  readonly absorbed: boolean;
  /** Entries that the agent had lost before it could send them. */
  readonly lostBefore: number;
  readonly error?: SequenceGapError | undefined;
}

export interface LedgerEntry extends Admission {
  readonly minutes: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly conflicts: number;
  readonly rejected: number;
}

const epochText = (epoch: bigint) => BigInt.asIntN(64, epoch).toString();
const spoolKey = (agentId: string, epoch: string) => `${agentId}/${epoch}`;

/**
 * Locks the position of every spool in the group and says what each batch adds to it. Batches of one spool are admitted
 * one after the other, each on top of the one before.
 */
export async function admit(tx: IngestTx, batches: readonly MinuteBatch[]): Promise<Admission[]> {
  const spools = new Map(batches.map((b) => [spoolKey(b.agentId, epochText(b.walEpoch)), b]));
  // always in the same order, so that two replicas cannot wait for each other
  const ordered = [...spools].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, batch]) => batch);
  const rows = await tx.rows<{ agent_id: string; wal_epoch: string; acked_seq: number }>(LOCK_POSITIONS, [
    ordered.map((b) => b.tenantId),
    ordered.map((b) => b.agentId),
    ordered.map((b) => epochText(b.walEpoch)),
  ]);
  const acked = new Map(rows.map((row) => [spoolKey(row.agent_id, row.wal_epoch), row.acked_seq]));
  return batches.map((batch) => {
    const key = spoolKey(batch.agentId, epochText(batch.walEpoch));
    const through = acked.get(key) ?? 0;
    if (batch.lastSeq <= through) return { batch, storedThrough: through, absorbed: true, lostBefore: 0 };
    const lost = Math.max(0, batch.firstSeq - through - 1);
    // what the agent does not have any more will never come: the gap is written down and the stream moves on
    if (lost > 0 && (batch.spoolOldestSeq ?? 0) < batch.firstSeq) {
      const error = new SequenceGapError(batch.agentId, through + 1, batch.firstSeq);
      return { batch, storedThrough: through, absorbed: false, lostBefore: 0, error };
    }
    acked.set(key, batch.lastSeq);
    return { batch, storedThrough: Math.max(through, batch.firstSeq - 1), absorbed: false, lostBefore: lost };
  });
}

/** Writes the ledger and moves the positions: in the transaction of the rows that they speak of. */
export async function enter(tx: IngestTx, entries: readonly LedgerEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await tx.rows(WRITE_LEDGER, [
    entries.map((e) => e.batch.tenantId),
    entries.map((e) => e.batch.agentId),
    entries.map((e) => epochText(e.batch.walEpoch)),
    entries.map((e) => e.storedThrough + 1),
    entries.map((e) => e.batch.lastSeq),
    entries.map((e) => e.lostBefore),
    entries.map((e) => e.minutes),
    entries.map((e) => e.stored),
    entries.map((e) => e.duplicates),
    entries.map((e) => e.conflicts),
    entries.map((e) => e.rejected),
    entries.map((e) => `\\x${digest(e.batch)}`),
  ]);
}

/** Where a spool stands; 0 for one that was never seen. */
export async function readPosition(tx: IngestTx, agentId: string, walEpoch: bigint): Promise<number> {
  const row = await tx.row<{ acked_seq: number }>(
    'SELECT p.acked_seq FROM flotilla.ingest_positions p WHERE p.agent_id = $1 AND p.wal_epoch = $2',
    [agentId, epochText(walEpoch)],
  );
  return row?.acked_seq ?? 0;
}

/** One spool of one agent. */
export interface SpoolRef {
  readonly tenantId: string;
  readonly agentId: string;
  readonly walEpoch: bigint;
}

/** The same for many spools, in their order. */
export async function readPositions(tx: IngestTx, spools: readonly SpoolRef[]): Promise<number[]> {
  const rows = await tx.rows<{ n: number; acked_seq: number }>(
    `SELECT u.n, p.acked_seq
       FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) WITH ORDINALITY AS u (t, a, e, n)
       JOIN flotilla.ingest_positions p ON p.tenant_id = u.t AND p.agent_id = u.a AND p.wal_epoch = u.e`,
    [spools.map((s) => s.tenantId), spools.map((s) => s.agentId), spools.map((s) => epochText(s.walEpoch))],
  );
  const positions = spools.map(() => 0);
  for (const { n, acked_seq } of rows) positions[n - 1] = acked_seq;
  return positions;
}

/** SHA-256 over the minutes as they came. */
function digest(batch: MinuteBatch): string {
  const hash = createHash('sha256');
  for (const { deviceId, minute } of batch.minutes) {
    hash.update(Float64Array.of(deviceId, minute.minuteS, minute.intervalS, ...minute.metrics));
    hash.update(minute.seconds);
    hash.update(minute.values);
  }
  return hash.digest('hex');
}

const LOCK_POSITIONS = `
  INSERT INTO flotilla.ingest_positions AS p (tenant_id, agent_id, wal_epoch, acked_seq)
  SELECT t, a, e, 0 FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS u (t, a, e)
  ON CONFLICT (tenant_id, agent_id, wal_epoch) DO UPDATE SET updated_at = now()
  RETURNING p.agent_id, p.wal_epoch::text, p.acked_seq`;

const WRITE_LEDGER = `
  WITH entered AS (
    INSERT INTO flotilla.ingest_ledger (tenant_id, agent_id, wal_epoch, first_seq, last_seq, lost_before, minutes, stored, duplicates, conflicts, rejected, digest)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::integer[], $8::integer[],
      $9::integer[], $10::integer[], $11::integer[], $12::bytea[])
    RETURNING tenant_id, agent_id, wal_epoch, last_seq
  )
  UPDATE flotilla.ingest_positions p SET acked_seq = e.last_seq, updated_at = now()
  FROM (SELECT tenant_id, agent_id, wal_epoch, max(last_seq) AS last_seq FROM entered GROUP BY 1, 2, 3) e
  WHERE p.tenant_id = e.tenant_id AND p.agent_id = e.agent_id AND p.wal_epoch = e.wal_epoch`;
