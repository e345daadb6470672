import { metricById } from './catalogue.js';
import { SLOTS } from './device-minute.js';
import type { DeviceMinute } from './device-minute.js';
import { metricRange } from './metric-range.js';

/** A minute as the protocol carries it (proto DeviceMinute): columns as bytes, little-endian whatever the machine. */
export interface WireMinute {
  readonly minuteS: number;
  readonly intervalS: number;
  readonly metrics: readonly number[];
  readonly seconds: Uint8Array;
  readonly values: Uint8Array;
}

/** A minute that can be stored, and what had to be left out of it. */
export interface ReadMinute {
  readonly minute: DeviceMinute;
  /** Catalogue numbers that this control plane does not know (a newer agent): their values are left out. */
  readonly unknownMetrics: readonly number[];
  /** Readings that no sensor can give (107 % busy, −3 W): taken as missing. The first one, in words. */
  readonly outOfRange: number;
  readonly firstOutOfRange: string | null;
}

/** More rows than the catalogue will ever have: a bomb, not a minute. */
const METRICS_MAX = 256;
/** 1970 to 2100, in seconds: what can be a minute at all. */
const MINUTE_MAX = 4_102_444_800;
/** A day: a slower source is not a source. */
const INTERVAL_MAX = 86_400;

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** float32 values as little-endian bytes. */
export function packFloats(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
  return LITTLE_ENDIAN ? bytes : swapEndianness(bytes);
}

/** The inverse of packFloats. @throws RangeError when the length is no multiple of four */
export function unpackFloats(bytes: Uint8Array): Float32Array {
  if (bytes.byteLength % 4 !== 0) throw new RangeError(`${bytes.byteLength} bytes are no whole number of float32`);
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return new Float32Array((LITTLE_ENDIAN ? copy : swapEndianness(copy)).buffer);
}

/** A minute for the wire. */
export function packMinute(minute: DeviceMinute): WireMinute {
  return {
    minuteS: minute.minuteS,
    intervalS: minute.intervalS,
    metrics: [...minute.metrics],
    seconds: minute.seconds.slice(),
    values: packFloats(minute.values),
  };
}

/**
 * Reads a minute that came over the wire.
 *
 * NaN is "no value". An unknown metric and a reading outside its metric's range are left out and told; anything that
 * makes the whole minute doubtful is an error: lengths that do not fit, an order that is none, ±Infinity (also what a
 * double such as 1e308 becomes).
 *
 * @returns a sentence instead of a minute when it cannot be taken
 */
export function unpackMinute(wire: WireMinute): ReadMinute | string {
  const fault = faultOf(wire);
  if (fault !== null) return fault;
  return screen({
    minuteS: wire.minuteS,
    intervalS: wire.intervalS,
    metrics: wire.metrics,
    seconds: wire.seconds,
    values: unpackFloats(wire.values),
  });
}

/** The same for a minute that was put together in the house (POST /sync): lengths and order are the caller's duty. */
export function screen(minute: DeviceMinute): ReadMinute | string {
  const { metrics, seconds, values } = minute;
  const width = seconds.length;
  let outOfRange = 0;
  let firstOutOfRange: string | null = null;
  let unknown: number[] | undefined;
  for (let m = 0; m < metrics.length; m++) {
    const id = metrics[m]!;
    const range = metricRange(id);
    if (!range) {
      (unknown ??= []).push(id);
      continue;
    }
    const { from, to } = range;
    const end = (m + 1) * width;
    for (let i = m * width; i < end; i++) {
      const value = values[i]!;
      // also true for NaN, which is the common absence
      if (value >= from && value <= to) continue;
      if (value !== value) continue;
      if (value === Infinity || value === -Infinity) {
        return `${nameOf(id)} is not a finite number in second ${seconds[i - m * width]}`;
      }
      outOfRange++;
      firstOutOfRange ??= `${nameOf(id)} is ${value} in second ${seconds[i - m * width]}, possible is ${from} to ${to}`;
      values[i] = NaN;
    }
  }
  return {
    minute: unknown ? withoutMetrics(minute, new Set(unknown)) : minute,
    unknownMetrics: unknown ?? [],
    outOfRange,
    firstOutOfRange,
  };
}

function faultOf(wire: WireMinute): string | null {
  const { minuteS, intervalS, metrics, seconds, values } = wire;
  if (!Number.isInteger(minuteS) || minuteS < 0 || minuteS > MINUTE_MAX) return `${minuteS} is no time`;
  if (minuteS % 60 !== 0) return `${minuteS} is not the start of a minute`;
  if (!(intervalS >= 0 && intervalS <= INTERVAL_MAX)) return `an interval of ${intervalS} s is not possible`;
  if (metrics.length === 0) return 'the minute has no metrics';
  if (metrics.length > METRICS_MAX) return `${metrics.length} metrics are more than ${METRICS_MAX}`;
  if (seconds.length === 0) return 'the minute has no samples';
  if (seconds.length > SLOTS) return `${seconds.length} samples are more than a minute has seconds`;
  if (values.length !== metrics.length * seconds.length * 4) {
    return `${values.length} bytes of values do not fit ${metrics.length} metrics × ${seconds.length} seconds × 4`;
  }
  for (let i = 0; i < seconds.length; i++) {
    if (seconds[i]! >= SLOTS) return `${seconds[i]} is no second of a minute`;
    if (i > 0 && seconds[i]! <= seconds[i - 1]!) return 'the seconds are not in ascending order';
  }
  for (let i = 0; i < metrics.length; i++) {
    if (!Number.isInteger(metrics[i]) || metrics[i]! < 1 || metrics[i]! > 32_767)
      return `${metrics[i]} is no metric number`;
    if (i > 0 && metrics[i]! <= metrics[i - 1]!) return 'the metrics are not in ascending order';
  }
  return null;
}

function withoutMetrics(minute: DeviceMinute, left: ReadonlySet<number>): DeviceMinute {
  const width = minute.seconds.length;
  const kept = minute.metrics.map((id, row) => ({ id, row })).filter(({ id }) => !left.has(id));
  const values = new Float32Array(kept.length * width);
  kept.forEach(({ row }, at) => values.set(minute.values.subarray(row * width, (row + 1) * width), at * width));
  return { ...minute, metrics: kept.map(({ id }) => id), values };
}

const nameOf = (id: number) => metricById(id)?.name ?? `metric ${id}`;

function swapEndianness(bytes: Uint8Array): Uint8Array {
  for (let i = 0; i < bytes.length; i += 4) bytes.subarray(i, i + 4).reverse();
  return bytes;
}
