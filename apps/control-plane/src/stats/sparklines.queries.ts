import { Injectable } from '@nestjs/common';
import type { SparklineQuery, Sparklines } from '@flotilla/contracts';
import { metricId } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';

const POINTS = 60;

/** What the GPUs of several instances did of late, small enough to stand in a row of a table. */
@Injectable()
export class SparklinesQueries {
  constructor(private readonly db: Db) {}

  /** Instances of others, and ids that nobody has, are left out. */
  async find({ tenantId }: TenantRef, { ids, hours }: SparklineQuery): Promise<z.input<typeof Sparklines>> {
    const stepS = (hours * 3_600) / POINTS;
    // the minute that goes on is not there yet
    const endS = Math.floor(Date.now() / 60_000) * 60;
    const fromS = endS - hours * 3_600;
    const rows = await this.db.read({ tenantId }, (tx) =>
      tx.rows<{ id: number; steps: number[] | null; means: number[] | null }>(SPARKLINES, [
        ...[tenantId, ids, metricId('gpu_utilization'), fromS, endS, stepS],
      ]),
    );
    return {
      from: new Date(fromS * 1000),
      step_seconds: stepS,
      instances: rows.map(({ id, steps, means }) => {
        const values: (number | null)[] = Array.from({ length: POINTS }, () => null);
        steps?.forEach((step, i) => (values[step] = Math.round(means![i]! * 10) / 10));
        return { id, gpu_utilization: values };
      }),
    };
  }
}

/**
 * `$1` tenant, `$2` instances, `$3` metric, `$4`, `$5` from and to in Unix seconds, `$6` seconds of a step. Each GPU counts by
 * the samples that it sent.
 */
const SPARKLINES = `
  WITH gpus AS MATERIALIZED (
    SELECT d.id, d.instance_id FROM flotilla.devices d WHERE d.tenant_id = $1 AND d.instance_id = ANY ($2::bigint[]) AND d.kind = 'gpu'
  ), minutes AS (
    SELECT m.device_id, floor((date_part('epoch', m.minute) - $4::float8) / $6::float8)::integer AS step, m.stats,
           array_position(m.metrics, $3::smallint) AS row
      FROM flotilla.my_gpu_minutes m
     WHERE m.device_id = ANY (ARRAY(SELECT g.id FROM gpus g)) AND m.minute >= to_timestamp($4::float8) AND m.minute < to_timestamp($5::float8)
    OFFSET 0
  ), steps AS (
    SELECT g.instance_id, m.step, sum(m.stats[m.row][2]::float8 * m.stats[m.row][4]) / sum(m.stats[m.row][4]) AS mean
      FROM minutes m JOIN gpus g ON g.id = m.device_id WHERE m.row IS NOT NULL GROUP BY g.instance_id, m.step
  )
  SELECT i.id, array_agg(s.step ORDER BY s.step) FILTER (WHERE s.step IS NOT NULL) AS steps,
         array_agg(s.mean ORDER BY s.step) FILTER (WHERE s.step IS NOT NULL) AS means
    FROM flotilla.instances i LEFT JOIN steps s ON s.instance_id = i.id
   WHERE i.tenant_id = $1 AND i.id = ANY ($2::bigint[]) GROUP BY i.id ORDER BY i.id`;
