import { Injectable } from '@nestjs/common';
import type { AiWorkload, AiWorkloadQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, notFound, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';

export type WorkloadRow = z.input<typeof AiWorkload>;

export const WORKLOAD_COLUMNS = `w.id, w.name, w.external_id, w.description, w.owner, w.project_id, w.team_id, w.cost_center,
  w.business_unit, w.monthly_budget, w.currency, w.created_at, w.updated_at`;
const SCOPE = 'ai-workloads:id';

@Injectable()
export class AiWorkloadsQueries {
  constructor(private readonly db: Db) {}

  async list(actor: TenantRef, query: AiWorkloadQuery): Promise<Page<WorkloadRow>> {
    const { offset, limit } = pageWindow(query);
    const after = query.cursor === undefined ? 0 : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.int()]))[0];
    const filter = [query.team_id ?? null, query.project_id ?? null];
    return this.db.read(actor, async (tx) => {
      const counted = await tx.row<{ total: number }>(
        `SELECT count(*) AS total FROM flotilla.ai_workloads w WHERE ${WHERE}`,
        filter,
      );
      const rows = await tx.rows<WorkloadRow>(
        `SELECT ${WORKLOAD_COLUMNS} FROM flotilla.ai_workloads w WHERE ${WHERE} AND w.id > $3 ORDER BY w.id LIMIT $4 OFFSET $5`,
        [...filter, after, limit + 1, offset],
      );
      return pageOf(rows, query, counted!.total, (last) => encodeCursor(actor, SCOPE, [last.id]));
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(actor: TenantRef, id: number): Promise<WorkloadRow> {
    const row = await this.db.read(actor, (tx) =>
      tx.row<WorkloadRow>(`SELECT ${WORKLOAD_COLUMNS} FROM flotilla.ai_workloads w WHERE w.id = $1`, [id]),
    );
    if (!row) throw notFound('AI workload', id);
    return row;
  }
}

const WHERE = `($1::text IS NULL OR w.team_id = $1) AND ($2::text IS NULL OR w.project_id = $2)`;
