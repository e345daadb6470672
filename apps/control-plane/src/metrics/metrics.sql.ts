/**
 * Charts. All take $1 device ids, $2 metric numbers, $3 which of them are bitmasks, $4 from and $5 to (Unix seconds, half
 * open), $6 origin and $7 length of the steps (seconds). They answer one row per device, metric and step that has samples.
 *
 * Times are compared as timestamptz, so that partitions are left out; a mean is weighted by samples, and rounded to
 * float32 as the samples are: 71.85 stays 71.85.
 */
const ASKED = `unnest($2::smallint[], $3::boolean[]) AS q (metric, is_mask)`;
const SPAN = `m.minute >= to_timestamp($4::float8) AND m.minute < to_timestamp($5::float8)`;
const NUMBERS = `
  CASE WHEN is_mask THEN bit_and(low::integer) FILTER (WHERE is_mask)::real ELSE min(low) END AS min,
  CASE WHEN is_mask THEN bit_or(mean::integer) FILTER (WHERE is_mask)::real
    ELSE (sum(mean::float8 * n) / sum(n))::real END AS avg,
  CASE WHEN is_mask THEN bit_or(high::integer) FILTER (WHERE is_mask)::real ELSE max(high) END AS max,
  sum(n)::integer AS count`;
const steps = (source: string) => `
  SELECT device_id, metric, ($6::float8 + step * $7::float8)::float8 AS at_s, ${NUMBERS}
  FROM (${source}) s
  GROUP BY device_id, metric, is_mask, step
  ORDER BY device_id, metric, step`;

/**
 * One row per stored minute: where steps are minutes nothing has to be grouped. OFFSET 0 has the place of the metric looked up
 * once per row and not once per number; date_part, because extract counts in numeric.
 */
export const SINGLE_MINUTES_UNORDERED = `
  SELECT s.device_id, s.metric, s.at_s, s.stats[s.row][1] AS min, s.stats[s.row][2] AS avg, s.stats[s.row][3] AS max,
    s.stats[s.row][4]::integer AS count
  FROM (
    SELECT m.device_id, q.metric, date_part('epoch', m.minute) AS at_s, m.stats, array_position(m.metrics, q.metric) AS row
    FROM flotilla.my_gpu_minutes m
    CROSS JOIN ${ASKED}
    WHERE m.device_id = ANY ($1::integer[]) AND ${SPAN} AND $6::float8 IS NOT NULL AND $7::float8 IS NOT NULL AND q.is_mask IS NOT NULL
    OFFSET 0
  ) s
  WHERE s.row IS NOT NULL`;
export const SINGLE_MINUTES = `${SINGLE_MINUTES_UNORDERED} ORDER BY s.device_id, s.metric, s.at_s`;

const MINUTES = `
  SELECT m.device_id, q.metric, q.is_mask, floor((extract(epoch FROM m.minute)::float8 - $6::float8) / $7::float8)::integer AS step,
    m.stats[k.row][1] AS low, m.stats[k.row][2] AS mean, m.stats[k.row][3] AS high, m.stats[k.row][4] AS n
  FROM flotilla.my_gpu_minutes m
  CROSS JOIN ${ASKED}
  CROSS JOIN LATERAL (SELECT array_position(m.metrics, q.metric) AS row) k
  WHERE m.device_id = ANY ($1::integer[]) AND ${SPAN} AND k.row IS NOT NULL`;

/** Packed minutes that have no samples beside them: $8 since when there are samples, for each device of $1 (SAMPLED_SINCE). */
const PACKED_MINUTES = `
  SELECT d.device_id, q.metric, q.is_mask, floor((t.at_s - $6::float8) / $7::float8)::integer AS step,
    d.minutes[i] AS low, d.minutes[1440 + i] AS mean, d.minutes[2880 + i] AS high, d.minutes[4320 + i] AS n
  FROM ${ASKED}
  JOIN flotilla.my_gpu_days d ON d.metric = q.metric
  CROSS JOIN generate_series(1, 1440) AS i
  CROSS JOIN LATERAL (SELECT extract(epoch FROM d.day)::float8 + (i - 1) * 60 AS at_s) t
  WHERE d.device_id = ANY ($1::integer[]) AND d.minutes IS NOT NULL AND d.minutes[i] IS NOT NULL
    AND d.day >= to_timestamp($4::float8)::date AND d.day <= to_timestamp($5::float8)::date
    AND t.at_s >= $4::float8 AND t.at_s < least($5::float8, ($8::float8[])[array_position($1::integer[], d.device_id)])`;

