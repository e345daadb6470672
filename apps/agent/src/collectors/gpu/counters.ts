import { metricId } from '@flotilla/domain';
import type { Reading } from '../collector.js';

const ENERGY = metricId('energy');
/** A longer silence than the slowest interval is no span whose happenings could be told of one moment. */
const MAX_GAP_MS = 330_000;

interface Last {
  readonly value: number;
  readonly atMs: number;
}

/** Makes what happened since the sample before out of the driver's running counters, device by device. */
export class CounterBook {
  private readonly last = new Map<string, Map<number, Last>>();

  /**
   * Joules for `energy` (from millijoules), percent of the time for the others (from microseconds). The first reading of a
   * counter, one after a long silence and one after the counter began anew (driver reloaded, GPU reset) gives no value: it
   * is not in the answer. An absence stays one.
   *
   * @param atMs of a clock that does not jump
   */
  since(device: string, atMs: number, counters: ReadonlyMap<number, Reading>): Map<number, Reading> {
    const made = new Map<number, Reading>();
    let known = this.last.get(device);
    if (!known) this.last.set(device, (known = new Map()));
    for (const [metric, reading] of counters) {
      const before = known.get(metric);
      if (typeof reading !== 'number') {
        known.delete(metric);
        made.set(metric, reading);
        continue;
      }
      known.set(metric, { value: reading, atMs });
      if (!before || atMs <= before.atMs || atMs - before.atMs > MAX_GAP_MS || reading < before.value) continue;
      const grown = reading - before.value;
      // microseconds in milliseconds: a tenth of a percent each; the driver's clock and ours differ by a hair
      made.set(metric, metric === ENERGY ? grown / 1000 : Math.min(100, grown / 10 / (atMs - before.atMs)));
    }
    return made;
  }

  forget(device: string): void {
    this.last.delete(device);
  }
}
