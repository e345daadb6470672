import { Injectable } from '@nestjs/common';
import type { IdleInstance, IdleInstanceQuery, IdleSummary } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';
import { IdleQueries } from '../metrics/index.js';
import type { Page } from '../platform/index.js';

type Item = z.input<typeof IdleInstance>;
type SummaryRow = Omit<Item['instance'], 'gpu_count'> & {
  readonly process_count: number | null;
  readonly process_owners: string[] | null;
};

/** The instances that are idle now, with what proves it and what it costs. */
@Injectable()
export class IdleInstancesQueries {
  constructor(
    private readonly db: Db,
    private readonly idle: IdleQueries,
  ) {}

  async list(
    actor: TenantRef,
    query: IdleInstanceQuery,
  ): Promise<Page<Item> & { summary: z.input<typeof IdleSummary> }> {
    const { belowPercent, forMinutes, instances } = await this.idle.idle(actor, {
      belowPercent: query.below_percent,
      forMinutes: query.for_minutes,
    });
    const page = query.page ?? 1;
    const shown = instances.slice((page - 1) * query.limit, page * query.limit);
    const rows = await this.db.read(actor, (tx) =>
      tx.rows<SummaryRow & Record<string, unknown>>(SUMMARIES, [actor.tenantId, shown.map((one) => one.instance_id)]),
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    return {
      items: shown.flatMap((one): Item[] => {
        const row = byId.get(one.instance_id);
        if (!row) return [];
        const { process_count: processes, process_owners: owners, ...instance } = row;
        return [
          {
            instance: { ...instance, gpu_count: one.gpu_count },
            idle_since: one.idle_since,
            idle_minutes: one.idle_minutes,
            evidence: {
              gpu_utilization: one.gpu_utilization,
              memory: { utilization: one.memory_utilization, used_mib: one.memory_used_mib },
              power: one.power_draw,
              processes,
              process_owners: owners,
            },
            wasted_cost: one.wasted_cost,
            hourly_cost: one.hourly_cost,
            currency: one.currency,
          },
        ];
      }),
      total: instances.length,
      page,
      limit: query.limit,
      nextCursor: null,
      hasMore: instances.length > page * query.limit,
      summary: { below_percent: belowPercent, for_minutes: forMinutes },
    };
  }
}

const SUMMARIES = `
  SELECT i.id, i.provider_id AS instance_id, i.name, i.cloud_provider, i.region, i.instance_type, i.gpu_type, i.state, i.tags,
         i.protected, i.simulated, jsonb_array_length(p.processes) AS process_count,
         CASE WHEN p.processes IS NOT NULL THEN ARRAY(
           SELECT DISTINCT o.owner FROM jsonb_array_elements(p.processes) AS e(process)
            CROSS JOIN LATERAL (SELECT coalesce(
              'slurm job ' || (e.process ->> 'slurm_job_id'),
              (e.process -> 'pod' ->> 'namespace') || '/' || (e.process -> 'pod' ->> 'name'),
              'pod ' || (e.process -> 'pod' ->> 'uid'),
              e.process ->> 'user') AS owner) AS o
            WHERE o.owner IS NOT NULL ORDER BY o.owner LIMIT 20) END AS process_owners
    FROM flotilla.instances i
    LEFT JOIN flotilla.gpu_processes p ON p.tenant_id = i.tenant_id AND p.instance_id = i.id
   WHERE i.tenant_id = $1 AND i.id = ANY ($2::bigint[])`;
