import { Injectable } from '@nestjs/common';
import type { Showback, ShowbackQuery } from '@flotilla/contracts';
import { showback } from '@flotilla/domain';
import type { ChargeGroup, SplitRule } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';
import { besideCosts, costFilter } from '../costs/index.js';
import { RULE_COLUMNS } from './rules.sql.js';
import type { RuleRow } from './rules.sql.js';
import { GPU_HOURS, showbackSql } from './showback.sql.js';

/** What the values of a key cost with their part of what is shared. Sums are the database's, the split is the domain's. */
@Injectable()
export class ShowbackQueries {
  constructor(private readonly db: Db) {}

  /** @throws AppError VALIDATION_ERROR, NOT_FOUND for an instance that is not there */
  async showback(actor: TenantRef, query: ShowbackQuery): Promise<z.input<typeof Showback>> {
    return this.db.read(actor, async (tx) => {
      const filter = await costFilter(tx, actor, query, new Date());
      const { firstDay, lastDay } = filter.window;
      const rules = await tx.rows<RuleRow>(RULES, [actor.tenantId, query.key, firstDay, lastDay]);
      const sums = showbackSql(query.cost_type, rules, filter.values.length + 2);
      const groups = await tx.rows<ChargeGroup & { simulated: boolean } & Record<string, unknown>>(sums.sql, [
        ...filter.values,
        query.key,
        ...sums.values,
      ]);
      const hours = rules.some((rule) => rule.usage_basis === 'gpu_hours')
        ? await tx.rows<{ value: string; hours: string }>(GPU_HOURS, [actor.tenantId, firstDay, lastDay, query.key])
        : [];
      const split = showback(groups, rules.map(splitRule), new Map(hours.map((row) => [row.value, row.hours])));
      const simulated = groups.some((group) => group.simulated);
      return {
        key: query.key,
        values: split.values.map((value) => ({
          value: value.value,
          direct_cost: value.direct,
          shared_cost: value.shared,
          shared: value.shares.map((share) => ({ rule_id: share.ruleId, amount: share.amount })),
          total_cost: value.total,
          record_count: value.records,
        })),
        shared: split.rules.map(({ ruleId, cost, records, allocated }) => {
          const { name, method } = rules.find((rule) => rule.id === ruleId)!;
          return { rule_id: ruleId, name, method, total_cost: cost, record_count: records, allocated };
        }),
        unallocated: { total_cost: split.unallocated.cost, record_count: split.unallocated.records },
        total_cost: split.total,
        ...(await besideCosts(tx, actor, query.cost_type, filter, simulated)),
      };
    });
  }
}

const splitRule = ({ id, method, usage_basis, targets }: RuleRow): SplitRule => ({
  id,
  method,
  usage_basis,
  targets: targets?.map(({ value, weight }) => ({ value, weight: weight == null ? null : String(weight) })) ?? null,
});

const RULES = `
  SELECT ${RULE_COLUMNS} FROM flotilla.cost_allocation_rules r
   WHERE r.tenant_id = $1 AND r.key = $2 AND coalesce(r.valid_from <= $4::date, true) AND coalesce(r.valid_to >= $3::date, true)
   ORDER BY r.priority, r.id`;
