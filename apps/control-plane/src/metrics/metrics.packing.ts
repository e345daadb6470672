import { Injectable } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import type { IngestTx } from '@flotilla/persistence';
import { sumDay, sumHour, sumWaitingInstances } from './instance-days.store.js';
import { PACKING_LOCK } from './packing-marks.js';
import { ADD_TO_HOUR, PACK_DAYS } from './packing.sql.js';

/** Minutes younger than this may still be on their way. */
const SETTLE_S = 5 * 60;
/** Older than this there are no minutes. */
const LOOK_BACK_S = 31 * 86_400;
/** Device-days in one transaction: some 1.5 s of the database. */
const DEVICES_AT_ONCE = 25;
/** What one round spends on instances that wait for all their days; the others wait for the next. */
const WAITING_BUDGET_MS = 60_000;

/**
 * Packs minutes into gpu_days, so that long charts and fleet-wide questions read few rows: the hours of today every few
 * minutes, whole days once they are over, and device-days again that got samples after their time was packed.
 */
@Injectable()
export class MetricsPacking {
  constructor(private readonly db: Db) {}

  /** One round; the job sees to it that only one replica packs. @param nowMs for tests */
  async pack(nowMs = Date.now()): Promise<void> {
    const throughS = Math.floor((nowMs / 1000 - SETTLE_S) / 60) * 60;
    const { hoursThroughS, daysThroughS } = await this.mark(throughS);
    if (hoursThroughS < throughS) {
      const fromS = hoursThroughS > -Infinity ? hoursThroughS : await this.firstMinute(throughS);
      await this.addHours(Math.max(fromS, throughS - LOOK_BACK_S), throughS);
    }
    const through = Math.max(hoursThroughS, throughS);
    await this.closeDays(daysThroughS, through);
    await this.packLate(through);
    await this.makeInstances();
  }

  /**
   * From here on a minute before `throughS` is late. Alone for a moment: no ingest is under way that read the old mark, so
   * whatever it stored before the mark is visible to what follows.
   */
  private mark(throughS: number): Promise<{ hoursThroughS: number; daysThroughS: number }> {
    return this.db.ingest(async (tx) => {
      await tx.client.query(`SELECT pg_advisory_xact_lock(${PACKING_LOCK})`);
      const row = await tx.row<{ hours_s: number; days_s: number }>(
        `UPDATE flotilla.metric_packing p SET late_before = greatest(p.late_before, to_timestamp($1))
         RETURNING extract(epoch FROM p.hours_through)::float8 AS hours_s, extract(epoch FROM p.days_through)::float8 AS days_s`,
        [throughS],
      );
      return { hoursThroughS: row!.hours_s, daysThroughS: row!.days_s };
    });
  }

  /** Where the first packing of all begins. */
  private async firstMinute(elseS: number): Promise<number> {
    const sql = 'SELECT extract(epoch FROM min(m.minute))::float8 AS at_s FROM flotilla.gpu_minutes m';
    const row = await this.db.ingest((tx) => tx.row<{ at_s: number | null }>(sql));
    return row!.at_s ?? elseS;
  }

  /** One transaction: a reader sees a minute either in the hours or after the mark, never in both. */
  private addHours(fromS: number, throughS: number): Promise<void> {
    return this.db.ingest(async (tx) => {
      for (let atS = fromS; atS < throughS;) {
        const endS = Math.min(throughS, (Math.floor(atS / 3_600) + 1) * 3_600);
        const hour = Math.floor(atS / 3_600) % 24;
        await tx.rows(ADD_TO_HOUR, [new Date(atS * 1000), new Date(endS * 1000), hour]);
        await sumHour(tx, isoDay(atS), hour);
        atS = endS;
      }
      await tx.rows('UPDATE flotilla.metric_packing SET hours_through = to_timestamp($1)', [throughS]);
    });
  }

  private async closeDays(daysThroughS: number, throughS: number): Promise<void> {
    const today = Math.floor(throughS / 86_400) * 86_400;
    const first = Math.max(daysThroughS, today - LOOK_BACK_S);
    for (let dayS = first; dayS < today; dayS += 86_400) {
      for (;;) {
        const done = await this.db.ingest(async (tx) => {
          const open = await tx.rows<DeviceDay>(OPEN_DEVICES, [isoDay(dayS), DEVICES_AT_ONCE]);
          await packDays(tx, open, throughS);
          return open.length;
        });
        if (done < DEVICES_AT_ONCE) break;
      }
    }
    if (first < today) {
      await this.db.ingest((tx) =>
        tx.rows('UPDATE flotilla.metric_packing SET days_through = $1::date', [isoDay(today)]),
      );
    }
  }

  private async packLate(throughS: number): Promise<void> {
    for (let taken = DEVICES_AT_ONCE; taken === DEVICES_AT_ONCE;) {
      taken = await this.db.ingest(async (tx) => {
        const late = await tx.rows<DeviceDay>(TAKE_LATE, [DEVICES_AT_ONCE]);
        await packDays(tx, late, throughS);
        return late.length;
      });
    }
  }

  /** The days of instances that wait for it: after a migration, a move or a deletion of a device. */
  async makeInstances(): Promise<void> {
    const until = performance.now() + WAITING_BUDGET_MS;
    while (await this.db.ingest(sumWaitingInstances)) if (performance.now() > until) return;
  }
}

interface DeviceDay {
  readonly tenant_id: string;
  readonly device_id: number;
  /** yyyy-mm-dd */
  readonly day: string;
}

async function packDays(tx: IngestTx, deviceDays: readonly DeviceDay[], throughS: number): Promise<void> {
  const groups = new Map<string, DeviceDay[]>();
  for (const one of deviceDays) {
    const key = `${one.tenant_id}/${one.day}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  for (const group of groups.values()) {
    const { tenant_id, day } = group[0]!;
    const isOver = Date.parse(day) / 1000 + 86_400 <= throughS;
    const devices = group.map((one) => one.device_id);
    await tx.rows(PACK_DAYS, [tenant_id, devices, day, new Date(throughS * 1000), isOver]);
    // nothing left to pack them from: not asked again
    if (isOver) await tx.rows(NEVER_AGAIN, [tenant_id, devices, day]);
    await sumDay(tx, tenant_id, devices, day);
  }
}

const isoDay = (atS: number) => new Date(atS * 1000).toISOString().slice(0, 10);

const OPEN_DEVICES = `
  SELECT DISTINCT d.tenant_id, d.device_id, d.day::text AS day FROM flotilla.gpu_days d
  WHERE d.day = $1::date AND d.minutes IS NULL ORDER BY 1, 2 LIMIT $2`;

const TAKE_LATE = `
  DELETE FROM flotilla.gpu_days_to_pack p USING (
    SELECT tenant_id, device_id, day FROM flotilla.gpu_days_to_pack ORDER BY tenant_id, day, device_id LIMIT $1 FOR UPDATE SKIP LOCKED
  ) t
  WHERE p.tenant_id = t.tenant_id AND p.device_id = t.device_id AND p.day = t.day
  RETURNING p.tenant_id, p.device_id, p.day::text AS day`;

const NEVER_AGAIN = `
  UPDATE flotilla.gpu_days d SET minutes = array_fill(NULL::real, ARRAY[5760])
  WHERE d.tenant_id = $1 AND d.device_id = ANY ($2::integer[]) AND d.day = $3::date AND d.minutes IS NULL`;
