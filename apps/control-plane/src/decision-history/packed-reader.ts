import { metricId } from '@flotilla/domain';
import type { MetricName, SeriesNeed } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';

const DAY_MINUTES = 1_440;
const PLACES = { min: 0, avg: 1, max: 2 } as const;
/** array_send: number of dimensions, whether there are nulls, type; length and lower bound of the dimension. */
const ARRAY_HEADER = 20;

/** A day as it comes: used again for each, so that nothing of it has to be collected. */
const scratch = Buffer.alloc(ARRAY_HEADER + DAY_MINUTES * 8);
const scratchView = new DataView(scratch.buffer, scratch.byteOffset, scratch.byteLength);

/** Part of what is stored of some devices, as it came. */
export interface StoredMinutes {
  readonly days: readonly DayRow[];
  readonly fresh: readonly FreshRow[];
}

interface DayRow extends Record<string, unknown> {
  readonly device_id: number;
  /** Unix minute of the day's beginning. */
  readonly first: number;
  readonly metric: number;
  readonly at: number;
  /** Hexadecimal. */
  readonly minutes: string;
}

interface FreshRow extends Record<string, unknown> {
  readonly device_id: number;
  readonly readings: Buffer;
}

/**
 * What is stored of devices between two minutes: packed days, and minutes of days that are not packed yet.
 *
 * @param series of collected metrics only
 * @param packedBefore Unix minute; days before it are packed
 */
export async function readStored(
  tx: ReadTx,
  series: readonly SeriesNeed[],
  deviceIds: readonly number[],
  fromMinute: number,
  toMinute: number,
  packedBefore: number,
): Promise<StoredMinutes> {
  if (series.length === 0 || deviceIds.length === 0) return { days: [], fresh: [] };
  const metrics = series.map((need) => metricId(need.metric as MetricName));
  const packedTo = Math.min(toMinute, packedBefore);
  const days =
    fromMinute < packedTo
      ? await tx.rows<DayRow>(DAYS, [
          deviceIds,
          metrics,
          series.map((need) => PLACES[need.statistic!] * DAY_MINUTES),
          new Date(fromMinute * 60_000),
          new Date(packedTo * 60_000),
        ])
      : [];
  const freshFrom = Math.max(fromMinute, packedBefore);
  const fresh =
    freshFrom < toMinute
      ? await tx.rows<FreshRow>(freshSql(series, metrics), [
          deviceIds,
          new Date(freshFrom * 60_000),
          new Date(toMinute * 60_000),
        ])
      : [];
  return { days, fresh };
}

/**
 * The numbers of an array travel as bytes: as text they would be read digit by digit. As hexadecimal text and not as bytea,
 * because a Buffer for each of them keeps the collector busy for longer than everything else takes.
 */
const DAYS = `
  SELECT d.device_id, (extract(epoch FROM d.day) / 60)::integer AS first, d.metric, (q.at - 1)::integer AS at,
    encode(array_send(d.minutes[q.place + 1:q.place + ${DAY_MINUTES}]), 'hex') AS minutes
  FROM unnest($2::smallint[], $3::integer[]) WITH ORDINALITY AS q (metric, place, at)
  JOIN flotilla.my_gpu_days d ON d.metric = q.metric
  WHERE d.device_id = ANY ($1::integer[]) AND d.day >= ($4::timestamptz AT TIME ZONE 'UTC')::date
    AND d.day < ($5::timestamptz AT TIME ZONE 'UTC')::date AND d.minutes IS NOT NULL`;

/** One row per device: its minutes one after the other, each its number and a float32 per series. */
function freshSql(series: readonly SeriesNeed[], metrics: readonly number[]): string {
  const values = series.map(
    (need, at) =>
      `float4send(coalesce(m.stats[array_position(m.metrics, ${metrics[at]}::smallint)][${PLACES[need.statistic!] + 1}], 'NaN'))`,
  );
  return `
    SELECT m.device_id, string_agg(int4send((date_part('epoch', m.minute) / 60)::integer) || ${values.join(' || ')}, ''::bytea) AS readings
    FROM flotilla.my_gpu_minutes m
    WHERE m.device_id = ANY ($1::integer[]) AND m.minute >= $2 AND m.minute < $3
    GROUP BY m.device_id`;
}

/** Puts a packed day into its place. @param out a value per minute from `fromMinute` on */
export function placeDay(row: DayRow, out: Float32Array, fromMinute: number): void {
  const end = scratch.write(row.minutes, 'hex') - 4;
  const shift = row.first - fromMinute;
  for (let i = 0, at = ARRAY_HEADER; i < DAY_MINUTES && at <= end; i++, at += 4) {
    // the length of the element; -1: there is no sample
    if (scratchView.getInt32(at) < 0) continue;
    at += 4;
    const place = shift + i;
    if (place >= 0 && place < out.length) out[place] = scratchView.getFloat32(at);
  }
}

/** Puts minutes that are not packed into their places. @param outs one per series */
export function placeFresh(row: FreshRow, outs: readonly (Float32Array | null)[], fromMinute: number): void {
  const { readings } = row;
  const stride = 4 + 4 * outs.length;
  for (let at = 0; at + stride <= readings.length; at += stride) {
    const place = readings.readInt32BE(at) - fromMinute;
    for (let k = 0; k < outs.length; k++) {
      const out = outs[k];
      if (out && place >= 0 && place < out.length) out[place] = readings.readFloatBE(at + 4 + 4 * k);
    }
  }
}
