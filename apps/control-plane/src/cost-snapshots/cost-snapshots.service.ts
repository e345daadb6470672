import { Injectable } from '@nestjs/common';
import { Db, systemActor } from '@flotilla/persistence';
import { TAKE } from './cost-snapshots.sql.js';

const DAY_MS = 86_400_000;
/** Charges that began longer ago reach neither into the month nor, spread over a month, into the last 24 hours. */
const LONGEST_CHARGE_DAYS = 31;

const utcDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Keeps what a tenant's costs are known to be at a moment. */
@Injectable()
export class CostSnapshots {
  constructor(private readonly db: Db) {}

  /**
   * Takes the snapshot of the hour that `at` is in, unless there is one: the first of an hour stands.
   *
   * @returns whether it was taken
   */
  take(tenantId: string, at: Date): Promise<boolean> {
    const ms = at.getTime();
    return this.db.write(systemActor(tenantId, 'cost-snapshots'), async (tx) => {
      tx.withoutAudit('a snapshot follows from the charges');
      const row = await tx.row<{ taken: boolean }>(TAKE, [
        tenantId,
        utcDay(ms - LONGEST_CHARGE_DAYS * DAY_MS),
        utcDay(ms),
        ...[null, null, null, null, null, null],
        at,
      ]);
      return row!.taken;
    });
  }
}
