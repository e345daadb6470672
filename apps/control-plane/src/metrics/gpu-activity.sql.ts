import { metricId } from '@flotilla/domain';
import type { PackedSource } from './fleet-metrics.sql.js';

const UTILIZATION = metricId('gpu_utilization');
const SM_ACTIVITY = metricId('sm_activity');

/**
 * What an hour's samples `h` on GPUs `g` cover, in GPU-hours, and how much of that was useful. OFFSET 0: each value is
 * worked out once, and not wherever it is used.
 */
const measured = (hours: string) => `
      SELECT c.by_sm, c.by_sm + c.by_utilization AS measured, c.by_sm * c.sm / 100 + c.by_utilization * c.utilization / 100 AS useful
      FROM (
        SELECT s.by_sm, greatest(0, s.by_any - s.by_sm) AS by_utilization, s.sm, s.utilization
        FROM (
          SELECT least(g.gpus, coalesce(h.s_n, 0) * g.sample_hours) AS by_sm, least(g.gpus, coalesce(h.u_n, 0) * g.sample_hours) AS by_any,
            coalesce(h.s_total / h.s_n, 0) AS sm, coalesce(h.u_total / h.u_n, 0) AS utilization
          FROM ${hours}
          OFFSET 0
        ) s
      ) c
      OFFSET 0`;

/** Of hours as `measured` tells them: `$5` below how many percent one is idle. */
const SUMS = `
      coalesce(sum(m.measured) FILTER (WHERE m.useful * 100 >= m.measured * $5::float8), 0) AS busy,
      coalesce(sum(m.measured) FILTER (WHERE m.useful * 100 < m.measured * $5::float8), 0) AS idle,
      sum(m.useful) AS useful, sum(m.by_sm) AS by_sm`;

/** Packed days. Rows per instance are summed in themselves: 24 hours that are never rows of a join or of a grouping. */
const PACKED: Readonly<Record<PackedSource, string>> = {
  instances: `
    SELECT k.instance_id, k.day, x.busy, x.idle, x.useful, x.by_sm
    FROM (
      SELECT coalesce(u.instance_id, s.instance_id) AS instance_id, coalesce(u.day, s.day) AS day,
        u.sums AS u_sums, u.counts AS u_counts, s.sums AS s_sums, s.counts AS s_counts
      FROM (SELECT d.* FROM flotilla.my_instance_days d
          WHERE d.metric = ${UTILIZATION} AND d.day >= $1::date AND d.day <= $2::date) u
      FULL JOIN (SELECT d.* FROM flotilla.my_instance_days d
          WHERE d.metric = ${SM_ACTIVITY} AND d.day >= $1::date AND d.day <= $2::date) s
        ON s.instance_id = u.instance_id AND s.day = u.day
    ) k
    JOIN gpus g ON g.instance_id = k.instance_id
    CROSS JOIN LATERAL (
      SELECT ${SUMS}
      FROM (${measured('unnest(k.u_sums, k.u_counts, k.s_sums, k.s_counts) AS h (u_total, u_n, s_total, s_n) WHERE h.u_n IS NOT NULL OR h.s_n IS NOT NULL')}
      ) m
    ) x
    WHERE x.useful IS NOT NULL`,
  gpus: `
    SELECT m.instance_id, m.day, ${SUMS}
    FROM (
      SELECT h.instance_id, h.day, c.by_sm, c.measured, c.useful
      FROM (
        SELECT v.instance_id, d.day,
          sum(d.hours[g.hour * 4 + 2]::float8 * d.hours[g.hour * 4 + 4]) FILTER (WHERE d.metric = ${UTILIZATION}) AS u_total,
          sum(d.hours[g.hour * 4 + 4])  FILTER (WHERE d.metric = ${UTILIZATION}) AS u_n,
          sum(d.hours[g.hour * 4 + 2]::float8 * d.hours[g.hour * 4 + 4]) FILTER (WHERE d.metric = ${SM_ACTIVITY}) AS s_total,
          sum(d.hours[g.hour * 4 + 4])  FILTER (WHERE d.metric = ${SM_ACTIVITY}) AS s_n
        FROM flotilla.my_gpu_days d
        JOIN flotilla.devices v ON v.id = d.device_id
        CROSS JOIN generate_series(0, 23) AS g (hour)
        WHERE d.metric IN (${UTILIZATION}, ${SM_ACTIVITY}) AND d.day >= $1::date AND d.day <= $2::date
          AND d.hours[g.hour * 4 + 4] IS NOT NULL
        GROUP BY v.instance_id, d.day, g.hour
      ) h
      JOIN gpus g ON g.instance_id = h.instance_id
      CROSS JOIN LATERAL (${measured('(SELECT h.u_total, h.u_n, h.s_total, h.s_n) h')}) c
    ) m
    GROUP BY m.instance_id, m.day`,
};