/**
 * $1 device ids, $2 end of what is asked for (Unix seconds): since when each of them has samples that may be read, in the same order;
 * $2 where it has none. Retention may have been shorter once than it is, so this is later than what retention says.
 */
export const SAMPLED_SINCE = `
  SELECT coalesce(array_agg(coalesce(f.at_s, $2::float8) ORDER BY d.place), '{}') AS since
  FROM unnest($1::integer[]) WITH ORDINALITY AS d (id, place)
  LEFT JOIN LATERAL (
    SELECT date_part('epoch', m.minute) AS at_s FROM flotilla.my_gpu_minutes m WHERE m.device_id = d.id ORDER BY m.minute LIMIT 1
  ) f ON true`;

/** Hours, also those of today that are packed already, and the minutes after them. */
const HOURS = `
  SELECT d.device_id, q.metric, q.is_mask, floor((t.at_s - $6::float8) / $7::float8)::integer AS step,
    d.hours[h * 4 + 1] AS low, d.hours[h * 4 + 2] AS mean, d.hours[h * 4 + 3] AS high, d.hours[h * 4 + 4] AS n
  FROM ${ASKED}
  JOIN flotilla.my_gpu_days d ON d.metric = q.metric
  CROSS JOIN generate_series(0, 23) AS h
  CROSS JOIN LATERAL (SELECT extract(epoch FROM d.day)::float8 + h * 3600 AS at_s) t
  WHERE d.device_id = ANY ($1::integer[]) AND d.hours[h * 4 + 4] IS NOT NULL
    AND d.day >= to_timestamp($6::float8)::date AND d.day <= to_timestamp($5::float8)::date
    AND t.at_s >= $6::float8 AND t.at_s < $5::float8`;
const NOT_PACKED_MINUTES = `${MINUTES} AND m.minute >= (SELECT p.hours_through FROM flotilla.metric_packing p)`;

export const MINUTE_STEPS = steps(`${MINUTES} UNION ALL ${PACKED_MINUTES}`);
export const HOUR_STEPS = steps(`${HOURS} UNION ALL ${NOT_PACKED_MINUTES}`);

/** Sampled values, the newest $8 of each series, and whether there were more. */
export const SAMPLES = `
  SELECT device_id, metric, at_s, value AS min, value AS avg, value AS max, 1 AS count, place > $8::integer AS is_over
  FROM (
    SELECT m.device_id, q.metric, t.at_s, m.slots[k.row][second] AS value,
      row_number() OVER (PARTITION BY m.device_id, q.metric ORDER BY t.at_s DESC) AS place
    FROM flotilla.my_gpu_minutes m
    CROSS JOIN ${ASKED}
    CROSS JOIN LATERAL (SELECT array_position(m.metrics, q.metric) AS row) k
    CROSS JOIN generate_series(1, 60) AS second
    CROSS JOIN LATERAL (SELECT extract(epoch FROM m.minute)::float8 + second - 1 AS at_s) t
    WHERE m.device_id = ANY ($1::integer[]) AND m.minute > to_timestamp($4::float8 - 60) AND m.minute < to_timestamp($5::float8)
      AND t.at_s >= $4::float8 AND t.at_s < $5::float8 AND m.slots[k.row][second] IS NOT NULL
      AND q.is_mask IS NOT NULL AND $6::float8 IS NOT NULL AND $7::float8 IS NOT NULL
  ) s
  WHERE place <= $8::integer + 1
  ORDER BY device_id, metric, at_s`;

/** The sample that 95 % of the samples of a step do not exceed. */
export const P95_STEPS = `
  SELECT m.device_id, q.metric, ($6::float8 + step * $7::float8)::float8 AS at_s, percentile_disc(0.95) WITHIN GROUP (ORDER BY v) AS p95
  FROM flotilla.my_gpu_minutes m
  CROSS JOIN ${ASKED}
  CROSS JOIN LATERAL (SELECT array_position(m.metrics, q.metric) AS row) k
  CROSS JOIN LATERAL unnest(m.slots[k.row:k.row][1:60]) AS v
  CROSS JOIN LATERAL (SELECT floor((extract(epoch FROM m.minute)::float8 - $6::float8) / $7::float8)::integer AS step) b
  WHERE m.device_id = ANY ($1::integer[]) AND ${SPAN} AND k.row IS NOT NULL AND v IS NOT NULL AND NOT q.is_mask
  GROUP BY m.device_id, q.metric, step`;
