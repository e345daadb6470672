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

// In two steps. `quiet` looks at the activity of the whole fleet: the GPUs that are idle by themselves, which most are not.
// Only for instances that have enough of them are the devices looked up, which say what GPUs the instance has. Places in arrays
// and no join: what the planner thinks of the number of idle instances can then do no harm.
//
// width_bucket: how many steps of the staircase lie at or under $1; the last of them begins earliest. 0: the newest minute is
// already above. OFFSET 0: once per row.
export const IDLE = `
  WITH clock AS MATERIALIZED (SELECT floor(extract(epoch FROM now()))::integer AS now_s),
  quiet AS MATERIALIZED (
    SELECT s.instance_id, s.device_id, s.starts[s.step] AS since, s.levels[s.step] AS highest, s.memory_utilization, s.memory_used_mib,
      s.power_draw
    FROM (
      SELECT a.*, width_bucket($1::real, a.levels) AS step
      FROM flotilla.my_gpu_activity a
      WHERE (SELECT c.now_s FROM clock c) - a.last_minute * 60 - 60 <= greatest($3::real, 2 * a.last_interval_s)
      OFFSET 0
    ) s
    WHERE s.step > 0 AND (SELECT c.now_s FROM clock c) - s.starts[s.step] * 60 >= $2::float8 * 60
  ), likely AS (
    SELECT q.instance_id, array_agg(q.device_id) AS ids, array_agg(q.since) AS since, array_agg(q.highest) AS highest,
      array_agg(q.memory_utilization) AS memory_utilization, array_agg(q.memory_used_mib) AS memory_used_mib,
      array_agg(q.power_draw) AS power_draw
    FROM quiet q
    GROUP BY q.instance_id
  )
  SELECT i.id AS instance_id, to_timestamp(x.since * 60) AS idle_since, m.minutes AS idle_minutes, x.gpu_count,
    x.highest AS gpu_utilization, x.memory_utilization, x.memory_used_mib, x.power_draw, i.currency, i.hourly_cost::text,
    round(i.hourly_cost * m.minutes / 60, 10)::text AS wasted_cost
  FROM likely l
  JOIN flotilla.instances i ON i.id = l.instance_id
  CROSS JOIN LATERAL (
    SELECT count(*)::integer AS gpu_count, count(g.place) AS idle_gpus, max(l.since[g.place]) AS since, max(l.highest[g.place]) AS highest,
      avg(l.memory_utilization[g.place])::real AS memory_utilization, sum(l.memory_used_mib[g.place])::real AS memory_used_mib,
      sum(l.power_draw[g.place])::real AS power_draw
    FROM (
      SELECT array_position(l.ids, d.id) AS place
      FROM flotilla.devices d
      WHERE d.instance_id = i.id AND d.kind = 'gpu' AND (d.presence = 'present' OR d.last_seen_at > now() - interval '1 day')
      OFFSET 0
    ) g
  ) x
  CROSS JOIN LATERAL (SELECT ((SELECT c.now_s FROM clock c) - x.since * 60) / 60 AS minutes) m
  WHERE cardinality(l.ids) >= coalesce(i.gpu_count, 0)
    AND i.state NOT IN ('stopped', 'terminated')
    AND ($4::bigint[] IS NULL OR i.id = ANY ($4))
    AND x.gpu_count > 0 AND x.gpu_count = x.idle_gpus AND x.gpu_count >= coalesce(i.gpu_count, 0)
  ORDER BY i.hourly_cost * m.minutes DESC NULLS LAST, i.id`;
