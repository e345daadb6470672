import { metricId } from '@flotilla/domain';
import type { MetricName, SeriesNeed } from '@flotilla/domain';
import { readBinaryRows } from '@flotilla/persistence';
import type { BinaryFields, Db, TenantRef } from '@flotilla/persistence';

const DAY_MINUTES = 1_440;
const PLACES = { min: 0, avg: 1, max: 2 } as const;
/** array_send: number of dimensions, whether there are nulls, type; length and lower bound of the dimension. */
const ARRAY_HEADER = 20;

export interface StoredQuestion {
  /** Of collected metrics only. */
  readonly series: readonly SeriesNeed[];
  readonly deviceIds: readonly number[];
  /** Unix minutes, half open. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** Unix minute; days before it are packed. */
  readonly packedBefore: number;
}

/** One value per minute from `fromMinute` on; null: nobody wants the series of that device. */
export type PlaceOf = (deviceId: number, series: number) => Float32Array | null;

/**
 * Puts what is stored of devices between two minutes into its places: packed days, and minutes of days that are not packed
 * yet. Where nothing is stored the places stay as they are.
 */
export async function placeStored(db: Db, actor: TenantRef, asked: StoredQuestion, placeOf: PlaceOf): Promise<void> {
  const { series, deviceIds, fromMinute, toMinute, packedBefore } = asked;
  if (series.length === 0 || deviceIds.length === 0) return;
  const metrics = series.map((need) => metricId(need.metric as MetricName));
  const packedTo = Math.min(toMinute, packedBefore);
  if (fromMinute < packedTo) {
    const days = await db.readBinary(actor, DAYS, [
      deviceIds,
      metrics,
      series.map((need) => PLACES[need.statistic!] * DAY_MINUTES),
      new Date(fromMinute * 60_000),
      new Date(packedTo * 60_000),
    ]);
    await readBinaryRows(days, 4, (row) => {
      const { view, at } = row;
      const out = placeOf(view.getInt32(at[0]!), view.getInt32(at[2]!));
      if (out) placeDay(row, out, view.getInt32(at[1]!) - fromMinute);
    });
  }
  const freshFrom = Math.max(fromMinute, packedBefore);
  if (freshFrom >= toMinute) return;
  const fresh = await db.read(actor, (tx) =>
    tx.rows<{ device_id: number; readings: Buffer }>(freshSql(series, metrics), [
      deviceIds,
      new Date(freshFrom * 60_000),
      new Date(toMinute * 60_000),
    ]),
  );
  for (const { device_id: device, readings } of fresh) {
    const outs = series.map((_, at) => placeOf(device, at));
    placeFresh(readings, outs, fromMinute);
  }
}

/**
 * Device, Unix minute of the day's beginning, place in the series asked for, and the minutes as an array: in binary it is sent
 * as it is, where text would be written and read digit by digit.
 */
const DAYS = `
  SELECT d.device_id, (extract(epoch FROM d.day) / 60)::integer AS first, (q.at - 1)::integer AS at,
    d.minutes[q.place + 1:q.place + ${DAY_MINUTES}] AS minutes
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

/** @param shift place of the day's first minute, which may lie before the first place */
function placeDay({ view, at, bytes }: BinaryFields, out: Float32Array, shift: number): void {
  const begin = at[3]!;
  const end = begin + bytes[3]!;
  const first = Math.max(0, -shift);
  const last = Math.min(DAY_MINUTES, out.length - shift);
  if (end - begin === ARRAY_HEADER + DAY_MINUTES * 8) {
    // every minute has its value, each after four bytes that say so
    const values = begin + ARRAY_HEADER + 4;
    for (let i = first; i < last; i++) out[shift + i] = view.getFloat32(values + 8 * i);
    return;
  }
  for (let i = 0, from = begin + ARRAY_HEADER; from < end; i++, from += 4) {
    // the length of the element; -1: there is no sample
    if (view.getInt32(from) < 0) continue;
    from += 4;
    if (i >= first && i < last) out[shift + i] = view.getFloat32(from);
  }
}

/** @param outs one per series */
function placeFresh(readings: Buffer, outs: readonly (Float32Array | null)[], fromMinute: number): void {
  const stride = 4 + 4 * outs.length;
  for (let at = 0; at + stride <= readings.length; at += stride) {
    const place = readings.readInt32BE(at) - fromMinute;
    for (let k = 0; k < outs.length; k++) {
      const out = outs[k];
      if (out && place >= 0 && place < out.length) out[place] = readings.readFloatBE(at + 4 + 4 * k);
    }
  }
}
