import { Injectable } from '@nestjs/common';
import type { CreateAiWorkloadBody, UpdateAiWorkloadBody } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import { AppError, notFound } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { WORKLOAD_COLUMNS } from './ai-workloads.queries.js';
import type { WorkloadRow } from './ai-workloads.queries.js';

type Row = WorkloadRow & Record<string, unknown>;

/** Workloads are written down by people; their usage finds them by itself, also that of before. */
@Injectable()
export class AiWorkloadsService {
  constructor(private readonly db: Db) {}

  /** @throws AppError CONFLICT when another workload has the external id */
  async create(actor: RequestActor, body: CreateAiWorkloadBody): Promise<WorkloadRow> {
    const { currency, ...given } = { ...body, external_id: body.external_id ?? body.name };
    const names = Object.keys(given);
    return this.db.write(actor, async (tx) => {
      const row = await tx.row<Row>(
        `INSERT INTO flotilla.ai_workloads AS w (tenant_id, currency, ${names.join(', ')})
         VALUES ($1, coalesce($2, (SELECT t.currency FROM flotilla.tenants t WHERE t.tenant_id = $1)), ${names.map((_, index) => `$${index + 3}`).join(', ')})
         ON CONFLICT (tenant_id, external_id) DO NOTHING RETURNING ${WORKLOAD_COLUMNS}`,
        [actor.tenantId, currency ?? null, ...Object.values(given)],
      );
      if (!row) throw taken(given.external_id);
      await tx.record('ai_workload.created', { type: 'ai_workload', id: row.id }, body);
      return row;
    });
  }

  /** @throws AppError NOT_FOUND; CONFLICT when another workload has the external id */
  async update(actor: RequestActor, id: number, body: UpdateAiWorkloadBody): Promise<WorkloadRow> {
    const names = Object.keys(body);
    return this.db.write(actor, async (tx) => {
      const other = await tx.row('SELECT w.id FROM flotilla.ai_workloads w WHERE w.external_id = $1 AND w.id <> $2', [
        body.external_id ?? null,
        id,
      ]);
      if (other) throw taken(body.external_id!);
      const row = await tx.row<Row>(
        `UPDATE flotilla.ai_workloads AS w SET ${names.map((name, index) => `${name} = $${index + 2}`).join(', ')}, updated_at = now()
          WHERE w.id = $1 RETURNING ${WORKLOAD_COLUMNS}`,
        [id, ...Object.values(body)],
      );
      if (!row) throw notFound('AI workload', id);
      await tx.record('ai_workload.updated', { type: 'ai_workload', id }, body);
      return row;
    });
  }

  /** Its usage stays, under the name that its source gives it. @throws AppError NOT_FOUND */
  async remove(actor: RequestActor, id: number): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const row = await tx.row<Row>('DELETE FROM flotilla.ai_workloads w WHERE w.id = $1 RETURNING w.name', [id]);
      if (!row) throw notFound('AI workload', id);
      await tx.record('ai_workload.deleted', { type: 'ai_workload', id }, { name: row.name });
    });
  }
}

const taken = (externalId: string) =>
  new AppError('CONFLICT', 'Another workload has this external_id. Usage must name one workload only.', {
    field: 'external_id',
    value: externalId,
  });