/**
 * $1 and $2 first and last day, $3 since when minutes are not packed and $4 end (Unix seconds), $5 below how many percent a
 * clock hour is idle.
 *
 * How many GPU-hours an hour's samples cover follows from the seconds between two of them as last reported; where nobody
 * said, a sample stands for its minute. More samples than the GPUs can have (a jittering clock, several MIG instances of
 * one GPU) cover no more than the hour. What SM activity covers is taken from it, what only utilisation covers from that.
 */
export const gpuActivitySql = (source: PackedSource) => `
  WITH gpus AS MATERIALIZED (
    SELECT i.id AS instance_id, coalesce(i.gpu_count, v.gpus)::float8 AS gpus,
      coalesce(nullif(v.interval_s, 0), nullif(a.interval_s, 0), 60) / 3600 AS sample_hours
    FROM flotilla.instances i
    LEFT JOIN flotilla.agents a ON a.id = i.agent_id
    LEFT JOIN (
      SELECT d.instance_id, nullif(count(*) FILTER (WHERE d.kind = 'gpu'), 0) AS gpus, max(l.last_interval_s) AS interval_s
      FROM flotilla.devices d LEFT JOIN flotilla.my_gpu_activity l ON l.device_id = d.id
      WHERE d.kind <> 'host' GROUP BY d.instance_id
    ) v ON v.instance_id = i.id
    WHERE coalesce(i.gpu_count, v.gpus) > 0
  ), not_packed AS MATERIALIZED (
    SELECT s.device_id, s.at_s,
      sum(s.stats[s.u][2]::float8 * s.stats[s.u][4]) AS u_total, sum(s.stats[s.u][4]) AS u_n,
      sum(s.stats[s.s][2]::float8 * s.stats[s.s][4]) AS s_total, sum(s.stats[s.s][4]) AS s_n
    FROM (
      SELECT m.device_id, floor(date_part('epoch', m.minute) / 3600) * 3600 AS at_s, m.stats,
        array_position(m.metrics, ${UTILIZATION}::smallint) AS u, array_position(m.metrics, ${SM_ACTIVITY}::smallint) AS s
      FROM flotilla.my_gpu_minutes m
      WHERE m.minute >= to_timestamp($3::float8) AND m.minute < to_timestamp($4::float8)
      OFFSET 0
    ) s
    WHERE s.u IS NOT NULL OR s.s IS NOT NULL
    GROUP BY s.device_id, s.at_s
  ), packed AS (
    ${PACKED[source]}
  ), rest AS (
    SELECT m.instance_id, m.day, ${SUMS}
    FROM (
      SELECT h.instance_id, h.day, c.by_sm, c.measured, c.useful
      FROM (
        SELECT v.instance_id, (to_timestamp(n.at_s) AT TIME ZONE 'UTC')::date AS day, sum(n.u_total) AS u_total, sum(n.u_n) AS u_n,
          sum(n.s_total) AS s_total, sum(n.s_n) AS s_n
        FROM not_packed n JOIN flotilla.devices v ON v.id = n.device_id
        GROUP BY v.instance_id, n.at_s
      ) h
      JOIN gpus g ON g.instance_id = h.instance_id
      CROSS JOIN LATERAL (${measured('(SELECT h.u_total, h.u_n, h.s_total, h.s_n) h')}) c
    ) m
    GROUP BY m.instance_id, m.day
  )
  SELECT d.instance_id, d.day::text AS day, sum(d.busy) AS busy, sum(d.idle) AS idle, sum(d.useful) AS useful, sum(d.by_sm) AS by_sm
  FROM (SELECT * FROM packed UNION ALL SELECT * FROM rest) d
  GROUP BY d.instance_id, d.day`;
