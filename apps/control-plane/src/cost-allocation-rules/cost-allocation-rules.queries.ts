import { Injectable } from '@nestjs/common';
import type { CostAllocationRuleQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, notFound, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';
import { RULE_COLUMNS } from './rules.sql.js';
import type { RuleRow } from './rules.sql.js';

const SCOPE = 'cost-allocation-rules:key,priority,id';
const Place = z.tuple([z.string(), z.int(), z.int()]);

/** Rules by which cost is split. */
@Injectable()
export class CostAllocationRulesQueries {
  constructor(private readonly db: Db) {}

  async list(actor: TenantRef, query: CostAllocationRuleQuery): Promise<Page<RuleRow>> {
    const { offset, limit } = pageWindow(query);
    const after = query.cursor === undefined ? null : decodeCursor(actor, SCOPE, query.cursor, Place);
    const filter = [actor.tenantId, query.key ?? null, query.valid_on ?? null];
    return this.db.read(actor, async (tx) => {
      const counted = await tx.row<{ total: number }>(
        `SELECT count(*) AS total FROM flotilla.cost_allocation_rules r WHERE ${WHERE}`,
        filter,
      );
      const rows = await tx.rows<RuleRow>(
        `SELECT ${RULE_COLUMNS} FROM flotilla.cost_allocation_rules r
          WHERE ${WHERE} AND ($4::text IS NULL OR (r.key, r.priority, r.id) > ($4, $5::integer, $6::bigint))
          ORDER BY r.key, r.priority, r.id LIMIT $7 OFFSET $8`,
        [...filter, ...(after ?? [null, null, null]), limit + 1, offset],
      );
      return pageOf(rows, query, counted!.total, (last) =>
        encodeCursor(actor, SCOPE, [last.key, last.priority, last.id]),
      );
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(actor: TenantRef, id: number): Promise<RuleRow> {
    const row = await this.db.read(actor, (tx) =>
      tx.row<RuleRow>(
        `SELECT ${RULE_COLUMNS} FROM flotilla.cost_allocation_rules r WHERE r.tenant_id = $1 AND r.id = $2`,
        [actor.tenantId, id],
      ),
    );
    if (!row) throw notFound('allocation rule', id);
    return row;
  }
}

const WHERE = `r.tenant_id = $1 AND ($2::text IS NULL OR r.key = $2)
  AND ($3::date IS NULL OR (coalesce(r.valid_from <= $3::date, true) AND coalesce(r.valid_to >= $3::date, true)))`;
