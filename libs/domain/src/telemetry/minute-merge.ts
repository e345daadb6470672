import type { DeviceMinute } from './device-minute.js';

/** What a second report of a minute added. All counts are values: one metric in one second. */
export interface MergedMinute {
  readonly minute: DeviceMinute;
  readonly accepted: number;
  /** The same value was there already. */
  readonly duplicates: number;
  /** Another value was there already; it stays. */
  readonly conflicts: number;
}

/**
 * Brings two reports of the same minute of the same device together.
 *
 * The first value of a second wins, so that a repeated delivery can never change history; an equal one is a duplicate,
 * a different one a conflict. NaN fills nothing. The interval of the stored report stays unless it was unknown.
 *
 * @throws RangeError when the two are not the same minute (a bug in the caller)
 */
export function mergeMinutes(stored: DeviceMinute, incoming: DeviceMinute): MergedMinute {
  if (stored.minuteS !== incoming.minuteS) {
    throw new RangeError(`minutes ${stored.minuteS} and ${incoming.minuteS} are not the same`);
  }
  const metrics = [...new Set([...stored.metrics, ...incoming.metrics])].sort((a, b) => a - b);
  const seconds = Uint8Array.from(new Set([...stored.seconds, ...incoming.seconds])).sort();
  const values = new Float32Array(metrics.length * seconds.length).fill(NaN);
  place(values, metrics, seconds, stored, (at, value) => {
    values[at] = value;
  });
  let accepted = 0;
  let duplicates = 0;
  let conflicts = 0;
  place(values, metrics, seconds, incoming, (at, value) => {
    const first = values[at]!;
    if (Number.isNaN(first)) {
      values[at] = value;
      accepted++;
    } else if (first === value) duplicates++;
    else conflicts++;
  });
  return {
    minute: { minuteS: stored.minuteS, intervalS: stored.intervalS || incoming.intervalS, metrics, seconds, values },
    accepted,
    duplicates,
    conflicts,
  };
}

/** How many values a minute has: NaN is none. */
export function countValues(minute: DeviceMinute): number {
  let count = 0;
  for (let i = 0; i < minute.values.length; i++) if (!Number.isNaN(minute.values[i])) count++;
  return count;
}

function place(
  target: Float32Array,
  metrics: readonly number[],
  seconds: Uint8Array,
  from: DeviceMinute,
  put: (at: number, value: number) => void,
): void {
  const columns = Array.from(from.seconds, (second) => seconds.indexOf(second));
  for (let m = 0; m < from.metrics.length; m++) {
    const row = metrics.indexOf(from.metrics[m]!) * seconds.length;
    for (let s = 0; s < columns.length; s++) {
      const value = from.values[m * columns.length + s]!;
      if (!Number.isNaN(value)) put(row + columns[s]!, value);
    }
  }
}
