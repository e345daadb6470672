import type { IngestTx } from '@flotilla/persistence';
import type { StoredMinute } from './minutes.store.js';

/** Advisory lock: ingest transactions hold it shared, the packing takes it alone for the moment in which it moves its mark. */
export const PACKING_LOCK = 0x666c6f70;

/**
 * Notes the device-days of minutes that come after their time was packed, to be packed again.
 *
 * The shared lock makes sure that a minute is either committed before the packing moves its mark (and is read by it), or
 * sees the moved mark here (and is noted). Read after the lock, in a statement of its own: a new snapshot.
 */
export async function markLate(tx: IngestTx, rows: readonly StoredMinute[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.client.query(`SELECT pg_advisory_xact_lock_shared(${PACKING_LOCK})`);
  const mark = await tx.row<{ late_before_s: number }>(
    'SELECT extract(epoch FROM p.late_before)::float8 AS late_before_s FROM flotilla.metric_packing p',
  );
  const lateBeforeS = mark?.late_before_s ?? -Infinity;
  const late = new Map<string, readonly [string, number, number]>();
  for (const { tenantId, deviceId, minute } of rows) {
    if (minute.minuteS >= lateBeforeS) continue;
    const dayS = Math.floor(minute.minuteS / 86_400) * 86_400;
    late.set(`${tenantId}/${deviceId}/${dayS}`, [tenantId, deviceId, dayS]);
  }
  if (late.size === 0) return;
  const days = [...late.values()];
  // DO UPDATE and not DO NOTHING: it waits for a packing that is just taking the mark away, and then sets it again
  await tx.rows(
    `INSERT INTO flotilla.gpu_days_to_pack (tenant_id, device_id, day)
     SELECT t, d, (to_timestamp(s) AT TIME ZONE 'UTC')::date FROM unnest($1::uuid[], $2::integer[], $3::float8[]) AS u (t, d, s)
     ORDER BY 1, 2, 3
     ON CONFLICT (tenant_id, device_id, day) DO UPDATE SET day = excluded.day`,
    [days.map(([tenantId]) => tenantId), days.map(([, deviceId]) => deviceId), days.map(([, , dayS]) => dayS)],
  );
}
