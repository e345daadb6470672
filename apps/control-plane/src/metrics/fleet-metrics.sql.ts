export type TagStatistic = 'avg' | 'min' | 'max';
/** What packed hours are read from. */
export type PackedSource = 'instances' | 'gpus';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** Where the numbers of an hour are, and whose they are. */
const SOURCES: Readonly<
  Record<PackedSource, { from: string; of(hour: number): Record<'total' | 'n' | 'low' | 'high', string> }>
> = {
  instances: {
    from: 'flotilla.my_instance_days d JOIN tagged t ON t.id = d.instance_id',
    of: (hour) => ({
      total: `d.sums[${hour + 1}]`,
      n: `d.counts[${hour + 1}]`,
      low: `d.lows[${hour + 1}]`,
      high: `d.highs[${hour + 1}]`,
    }),
  },
  gpus: {
    from: 'flotilla.my_gpu_days d JOIN flotilla.devices v ON v.id = d.device_id JOIN tagged t ON t.id = v.instance_id',
    of: (hour) => ({
      total: `d.hours[${hour * 4 + 2}]::float8 * d.hours[${hour * 4 + 4}]`,
      n: `d.hours[${hour * 4 + 4}]::integer`,
      low: `d.hours[${hour * 4 + 1}]`,
      high: `d.hours[${hour * 4 + 3}]`,
    }),
  },
};

/**
 * $1 tag, $2 metric, $3 and $4 first and last day, $5 first hour and $6 end (Unix seconds, half open), $7 since when minutes
 * are not packed (Unix seconds).
 *
 * 24 columns and not 24 rows per instance and day: the rows are summed before they are turned. Minutes are summed per device
 * before anything is joined to them; OFFSET 0 has the place of the metric looked up once per minute.
 */
export function byTagSql(statistics: readonly TagStatistic[], source: PackedSource): string {
  const has = (statistic: TagStatistic, sql: string) => (statistics.includes(statistic) ? sql : 'NULL::real');
  const { from, of } = SOURCES[source];
  const sums = HOURS.map((h) => {
    const { total, n, low, high } = of(h);
    return `sum(${total}) AS total${h}, sum(${n}) AS n${h}, ${has('min', `min(${low})`)} AS low${h}, ${has('max', `max(${high})`)} AS high${h}`;
  });
  return `
  WITH tagged AS MATERIALIZED (
    SELECT i.id, i.tags ->> $1 AS tag_value FROM flotilla.instances i
  ), packed AS (
    SELECT t.tag_value, d.day, ${sums.join(',\n      ')}
    FROM ${from}
    WHERE d.metric = $2::smallint AND d.day >= $3::date AND d.day <= $4::date
    GROUP BY t.tag_value, d.day
  ), not_packed AS MATERIALIZED (
    SELECT s.device_id, s.at_s, sum(s.stats[s.row][2]::float8 * s.stats[s.row][4]) AS total, sum(s.stats[s.row][4])::bigint AS n,
      ${has('min', 'min(s.stats[s.row][1])')} AS low, ${has('max', 'max(s.stats[s.row][3])')} AS high
    FROM (
      SELECT m.device_id, floor(date_part('epoch', m.minute) / 3600) * 3600 AS at_s, m.stats, array_position(m.metrics, $2::smallint) AS row
      FROM flotilla.my_gpu_minutes m
      WHERE m.minute >= to_timestamp($7::float8) AND m.minute < to_timestamp($6::float8)
      OFFSET 0
    ) s
    WHERE s.row IS NOT NULL
    GROUP BY s.device_id, s.at_s
  ), hours AS (
    SELECT p.tag_value, date_part('epoch', p.day) + x.hour * 3600 AS at_s, x.total, x.n::bigint AS n, x.low, x.high
    FROM packed p
    CROSS JOIN LATERAL (VALUES ${HOURS.map((h) => `(${h}, p.total${h}, p.n${h}, p.low${h}, p.high${h})`).join(', ')})
      AS x (hour, total, n, low, high)
    WHERE x.n IS NOT NULL
    UNION ALL
    SELECT t.tag_value, u.at_s, u.total, u.n, u.low, u.high
    FROM not_packed u JOIN flotilla.devices v ON v.id = u.device_id JOIN tagged t ON t.id = v.instance_id
  )
  SELECT tag_value, to_timestamp(at_s) AS at, (sum(total) / sum(n))::real AS avg${statistics.includes('min') ? ', min(low) AS min' : ''}${
    statistics.includes('max') ? ', max(high) AS max' : ''
  }, sum(n)::bigint AS count
  FROM hours
  WHERE at_s >= $5::float8 AND at_s < $6::float8
  GROUP BY tag_value, at_s
  ORDER BY tag_value NULLS LAST, at_s`;
}
