import { METRIC_CATALOGUE } from '@flotilla/domain';

/** Numbers of the bitmasks: they are joined by AND and OR, not by mean. From our own catalogue, never from outside. */
const MASKS = `ARRAY[${METRIC_CATALOGUE.filter((m) => m.unit === 'bitmask')
  .map((m) => m.id)
  .join(', ')}]::smallint[]`;
const isMask = (metric: string) => `${metric} = ANY (${MASKS})`;

/** Joins rows of (low, mean, high, n) of one metric. */
const JOINED = `
  CASE WHEN ${isMask('metric')} THEN bit_and(low::integer) FILTER (WHERE ${isMask('metric')})::real ELSE min(low) END AS low,
  CASE WHEN ${isMask('metric')} THEN bit_or(mean::integer) FILTER (WHERE ${isMask('metric')})::real
    ELSE (sum(mean::float8 * n) / sum(n))::real END AS mean,
  CASE WHEN ${isMask('metric')} THEN bit_or(high::integer) FILTER (WHERE ${isMask('metric')})::real ELSE max(high) END AS high,
  sum(n)::real AS n`;

const UNNESTED = `
  SELECT m.tenant_id, m.device_id, m.minute, k.metric, m.stats[k.row][1] AS low, m.stats[k.row][2] AS mean, m.stats[k.row][3] AS high,
    m.stats[k.row][4] AS n
  FROM flotilla.gpu_minutes m
  CROSS JOIN LATERAL unnest(m.metrics) WITH ORDINALITY AS k (metric, row)`;

/**
 * Adds the minutes from $1 to $2 (half open, within one hour) to the hours of their day. $3: the hour, 0 to 23. What an hour
 * holds already is joined and not replaced, so every minute must come exactly once: the mark in metric_packing sees to it.
 */
export const ADD_TO_HOUR = `
  INSERT INTO flotilla.gpu_days AS d (tenant_id, device_id, day, metric, hours)
  SELECT s.tenant_id, s.device_id, ($1::timestamptz AT TIME ZONE 'UTC')::date, s.metric,
    array_fill(NULL::real, ARRAY[$3::integer * 4]) || ARRAY[s.low, s.mean, s.high, s.n] || array_fill(NULL::real, ARRAY[(23 - $3::integer) * 4])
  FROM (
    SELECT tenant_id, device_id, metric, ${JOINED}
    FROM (${UNNESTED} WHERE m.minute >= $1 AND m.minute < $2) u
    GROUP BY tenant_id, device_id, metric
  ) s
  ORDER BY s.tenant_id, s.metric, s.device_id
  ON CONFLICT (tenant_id, metric, day, device_id) DO UPDATE SET
    hours[$3 * 4 + 1:$3 * 4 + 4] = CASE
      WHEN d.hours[$3 * 4 + 4] IS NULL THEN excluded.hours[$3 * 4 + 1:$3 * 4 + 4]
      WHEN ${isMask('d.metric')} THEN ARRAY[
        (d.hours[$3 * 4 + 1]::integer & excluded.hours[$3 * 4 + 1]::integer)::real,
        (d.hours[$3 * 4 + 2]::integer | excluded.hours[$3 * 4 + 2]::integer)::real,
        (d.hours[$3 * 4 + 3]::integer | excluded.hours[$3 * 4 + 3]::integer)::real,
        d.hours[$3 * 4 + 4] + excluded.hours[$3 * 4 + 4]]
      ELSE ARRAY[
        least(d.hours[$3 * 4 + 1], excluded.hours[$3 * 4 + 1]),
        ((d.hours[$3 * 4 + 2]::float8 * d.hours[$3 * 4 + 4] + excluded.hours[$3 * 4 + 2]::float8 * excluded.hours[$3 * 4 + 4])
          / (d.hours[$3 * 4 + 4] + excluded.hours[$3 * 4 + 4]))::real,
        greatest(d.hours[$3 * 4 + 3], excluded.hours[$3 * 4 + 3]),
        d.hours[$3 * 4 + 4] + excluded.hours[$3 * 4 + 4]] END`;

/**
 * Makes the days of some devices anew from their minutes: $1 tenant, $2 devices, $3 day, $4 minutes before this only, $5 whether
 * the day is over (then its 1,440 minutes are packed too).
 */
export const PACK_DAYS = `
  WITH minutes AS MATERIALIZED (
    SELECT u.device_id, u.metric, (extract(epoch FROM u.minute)::bigint - extract(epoch FROM $3::date)::bigint)::integer / 60 AS i,
      u.low, u.mean, u.high, u.n
    FROM (${UNNESTED} WHERE m.tenant_id = $1 AND m.device_id = ANY ($2::integer[])
      AND m.minute >= $3::date::timestamp AT TIME ZONE 'UTC' AND m.minute < ($3::date + 1)::timestamp AT TIME ZONE 'UTC' AND m.minute < $4) u
  ), series AS (
    SELECT DISTINCT device_id, metric FROM minutes
  ), hours AS (
    SELECT s.device_id, s.metric, array_agg(x.value ORDER BY g.hour, x.place) AS slots
    FROM series s
    CROSS JOIN generate_series(0, 23) AS g (hour)
    LEFT JOIN (SELECT device_id, metric, i / 60 AS hour, ${JOINED} FROM minutes GROUP BY device_id, metric, i / 60) h
      ON h.device_id = s.device_id AND h.metric = s.metric AND h.hour = g.hour
    CROSS JOIN LATERAL unnest(ARRAY[h.low, h.mean, h.high, h.n]) WITH ORDINALITY AS x (value, place)
    GROUP BY s.device_id, s.metric
  ), days AS (
    SELECT s.device_id, s.metric,
      array_agg(m.low ORDER BY g.i) || array_agg(m.mean ORDER BY g.i) || array_agg(m.high ORDER BY g.i) || array_agg(m.n ORDER BY g.i) AS slots
    FROM series s
    CROSS JOIN generate_series(0, 1439) AS g (i)
    LEFT JOIN minutes m ON m.device_id = s.device_id AND m.metric = s.metric AND m.i = g.i
    WHERE $5::boolean
    GROUP BY s.device_id, s.metric
  )
  INSERT INTO flotilla.gpu_days AS d (tenant_id, device_id, day, metric, hours, minutes)
  SELECT $1, h.device_id, $3, h.metric, h.slots, y.slots
  FROM hours h
  LEFT JOIN days y ON y.device_id = h.device_id AND y.metric = h.metric
  ORDER BY h.metric, h.device_id
  ON CONFLICT (tenant_id, metric, day, device_id) DO UPDATE SET hours = excluded.hours, minutes = excluded.minutes`;
