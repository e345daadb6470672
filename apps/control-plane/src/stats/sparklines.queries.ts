import { Injectable } from '@nestjs/common';
import type { SparklineQuery, Sparklines } from '@flotilla/contracts';
import { metricId } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';

const POINTS = 60;
/** Longer lines have a point an hour: those are summed already, and minutes of a day of four hundred GPUs are half a million. */
const MOST_HOURS_BY_MINUTES = 4;

/** What the GPUs of several instances did of late, small enough to stand in a row of a table. */
@Injectable()
export class SparklinesQueries {
  constructor(private readonly db: Db) {}

  /** Instances of others, and ids that nobody has, are left out. */
  async find({ tenantId }: TenantRef, { ids, hours }: SparklineQuery): Promise<z.input<typeof Sparklines>> {
    const byMinutes = hours <= MOST_HOURS_BY_MINUTES;
    const [points, stepS] = byMinutes ? [POINTS, (hours * 3_600) / POINTS] : [hours, 3_600];
    // the minute that goes on is not there yet; the hour that goes on is the last point
    const endS = Math.floor(Date.now() / 60_000) * 60;
    const fromS = (byMinutes ? endS : Math.ceil(endS / 3_600) * 3_600) - points * stepS;
    const values = [tenantId, ids, metricId('gpu_utilization'), fromS, endS, ...(byMinutes ? [stepS] : [])];
    const rows = await this.db.read({ tenantId }, (tx) =>
      tx.rows<{ id: number; steps: number[] | null; means: number[] | null }>(
        lines(byMinutes ? MINUTES : HOURS),
        values,
      ),
    );
    return {
      from: new Date(fromS * 1000),
      step_seconds: stepS,
      instances: rows.map(({ id, steps, means }) => {
        const line: (number | null)[] = Array.from({ length: points }, () => null);
        steps?.forEach((step, i) => (line[step] = Math.round(means![i]! * 10) / 10));
        return { id, gpu_utilization: line };
      }),
    };
  }
}

/** `$6` seconds of a step. OFFSET 0 has the place of the metric looked up once per minute. */
const MINUTES = `
  SELECT s.device_id, s.step, s.stats[s.row][2]::float8 * s.stats[s.row][4] AS total, s.stats[s.row][4] AS n
    FROM (SELECT m.device_id, floor((date_part('epoch', m.minute) - $4::float8) / $6::float8)::integer AS step, m.stats,
                 array_position(m.metrics, $3::smallint) AS row
            FROM flotilla.my_gpu_minutes m
           WHERE m.device_id = ANY (ARRAY(SELECT g.id FROM gpus g)) AND m.minute >= to_timestamp($4::float8) AND m.minute < to_timestamp($5::float8)
          OFFSET 0) s
   WHERE s.row IS NOT NULL`;

/** Hours, also those of today that are packed already, and the minutes after them. */
const HOURS = `
  SELECT d.device_id, ((t.at_s - $4::float8) / 3600)::integer AS step, d.hours[h * 4 + 2]::float8 * d.hours[h * 4 + 4] AS total,
         d.hours[h * 4 + 4] AS n
    FROM flotilla.my_gpu_days d
    CROSS JOIN generate_series(0, 23) AS h
    CROSS JOIN LATERAL (SELECT extract(epoch FROM d.day)::float8 + h * 3600 AS at_s) t
   WHERE d.device_id = ANY (ARRAY(SELECT g.id FROM gpus g)) AND d.metric = $3::smallint AND d.hours[h * 4 + 4] IS NOT NULL
     AND d.day >= (to_timestamp($4::float8) AT TIME ZONE 'UTC')::date AND d.day <= (to_timestamp($5::float8) AT TIME ZONE 'UTC')::date
     AND t.at_s >= $4::float8 AND t.at_s < $5::float8
  UNION ALL
  SELECT s.device_id, s.step, s.stats[s.row][2]::float8 * s.stats[s.row][4], s.stats[s.row][4]
    FROM (SELECT m.device_id, floor((date_part('epoch', m.minute) - $4::float8) / 3600)::integer AS step, m.stats,
                 array_position(m.metrics, $3::smallint) AS row
            FROM flotilla.my_gpu_minutes m
           WHERE m.device_id = ANY (ARRAY(SELECT g.id FROM gpus g)) AND m.minute >= to_timestamp($4::float8) AND m.minute < to_timestamp($5::float8)
             AND m.minute >= (SELECT p.hours_through FROM flotilla.metric_packing p)
          OFFSET 0) s
   WHERE s.row IS NOT NULL`;

/**
 * `$1` tenant, `$2` instances, `$3` metric, `$4`, `$5` from and to in Unix seconds. Each GPU counts by the samples that it sent.
 *
 * @param parts sums of each GPU and step
 */
const lines = (parts: string) => `
  WITH gpus AS MATERIALIZED (
    SELECT d.id, d.instance_id FROM flotilla.devices d WHERE d.tenant_id = $1 AND d.instance_id = ANY ($2::bigint[]) AND d.kind = 'gpu'
  ), steps AS (
    SELECT g.instance_id, m.step, sum(m.total) / sum(m.n) AS mean FROM (${parts}) m JOIN gpus g ON g.id = m.device_id
     GROUP BY g.instance_id, m.step
  )
  SELECT i.id, array_agg(s.step ORDER BY s.step) FILTER (WHERE s.step IS NOT NULL) AS steps,
         array_agg(s.mean ORDER BY s.step) FILTER (WHERE s.step IS NOT NULL) AS means
    FROM flotilla.instances i LEFT JOIN steps s ON s.instance_id = i.id
   WHERE i.tenant_id = $1 AND i.id = ANY ($2::bigint[]) GROUP BY i.id ORDER BY i.id`;
