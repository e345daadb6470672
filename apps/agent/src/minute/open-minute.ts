import type { DeviceMinute } from '@flotilla/domain';

/** One minute of one device while it fills. */
export class OpenMinute {
  /** second → metric → value */
  private readonly slots = new Map<number, ReadonlyMap<number, number>>();

  constructor(
    readonly minuteS: number,
    private readonly intervalS: number,
  ) {}

  /**
   * @param second 0 to 59
   * @param values finite numbers by metric; what has no value is not in it
   * @returns false when that second has a sample already: the first one wins
   */
  add(second: number, values: ReadonlyMap<number, number>): boolean {
    if (values.size === 0 || this.slots.has(second)) return false;
    this.slots.set(second, values);
    return true;
  }

  get empty(): boolean {
    return this.slots.size === 0;
  }

  /** What the wire and the store take; NaN where a second has no value for a metric. */
  close(): DeviceMinute {
    const seconds = Uint8Array.from([...this.slots.keys()].sort((a, b) => a - b));
    const known = new Set<number>();
    for (const values of this.slots.values()) for (const metric of values.keys()) known.add(metric);
    const metrics = [...known].sort((a, b) => a - b);
    const values = new Float32Array(metrics.length * seconds.length).fill(Number.NaN);
    seconds.forEach((second, column) => {
      const slot = this.slots.get(second);
      metrics.forEach((metric, row) => {
        const value = slot?.get(metric);
        if (value !== undefined) values[row * seconds.length + column] = value;
      });
    });
    return { minuteS: this.minuteS, intervalS: this.intervalS, metrics, seconds, values };
  }
}
