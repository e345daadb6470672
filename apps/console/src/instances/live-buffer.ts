/** What came by the stream since the charts were loaded, bounded: an open page must not grow. Pure. */

export interface LiveDevice {
  readonly instance_id: number;
  readonly device: string;
  readonly timestamp: string;
  readonly metrics: Readonly<Record<string, number>>;
}

interface Sample {
  readonly at: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Samples of a device that are kept: 15 minutes of one a second. */
export const MOST_SAMPLES = 900;
/** Devices that are kept: what a host can hold with room to spare. */
const MOST_DEVICES = 256;

export class LiveBuffer {
  private readonly devices = new Map<string, Sample[]>();

  /** @returns whether something new came of this instance */
  take(devices: readonly LiveDevice[], instanceId: number): boolean {
    let isNew = false;
    for (const { instance_id, device, timestamp, metrics } of devices) {
      if (instance_id !== instanceId) continue;
      const at = Date.parse(timestamp);
      const samples = this.devices.get(device) ?? [];
      if (Number.isNaN(at) || at <= (samples.at(-1)?.at ?? -Infinity)) continue;
      if (samples.length === 0 && this.devices.size >= MOST_DEVICES) continue;
      samples.push({ at, metrics });
      if (samples.length > MOST_SAMPLES) samples.splice(0, samples.length - MOST_SAMPLES);
      this.devices.set(device, samples);
      isNew = true;
    }
    return isNew;
  }

  /**
   * The values of a metric after a moment: one per step, the mean of what came in it.
   *
   * @param stepMs as the points before them stand
   */
  after(device: string, metric: string, afterMs: number, stepMs: number): { times: number[]; values: number[] } {
    const times: number[] = [];
    const values: number[] = [];
    let n = 0;
    for (const { at, metrics } of this.devices.get(device) ?? []) {
      const value = metrics[metric];
      const step = stepMs <= 1_000 ? at : Math.floor(at / stepMs) * stepMs;
      if (value === undefined || step <= afterMs) continue;
      if (times.at(-1) === step) {
        n += 1;
        values[values.length - 1] = values.at(-1)! + (value - values.at(-1)!) / n;
      } else {
        times.push(step);
        values.push(value);
        n = 1;
      }
    }
    return { times, values };
  }

  get size(): number {
    return [...this.devices.values()].reduce((n, samples) => n + samples.length, 0);
  }
}
