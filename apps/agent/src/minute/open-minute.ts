import type { DeviceMinute } from '@flotilla/domain';

const SECONDS = 60;

/**
 * One minute of one device while it fills: a row of 60 floats for each metric. Kept as it is sent and not as the maps
 * that came: those would live just long enough to be garbage that only a full collection finds, some MB a minute.
 */
export class OpenMinute {
  private readonly rows = new Map<number, Float32Array>();
  private readonly taken = new Uint8Array(SECONDS);

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
    if (values.size === 0 || this.taken[second] !== 0) return false;
    this.taken[second] = 1;
    for (const [metric, value] of values) {
      let row = this.rows.get(metric);
      if (!row) this.rows.set(metric, (row = new Float32Array(SECONDS).fill(Number.NaN)));
      row[second] = value;
    }
    return true;
  }

  get empty(): boolean {
    return this.rows.size === 0;
  }

  /** What the wire and the store take; NaN where a second has no value for a metric. */
  close(): DeviceMinute {
    const seconds = Uint8Array.from([...this.taken.keys()].filter((second) => this.taken[second] === 1));
    const metrics = [...this.rows.keys()].sort((a, b) => a - b);
    const values = new Float32Array(metrics.length * seconds.length);
    metrics.forEach((metric, at) => {
      const row = this.rows.get(metric);
      seconds.forEach((second, column) => (values[at * seconds.length + column] = row?.[second] ?? Number.NaN));
    });
    return { minuteS: this.minuteS, intervalS: this.intervalS, metrics, seconds, values };
  }
}
