import { METRIC_CATALOGUE } from '@flotilla/domain';
import type { IngestTx } from '@flotilla/persistence';

/** Instances in one transaction of making rows anew. */
const INSTANCES_AT_ONCE = 10;
/** Bits have no sum. */
const METRICS = METRIC_CATALOGUE.filter((metric) => metric.unit !== 'bitmask').map((metric) => metric.id);

/**
 * Keeps instance_days equal to gpu_days, in the transaction that changes those: always made anew from them and never added
 * to, so that it can be repeated.
 */
export async function sumHour(tx: IngestTx, day: string, hour: number): Promise<void> {
  await tx.rows(SUM_HOUR, [METRICS, day, hour]);
}

/** One day of the instances that these devices belong to. */
export async function sumDay(tx: IngestTx, tenantId: string, devices: readonly number[], day: string): Promise<void> {
  await tx.rows(SUM_DAYS, [METRICS, tenantId, devices, null, day]);
}

/** All days of some instances that wait for it. @returns whether more may wait */
export async function sumWaitingInstances(tx: IngestTx): Promise<boolean> {
  const taken = await tx.rows<{ tenant_id: string; instance_id: number }>(TAKE_WAITING, [INSTANCES_AT_ONCE]);
  for (const tenantId of new Set(taken.map((row) => row.tenant_id))) {
    const instances = taken.filter((row) => row.tenant_id === tenantId).map((row) => row.instance_id);
    // a device may have taken the only readings of a metric with it
    await tx.rows(FORGET, [tenantId, instances]);
    await tx.rows(SUM_DAYS, [METRICS, tenantId, null, instances, null]);
  }
  return taken.length === INSTANCES_AT_ONCE;
}

const CHANGE = `
  ON CONFLICT (tenant_id, metric, day, instance_id) DO UPDATE SET`;

// LATERAL and OFFSET 0: by the key, tenant by tenant and metric by metric, whatever the statistics say
const SUM_HOUR = `
  INSERT INTO flotilla.instance_days AS i (tenant_id, instance_id, day, metric, sums, counts, lows, highs)
  SELECT s.tenant_id, s.instance_id, $2::date, s.metric,
    array_fill(NULL::float8, ARRAY[$3::integer]) || s.total || array_fill(NULL::float8, ARRAY[23 - $3::integer]),
    array_fill(NULL::integer, ARRAY[$3::integer]) || s.n || array_fill(NULL::integer, ARRAY[23 - $3::integer]),
    array_fill(NULL::real, ARRAY[$3::integer]) || s.low || array_fill(NULL::real, ARRAY[23 - $3::integer]),
    array_fill(NULL::real, ARRAY[$3::integer]) || s.high || array_fill(NULL::real, ARRAY[23 - $3::integer])
  FROM (
    SELECT v.tenant_id, v.instance_id, d.metric, min(d.hours[$3 * 4 + 1]) AS low,
      sum(d.hours[$3 * 4 + 2]::float8 * d.hours[$3 * 4 + 4]) AS total, max(d.hours[$3 * 4 + 3]) AS high, sum(d.hours[$3 * 4 + 4])::integer AS n
    FROM flotilla.metric_retention t
    CROSS JOIN unnest($1::smallint[]) AS q (metric)
    CROSS JOIN LATERAL (
      SELECT d.device_id, d.metric, d.hours FROM flotilla.gpu_days d
      WHERE d.tenant_id = t.tenant_id AND d.metric = q.metric AND d.day = $2::date AND d.hours[$3 * 4 + 4] IS NOT NULL OFFSET 0) d
    JOIN flotilla.devices v ON v.tenant_id = t.tenant_id AND v.id = d.device_id
    GROUP BY v.tenant_id, v.instance_id, d.metric
  ) s
  ORDER BY s.tenant_id, s.metric, s.instance_id
  ${CHANGE} sums[$3 + 1] = excluded.sums[$3 + 1], counts[$3 + 1] = excluded.counts[$3 + 1],
    lows[$3 + 1] = excluded.lows[$3 + 1], highs[$3 + 1] = excluded.highs[$3 + 1]`;

/** $2 tenant; $3 devices whose instances are meant, or $4 instances; $5 one day, or NULL for all. */
const SUM_DAYS = `
  WITH gpus AS MATERIALIZED (
    SELECT v.id, v.instance_id FROM flotilla.devices v
    WHERE v.tenant_id = $2::uuid AND v.instance_id = ANY (coalesce($4::bigint[], ARRAY(
      SELECT w.instance_id FROM flotilla.devices w WHERE w.tenant_id = $2::uuid AND w.id = ANY ($3::integer[]))))
  ), days AS MATERIALIZED (
    SELECT $5::date AS day WHERE $5::date IS NOT NULL
    UNION ALL
    SELECT generate_series(min(d.day), max(d.day), interval '1 day')::date FROM flotilla.gpu_days d WHERE $5::date IS NULL
  )
  INSERT INTO flotilla.instance_days AS i (tenant_id, instance_id, day, metric, sums, counts, lows, highs)
  SELECT $2::uuid, s.instance_id, s.day, s.metric, array_agg(s.total ORDER BY s.hour), array_agg(s.n ORDER BY s.hour),
    array_agg(s.low ORDER BY s.hour), array_agg(s.high ORDER BY s.hour)
  FROM (
    SELECT g.instance_id, y.day, q.metric, h.hour, min(d.hours[h.hour * 4 + 1]) AS low,
      sum(d.hours[h.hour * 4 + 2]::float8 * d.hours[h.hour * 4 + 4]) AS total, max(d.hours[h.hour * 4 + 3]) AS high,
      sum(d.hours[h.hour * 4 + 4])::integer AS n
    FROM days y
    CROSS JOIN gpus g
    CROSS JOIN unnest($1::smallint[]) AS q (metric)
    CROSS JOIN LATERAL (
      SELECT d.hours FROM flotilla.gpu_days d
      WHERE d.tenant_id = $2::uuid AND d.metric = q.metric AND d.day = y.day AND d.device_id = g.id OFFSET 0) d
    CROSS JOIN generate_series(0, 23) AS h (hour)
    GROUP BY g.instance_id, y.day, q.metric, h.hour
  ) s
  GROUP BY s.instance_id, s.day, s.metric
  ORDER BY s.metric, s.day, s.instance_id
  ${CHANGE} sums = excluded.sums, counts = excluded.counts, lows = excluded.lows, highs = excluded.highs`;

const FORGET = `
  DELETE FROM flotilla.instance_days i WHERE i.tenant_id = $1::uuid AND i.instance_id = ANY ($2::bigint[])`;

const TAKE_WAITING = `
  DELETE FROM flotilla.instance_days_to_make m USING (
    SELECT tenant_id, instance_id FROM flotilla.instance_days_to_make ORDER BY tenant_id, instance_id LIMIT $1 FOR UPDATE SKIP LOCKED
  ) t
  WHERE m.tenant_id = t.tenant_id AND m.instance_id = t.instance_id
  RETURNING m.tenant_id, m.instance_id`;
