import { Injectable } from '@nestjs/common';
import type { CostReconciliation, CostReconciliationQuery } from '@flotilla/contracts';
import { COMPUTE_SERVICE } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';
import { ALL_COSTS, costFilter, RATE } from '../costs.filter.js';

type Answer = z.input<typeof CostReconciliation>;
type Compared = Answer['totals'];

/** Beside each other what the origins tell of machines. */
@Injectable()
export class ReconciliationQueries {
  constructor(private readonly db: Db) {}

  /** Charges in currencies without a rate are in none of the sums. */
  async compare(actor: TenantRef, query: CostReconciliationQuery): Promise<Answer> {
    return this.db.read(actor, async (tx) => {
      const { window, values } = await costFilter(tx, actor, query, new Date());
      const days = await tx.rows<
        Compared & { grouped: number; cloud_provider: string; date: string } & Record<string, unknown>
      >(BY_DAY, values);
      const instances = await tx.rows<Answer['by_instance'][number] & Record<string, unknown>>(BY_INSTANCE, values);
      const beside = await tx.row<{ amount: string; record_count: number; currency: string }>(REPLACED, values);
      const all = days.find(({ grouped }) => grouped === GROUPED.all);
      return {
        totals: all ? compared(all) : NOTHING,
        by_provider: days
          .filter(({ grouped }) => grouped === GROUPED.provider)
          .map((row) => ({ cloud_provider: row.cloud_provider, ...compared(row) })),
        by_day: days
          .filter(({ grouped }) => grouped === GROUPED.day)
          .map((row) => ({ date: row.date, cloud_provider: row.cloud_provider, ...compared(row) })),
        by_instance: instances,
        replaced: { amount: beside!.amount, record_count: beside!.record_count },
        currency: beside!.currency,
        start_date: window.firstDay,
        end_date: window.lastDay,
      };
    });
  }
}

const compared = (row: Compared): Compared => ({
  metered: row.metered,
  reported: row.reported,
  provider_api: row.provider_api,
  billed: row.billed,
  difference: row.difference,
  difference_percent: row.difference_percent,
});

const NOTHING: Compared = {
  metered: null,
  reported: null,
  provider_api: null,
  billed: null,
  difference: null,
  difference_percent: null,
};

const GROUPED = { day: 0b00, provider: 0b01, all: 0b11 } as const;

/** What each origin tells of one group and day, and what the best of them says beyond what was metered. */
const told = (group: string, more = '') => `
  SELECT s.*, coalesce(s.billed, s.provider_api, s.reported) - s.metered AS apart
    FROM (SELECT ${group}, c.charge_day,
                 sum(c.billed_cost * ${RATE}) FILTER (WHERE c.origin = 'metered') AS metered,
                 sum(c.billed_cost * ${RATE}) FILTER (WHERE c.origin = 'reported') AS reported,
                 sum(c.billed_cost * ${RATE}) FILTER (WHERE c.origin = 'provider_api') AS provider_api,
                 sum(c.billed_cost * ${RATE}) FILTER (WHERE c.origin = 'bill') AS billed
            FROM flotilla.costs c JOIN flotilla.tenants t ON t.tenant_id = c.tenant_id ${ALL_COSTS}
             AND c.charge_category = 'Usage'
             AND (c.instance_id IS NOT NULL OR c.service_category = 'Compute' OR (c.service_category IS NULL AND c.service ~* '${COMPUTE_SERVICE}')) ${more}
           GROUP BY ${group}, c.charge_day) s`;

const SUMS = `sum(d.metered) AS metered, sum(d.reported) AS reported, sum(d.provider_api) AS provider_api, sum(d.billed) AS billed,
       sum(d.apart) AS difference,
       round(100 * sum(d.apart) / nullif(sum(d.metered) FILTER (WHERE d.apart IS NOT NULL), 0), 2)::float8 AS difference_percent`;

const BY_DAY = `
  SELECT grouping(d.provider, d.charge_day) AS grouped, d.provider AS cloud_provider, d.charge_day::text AS date, ${SUMS}
    FROM (${told('c.provider')}) d
   GROUP BY GROUPING SETS ((d.provider, d.charge_day), (d.provider), ())
  HAVING count(*) > 0
   ORDER BY grouped, d.charge_day, d.provider`;

const BY_INSTANCE = `
  SELECT i.id, i.provider_id AS instance_id, i.name, i.cloud_provider, ${SUMS}
    FROM (${told('c.instance_id', 'AND c.instance_id IS NOT NULL')}) d
    JOIN flotilla.instances i ON i.tenant_id = $1 AND i.id = d.instance_id
   GROUP BY i.id, i.provider_id, i.name, i.cloud_provider
   ORDER BY abs(sum(d.apart)) DESC NULLS LAST, sum(d.metered) DESC NULLS LAST, i.id LIMIT 200`;

const REPLACED = `
  SELECT min(n.currency) AS currency,
         coalesce((SELECT sum(c.billed_cost * ${RATE}) FROM flotilla.costs c JOIN flotilla.tenants t ON t.tenant_id = c.tenant_id
                    ${ALL_COSTS} AND c.superseded_by IS NOT NULL), 0) AS amount,
         (SELECT count(*) FROM flotilla.costs c ${ALL_COSTS} AND c.superseded_by IS NOT NULL) AS record_count
    FROM flotilla.tenants n WHERE n.tenant_id = $1`;
