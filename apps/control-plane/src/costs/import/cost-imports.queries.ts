import { Injectable } from '@nestjs/common';
import type { CostImportEntry, CostImportListQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageWindow } from '../../platform/index.js';
import type { Page } from '../../platform/index.js';

type Entry = z.input<typeof CostImportEntry>;
const SCOPE = 'cost-imports:-id';

@Injectable()
export class CostImportsQueries {
  constructor(private readonly db: Db) {}

  /** The newest first, each with what it left out. */
  async list(actor: TenantRef, query: CostImportListQuery): Promise<Page<Entry>> {
    const { offset, limit } = pageWindow(query);
    const before = query.cursor === undefined ? null : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.int()]))[0];
    return this.db.read(actor, async (tx) => {
      const rows = await tx.rows<Entry & Record<string, unknown>>(LIST, [actor.tenantId, before, limit + 1, offset]);
      const total = await tx.row<{ n: number }>(
        'SELECT count(*) AS n FROM flotilla.cost_imports i WHERE i.tenant_id = $1',
        [actor.tenantId],
      );
      return pageOf(rows as Entry[], query, total!.n, (last) => encodeCursor(actor, SCOPE, [last.id]));
    });
  }
}

const LIST = `
  SELECT i.id, i.file_name, i.bytes, i.rows, i.accepted, i.updated, i.duplicates, i.removed, i.mode, i.rejected, i.rejections,
         i.first_day::text AS first_day, i.last_day::text AS last_day, i.imported_by, i.imported_at
    FROM flotilla.cost_imports i
   WHERE i.tenant_id = $1 AND ($2::bigint IS NULL OR i.id < $2)
   ORDER BY i.id DESC LIMIT $3 OFFSET $4`;
