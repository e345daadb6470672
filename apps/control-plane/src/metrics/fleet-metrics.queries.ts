import { Injectable } from '@nestjs/common';
import { metricId } from '@flotilla/domain';
import type { MetricName } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';

export type TagStatistic = 'avg' | 'min' | 'max';

/** One hour of all GPUs whose instances carry the same value of a tag. */
export interface TagHour {
  /** null: instances without the tag. */
  readonly tag_value: string | null;
  readonly at: Date;
  /** Mean of all samples. */
  readonly avg: number;
  /** Lowest and highest sample, where they were asked for. */
  readonly min?: number;
  readonly max?: number;
  /** Samples. */
  readonly count: number;
}

/** Questions over the whole fleet, from packed hours: one row per GPU and day. */
@Injectable()
export class FleetMetricsQueries {
  constructor(private readonly db: Db) {}

  /**
   * One metric by the values of a tag, in hourly steps, today's unpacked minutes included.
   *
   * @param from, to half open; cut to whole hours
   * @param statistics each one beside the mean costs as much again
   */
  byTag(
    actor: TenantRef,
    tagKey: string,
    metric: Exclude<MetricName, 'throttle_reasons'>,
    from: Date,
    to: Date,
    statistics: readonly TagStatistic[] = ['avg'],
  ): Promise<TagHour[]> {
    const values = [tagKey, metricId(metric), from, to, actor.tenantId];
    return this.db.read(actor, (tx) => tx.rows<TagHour & Record<string, unknown>>(byTagSql(statistics), values));
  }
}

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const slot = (hour: number, stat: number) => `d.hours[${hour * 4 + stat}]`;
const TAGGED = `
  (SELECT v.id, i.tags ->> $1 AS tag_value
   FROM flotilla.devices v JOIN flotilla.instances i ON i.tenant_id = v.tenant_id AND i.id = v.instance_id
   WHERE v.tenant_id = $5::uuid) t`;

/** 24 columns and not 24 rows per GPU and day: the rows are summed before they are turned. */
export function byTagSql(statistics: readonly TagStatistic[]): string {
  const has = (statistic: TagStatistic, sql: string) => (statistics.includes(statistic) ? sql : 'NULL');
  const sums = HOURS.map(
    (
      h,
    ) => `ARRAY[sum((${slot(h, 2)} * ${slot(h, 4)})::float8), sum(${slot(h, 4)}::float8), ${has('min', `min(${slot(h, 1)})`)},
        ${has('max', `max(${slot(h, 3)})`)}]::float8[] AS h${h}`,
  );
  return `
  WITH packed AS (
    SELECT t.tag_value, d.day, ${sums.join(',\n      ')}
    FROM flotilla.my_gpu_days d JOIN ${TAGGED} ON t.id = d.device_id
    WHERE d.metric = $2::smallint AND d.day >= ($3::timestamptz)::date AND d.day <= ($4::timestamptz)::date
    GROUP BY t.tag_value, d.day
  ), hours AS (
    SELECT p.tag_value, p.day::timestamp AT TIME ZONE 'UTC' + make_interval(hours => x.hour) AS at, x.s[1] AS total, x.s[2] AS n,
      x.s[3] AS low, x.s[4] AS high
    FROM packed p
    CROSS JOIN LATERAL (VALUES ${HOURS.map((h) => `(${h}, p.h${h})`).join(', ')}) AS x (hour, s)
    WHERE x.s[2] IS NOT NULL
    UNION ALL
    SELECT t.tag_value, date_trunc('hour', m.minute) AS at, sum(m.stats[k.row][2]::float8 * m.stats[k.row][4]), sum(m.stats[k.row][4]::float8),
      min(m.stats[k.row][1]), max(m.stats[k.row][3])
    FROM flotilla.my_gpu_minutes m
    CROSS JOIN LATERAL (SELECT array_position(m.metrics, $2::smallint) AS row) k
    JOIN ${TAGGED} ON t.id = m.device_id
    WHERE m.minute >= (SELECT p.hours_through FROM flotilla.metric_packing p) AND m.minute < $4 AND m.minute >= $3 AND k.row IS NOT NULL
    GROUP BY t.tag_value, date_trunc('hour', m.minute)
  )
  SELECT tag_value, at, (sum(total) / sum(n))::real AS avg${statistics.includes('min') ? ', min(low)::real AS min' : ''}${
    statistics.includes('max') ? ', max(high)::real AS max' : ''
  }, sum(n)::bigint AS count
  FROM hours
  WHERE at >= date_trunc('hour', $3::timestamptz) AND at < $4
  GROUP BY tag_value, at
  ORDER BY tag_value NULLS LAST, at`;
}
