import { Injectable } from '@nestjs/common';
import { floatBelow, MAX_GAP_SECONDS } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';

/** What counts as idle; what is left out is the tenant's own setting. */
export interface IdleQuery {
  readonly belowPercent?: number | undefined;
  readonly forMinutes?: number | undefined;
  /** Only these instances; all when left out. */
  readonly instanceIds?: readonly number[] | undefined;
}

/** An instance all of whose GPUs are idle now. Money is exact: decimal strings. */
export interface IdleInstance {
  readonly instance_id: number;
  /** Since the last of its GPUs became idle. */
  readonly idle_since: Date;
  /** Whole minutes. */
  readonly idle_minutes: number;
  readonly gpu_count: number;
  /** Percent: the highest reading of any GPU since `idle_since`. */
  readonly gpu_utilization: number;
  /** Percent, mean over the GPUs in their newest minute; null: not reported. */
  readonly memory_utilization: number | null;
  /** Mebibytes, all GPUs together. */
  readonly memory_used_mib: number | null;
  /** Watts, all GPUs together. */
  readonly power_draw: number | null;
  readonly currency: string;
  readonly hourly_cost: string | null;
  /** hourly_cost × idle_minutes ÷ 60; null without a price. */
  readonly wasted_cost: string | null;
}

export interface IdleList {
  readonly belowPercent: number;
  readonly forMinutes: number;
  /** Most wasted first. */
  readonly instances: readonly IdleInstance[];
}

/**
 * Which instances are idle now, from the activity rows alone: exact for every threshold and duration, without history.
 *
 * An instance is idle when every GPU of it is. A GPU without utilisation readings (MIG on), one that stopped reporting and
 * one that the driver lost within the last day are not idle but unknown, and an instance that shows fewer GPUs than its
 * provider says is not whole.
 */
@Injectable()
export class IdleQueries {
  constructor(private readonly db: Db) {}

  idle(actor: TenantRef, query: IdleQuery = {}): Promise<IdleList> {
    return this.db.read(actor, async (tx) => {
      const tenant = await tx.row<{ idle_below_percent: number; idle_for_minutes: number }>(
        'SELECT t.idle_below_percent, t.idle_for_minutes FROM flotilla.tenants t WHERE t.tenant_id = $1',
        [actor.tenantId],
      );
      const belowPercent = query.belowPercent ?? tenant?.idle_below_percent ?? 5;
      const forMinutes = query.forMinutes ?? tenant?.idle_for_minutes ?? 30;
      const values = [floatBelow(belowPercent), forMinutes, MAX_GAP_SECONDS, query.instanceIds ?? null];
      return { belowPercent, forMinutes, instances: await tx.rows<IdleInstance>(IDLE, values) };
    });
  }
}

// width_bucket: how many steps of the staircase lie at or under $1; the last of them begins earliest. 0: the newest minute is
// already above, and starts[0] is NULL.
export const IDLE = `
  WITH clock AS MATERIALIZED (SELECT floor(extract(epoch FROM now()))::integer AS now_s),
  gpus AS (
    SELECT d.instance_id, a.memory_utilization, a.memory_used_mib, a.power_draw,
      a.levels[width_bucket($1::real, a.levels)] AS highest,
      CASE WHEN c.now_s - a.last_minute * 60 - 60 <= greatest($3::real, 2 * a.last_interval_s)
        THEN a.starts[width_bucket($1::real, a.levels)] END AS since
    FROM flotilla.devices d
    CROSS JOIN clock c
    LEFT JOIN flotilla.my_gpu_activity a ON a.device_id = d.id
    WHERE d.kind = 'gpu' AND (d.presence = 'present' OR d.last_seen_at > now() - interval '1 day')
  ), idle AS (
    SELECT g.instance_id, max(g.since) AS since, count(*)::integer AS gpu_count, max(g.highest) AS highest,
      avg(g.memory_utilization)::real AS memory_utilization, sum(g.memory_used_mib)::real AS memory_used_mib, sum(g.power_draw)::real AS power_draw
    FROM gpus g
    GROUP BY g.instance_id
    HAVING count(*) = count(g.since)
  )
  SELECT i.id AS instance_id, to_timestamp(x.since * 60) AS idle_since, m.minutes AS idle_minutes, x.gpu_count,
    x.highest AS gpu_utilization, x.memory_utilization, x.memory_used_mib, x.power_draw, i.currency, i.hourly_cost::text,
    round(i.hourly_cost * m.minutes / 60, 10)::text AS wasted_cost
  FROM idle x
  CROSS JOIN clock c
  CROSS JOIN LATERAL (SELECT (c.now_s - x.since * 60) / 60 AS minutes) m
  JOIN flotilla.instances i ON i.id = x.instance_id
  WHERE c.now_s - x.since * 60 >= $2::float8 * 60
    AND x.gpu_count >= coalesce(i.gpu_count, 0)
    AND i.state NOT IN ('stopped', 'terminated')
    AND ($4::bigint[] IS NULL OR i.id = ANY ($4))
  ORDER BY i.hourly_cost * m.minutes DESC NULLS LAST, i.id`;
