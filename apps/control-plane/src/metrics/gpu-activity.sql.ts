import { metricId } from '@flotilla/domain';
import type { PackedSource } from './fleet-metrics.sql.js';

const UTILIZATION = metricId('gpu_utilization');
const SM_ACTIVITY = metricId('sm_activity');

/** Sums of samples and how many, of both metrics: one row per instance and hour that has any. */
const PACKED: Readonly<Record<PackedSource, string>> = {
  instances: `
    SELECT coalesce(u.instance_id, s.instance_id) AS instance_id, coalesce(u.day, s.day) AS day,
      h.u_total, h.u_n, h.s_total, h.s_n
    FROM (SELECT d.* FROM flotilla.my_instance_days d
        WHERE d.metric = ${UTILIZATION} AND d.day >= $1::date AND d.day <= $2::date) u
    FULL JOIN (SELECT d.* FROM flotilla.my_instance_days d
        WHERE d.metric = ${SM_ACTIVITY} AND d.day >= $1::date AND d.day <= $2::date) s
      ON s.instance_id = u.instance_id AND s.day = u.day
    CROSS JOIN LATERAL unnest(u.sums, u.counts, s.sums, s.counts) AS h (u_total, u_n, s_total, s_n)
    WHERE h.u_n IS NOT NULL OR h.s_n IS NOT NULL`,
  gpus: `
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
    GROUP BY v.instance_id, d.day, g.hour`,
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
  ), hours AS (
    ${PACKED[source]}
    UNION ALL
    SELECT v.instance_id, (to_timestamp(n.at_s) AT TIME ZONE 'UTC')::date, sum(n.u_total), sum(n.u_n), sum(n.s_total), sum(n.s_n)
    FROM not_packed n JOIN flotilla.devices v ON v.id = n.device_id
    GROUP BY v.instance_id, n.at_s
  ), measured AS (
    SELECT h.instance_id, h.day, c.by_sm, c.by_sm + c.by_utilization AS measured,
      c.by_sm * coalesce(h.s_total / h.s_n, 0) / 100 + c.by_utilization * coalesce(h.u_total / h.u_n, 0) / 100 AS useful
    FROM hours h
    JOIN gpus g ON g.instance_id = h.instance_id
    CROSS JOIN LATERAL (SELECT least(g.gpus, coalesce(h.s_n, 0) * g.sample_hours) AS by_sm) s
    CROSS JOIN LATERAL (
      SELECT s.by_sm, greatest(0, least(g.gpus, coalesce(h.u_n, 0) * g.sample_hours) - s.by_sm) AS by_utilization
    ) c
  )
  SELECT m.instance_id, m.day::text AS day,
    coalesce(sum(m.measured) FILTER (WHERE m.useful * 100 >= m.measured * $5::float8), 0) AS busy,
    coalesce(sum(m.measured) FILTER (WHERE m.useful * 100 < m.measured * $5::float8), 0) AS idle,
    sum(m.useful) AS useful, sum(m.by_sm) AS by_sm
  FROM measured m
  GROUP BY m.instance_id, m.day`;
