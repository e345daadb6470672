import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { costContent, costIdentity } from '@flotilla/domain';
import type { CostRecord } from '@flotilla/domain';
import type { WriteTx } from '@flotilla/persistence';
import { columnsOf, UPSERT_JSON } from './ledger.sql.js';
import type { StagedCost } from './ledger.sql.js';

/** Who brought the charges, for the row to remember. */
export interface CostOrigins {
  readonly tenantId: string;
  readonly importId?: number;
  readonly agentId?: string;
}

/** What became of charges; `accepted + updated + duplicates` are all that were given. */
export interface LedgerOutcome {
  readonly accepted: number;
  /** Known, with another content: the new one counts. */
  readonly updated: number;
  readonly duplicates: number;
}

export const sha256Hex = (text: string): string => hash('sha256', text, 'hex');

/** A record as a row to stage. */
export function stagedCost(record: CostRecord): StagedCost {
  return {
    ...columnsOf(record),
    record_key: sha256Hex(costIdentity(record)),
    content_digest: sha256Hex(costContent(record)),
  };
}

/** The one way into flotilla.costs: idempotent, and a charge that is told anew with other amounts is corrected. */
@Injectable()
export class CostLedger {
  /**
   * Stores charges in the caller's transaction. One that comes twice in the list counts as its last telling.
   *
   * @param records at most a few thousand: they travel as one parameter
   */
  async store(tx: WriteTx, origins: CostOrigins, records: readonly CostRecord[]): Promise<LedgerOutcome> {
    const byKey = new Map<string, StagedCost>();
    for (const record of records) {
      const staged = stagedCost(record);
      byKey.set(staged.record_key, staged);
    }
    const row = await tx.row<{ accepted: number; updated: number }>(UPSERT_JSON, [
      origins.tenantId,
      origins.importId ?? null,
      origins.agentId ?? null,
      JSON.stringify([...byKey.values()]),
    ]);
    const { accepted = 0, updated = 0 } = row ?? {};
    return { accepted, updated, duplicates: records.length - accepted - updated };
  }
}
