import { Injectable } from '@nestjs/common';
import type { WriteTx } from '@flotilla/persistence';
import { SETTLE } from './settle.sql.js';

/** What changed: charges that a better origin replaced, and charges that count again because it is gone. */
export interface Settled {
  readonly replaced: number;
  readonly restored: number;
}

/** Sees to it that the same money is counted once, whoever tells it. */
@Injectable()
export class Reconciliation {
  /**
   * Decides anew which charges of these days count. To be called in the transaction that brought or removed charges.
   *
   * @param firstDay UTC day, `YYYY-MM-DD`
   * @param lastDay included
   */
  async settle(tx: WriteTx, tenantId: string, firstDay: string, lastDay: string): Promise<Settled> {
    return (await tx.row<Settled & Record<string, unknown>>(SETTLE, [tenantId, firstDay, lastDay]))!;
  }
}
