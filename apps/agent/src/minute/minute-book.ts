import type { Clock } from '../clock.js';
import type { Reading } from '../collectors/collector.js';
import { failpoint } from '../failpoint.js';
import type { MinuteEntry } from '../spool/entry.js';
import type { JournalledSample, MinuteJournal } from './minute-journal.js';
import { OpenMinute } from './open-minute.js';
import type { ServerClock } from './server-clock.js';

/** A minute stays open this long after its end, for samples that are on their way. */
const GRACE_S = 5;
/** What is read once a minute, or every five, stays the newest until the next reading should have come. */
const NEWEST_FOR_MS = 330_000;

/** The newest values of one device. */
export interface Newest {
  readonly device: string;
  /** Unix milliseconds, corrected: of the newest sample. Values that are read less often may be five minutes older. */
  readonly atMs: number;
  readonly values: ReadonlyMap<number, number>;
}

export interface MinuteBookOptions {
  readonly clock: Clock;
  readonly serverClock: ServerClock;
  readonly journal: MinuteJournal;
  /** Seconds between two fdatasync of the journal (default 5): a power cut loses at most these of the open minute. */
  readonly fsyncS?: number;
  /** Takes closed minutes; resolves when they are as safe as they can be. */
  readonly keep: (minutes: readonly MinuteEntry[]) => Promise<void>;
}

/** Fills one minute per device and closes it; holds the newest values for the live lane. */
export class MinuteBook {
  /** Seconds between two samples, as configured now. */
  intervalS = 5;
  private readonly open = new Map<number, { closeAtMs: number; devices: Map<string, OpenMinute> }>();
  private readonly newest = new Map<string, { atMs: number; values: Map<number, { value: number; atMs: number }> }>();
  private readonly changed = new Set<string>();
  private sinceSync = 0;

  constructor(private readonly options: MinuteBookOptions) {}

  /** Takes up what an earlier run left open; what is over is closed with the next `tick`. */
  recover(): JournalledSample[] {
    const samples = this.options.journal.recover();
    for (const sample of samples) {
      this.slot(sample.minuteS, sample.device, sample.intervalS).add(sample.second, sample.values);
    }
    return samples;
  }

  /**
   * @param hostMs the host's own clock at the reading
   * @param intervalS seconds between two readings of this device where that is not the agent's interval
   */
  sample(
    device: string,
    hostMs: number,
    readings: ReadonlyMap<number, Reading>,
    intervalS: number = this.intervalS,
  ): void {
    const values = new Map<number, number>();
    for (const [metric, value] of readings) {
      if (typeof value === 'number' && Number.isFinite(Math.fround(value))) values.set(metric, value);
    }
    if (values.size === 0) return;
    const atMs = this.options.serverClock.correct(hostMs);
    this.noteNewest(device, atMs, readings, values);
    const atS = Math.floor(atMs / 1000);
    const minuteS = Math.floor(atS / 60) * 60;
    const second = atS - minuteS;
    if (this.slot(minuteS, device, intervalS).add(second, values)) {
      this.options.journal.write({ device, minuteS, second, intervalS, values });
    }
  }

  /** Closes what is over; call it about once a second. */
  async tick(): Promise<void> {
    this.sinceSync += 1;
    if (this.sinceSync >= (this.options.fsyncS ?? 5)) {
      this.sinceSync = 0;
      this.options.journal.sync();
    }
    const nowMs = this.options.serverClock.nowMs();
    await this.close([...this.open].filter(([, minute]) => minute.closeAtMs <= nowMs).map(([minuteS]) => minuteS));
  }

  /** Closes everything, also what is not over: the agent stops. The rest of the minute is merged after a restart. */
  closeAll(): Promise<void> {
    return this.close([...this.open.keys()]);
  }

  /** The newest values of the devices that reported since the last call. */
  takeChanged(): Newest[] {
    const taken = [...this.changed].flatMap((device): Newest[] => {
      const newest = this.newest.get(device);
      if (!newest) return [];
      const values = new Map([...newest.values].map(([metric, { value }]) => [metric, value]));
      return [{ device, atMs: newest.atMs, values }];
    });
    this.changed.clear();
    return taken;
  }

  /** A metric that has no value any more leaves; one that was not asked for this time stays for a while. */
  private noteNewest(
    device: string,
    atMs: number,
    readings: ReadonlyMap<number, Reading>,
    present: ReadonlyMap<number, number>,
  ): void {
    let newest = this.newest.get(device);
    if (!newest) this.newest.set(device, (newest = { atMs, values: new Map() }));
    newest.atMs = atMs;
    for (const [metric, value] of present) {
      const known = newest.values.get(metric);
      if (known) {
        known.value = value;
        known.atMs = atMs;
      } else newest.values.set(metric, { value, atMs });
    }
    for (const [metric, known] of newest.values) {
      if (known.atMs === atMs) continue;
      if (readings.has(metric) || atMs - known.atMs > NEWEST_FOR_MS) newest.values.delete(metric);
    }
    this.changed.add(device);
  }

  private async close(minutes: number[]): Promise<void> {
    minutes.sort((a, b) => a - b);
    for (const minuteS of minutes) {
      const minute = this.open.get(minuteS);
      if (!minute) continue;
      this.open.delete(minuteS);
      const entries = [...minute.devices].map(([device, open]): MinuteEntry => ({
        kind: 'minute',
        device,
        minute: open.close(),
      }));
      await this.options.keep(entries.filter((entry) => entry.minute.seconds.length > 0));
      failpoint('after-minute-close');
      // a late sample may have opened it again meanwhile: its journal must stay
      if (!this.open.has(minuteS)) this.options.journal.forget(minuteS);
    }
  }

  private slot(minuteS: number, device: string, intervalS: number): OpenMinute {
    let minute = this.open.get(minuteS);
    if (!minute) {
      const soonest = this.options.serverClock.nowMs() + GRACE_S * 1000;
      const closeAtMs = (minuteS + 60 + GRACE_S) * 1000;
      // one that is over already (late samples) stays open as long for the others that come with them
      minute = { closeAtMs: closeAtMs < soonest - GRACE_S * 1000 ? soonest : closeAtMs, devices: new Map() };
      this.open.set(minuteS, minute);
    }
    let open = minute.devices.get(device);
    if (!open) {
      open = new OpenMinute(minuteS, intervalS);
      minute.devices.set(device, open);
    }
    return open;
  }
}
