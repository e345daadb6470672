import type { IngestTx } from '@flotilla/persistence';

export type QuarantineKind =
  | 'unreadable'
  | 'unknown_device'
  | 'unknown_metric'
  | 'out_of_range'
  | 'in_the_future'
  | 'too_old'
  | 'conflict'
  | 'refused_by_database';

/** Something that could not be stored as it came. */
export interface Quarantined {
  readonly tenantId: string;
  readonly agentId: string;
  /** 0: not known. */
  readonly deviceId: number;
  readonly kind: QuarantineKind;
  /** A sentence. */
  readonly reason: string;
  readonly occurrences: number;
  readonly walEpoch?: bigint | undefined;
  readonly seq?: number | undefined;
  readonly minuteS?: number | undefined;
  readonly payload?: Uint8Array | undefined;
}

const PAYLOAD_MAX = 4_096;

/** Keeps what was refused, one counted row per agent, device and kind. */
export async function quarantine(tx: IngestTx, items: readonly Quarantined[]): Promise<void> {
  if (items.length === 0) return;
  const rows = [...byRow(items)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
  await tx.rows(UPSERT, [
    rows.map((i) => i.tenantId),
    rows.map((i) => i.agentId),
    rows.map((i) => i.deviceId),
    rows.map((i) => i.kind),
    rows.map((i) => i.occurrences),
    rows.map((i) => i.reason),
    rows.map((i) => (i.walEpoch === undefined ? null : BigInt.asIntN(64, i.walEpoch).toString())),
    rows.map((i) => i.seq ?? null),
    rows.map((i) => i.minuteS ?? null),
    rows.map((i) => (i.payload ? `\\x${Buffer.from(i.payload.subarray(0, PAYLOAD_MAX)).toString('hex')}` : null)),
  ]);
}

/** ON CONFLICT may meet a row once per statement: the same fault of one group is counted before. */
function byRow(items: readonly Quarantined[]): Map<string, Quarantined> {
  const rows = new Map<string, Quarantined>();
  for (const item of items) {
    const key = `${item.tenantId}/${item.agentId}/${item.deviceId}/${item.kind}`;
    const before = rows.get(key);
    rows.set(key, before ? { ...item, occurrences: before.occurrences + item.occurrences } : item);
  }
  return rows;
}

const UPSERT = `
  INSERT INTO flotilla.ingest_quarantine AS q (tenant_id, agent_id, device_id, kind, occurrences, reason, wal_epoch, seq, minute, payload)
  SELECT t, a, d, k, n, r, e, s, to_timestamp(m), p
  FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::bigint[], $6::text[], $7::bigint[], $8::bigint[], $9::float8[], $10::bytea[])
    AS u (t, a, d, k, n, r, e, s, m, p)
  ON CONFLICT (tenant_id, agent_id, device_id, kind) DO UPDATE SET
    occurrences = q.occurrences + excluded.occurrences, last_at = now(), reason = excluded.reason, wal_epoch = excluded.wal_epoch,
    seq = excluded.seq, minute = excluded.minute, payload = excluded.payload`;
