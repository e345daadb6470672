import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { MAX_GAP_SECONDS } from '@flotilla/domain';
import type { Log } from '../log.js';
import { frame, wholeFrames } from '../spool/frame.js';

const KEEP_MINUTES = 24 * 60;

export type IdleAnswer = { readonly idle: true } | { readonly idle: false; readonly reason: string };

/**
 * How busy each GPU was in each of the last 24 hours' minutes (the highest reading of the minute), so that the host
 * itself can say whether it is still idle when it is told to stop.
 *
 * Missing data is never idleness: what the agent did not see, it does not vouch for. Survives a restart.
 */
export class Activity {
  /** device → minute → highest percent */
  private readonly devices = new Map<string, Map<number, number>>();

  constructor(
    private readonly path: string,
    private readonly log: Log,
  ) {}

  /** Reads what earlier runs saw and rewrites the file without what is too old. */
  load(nowMs: number): void {
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      for (const payload of wholeFrames(readFileSync(this.path)).payloads) {
        const [minuteS, readings] = JSON.parse(payload.toString()) as [number, [string, number][]];
        for (const [device, percent] of readings) this.note(device, minuteS * 1000, percent);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.log.warn({ err: error }, 'the record of recent GPU activity cannot be read; idleness has to be seen anew');
      }
    }
    this.forgetBefore(nowMs / 1000 - KEEP_MINUTES * 60);
    const minutes = new Set([...this.devices.values()].flatMap((seen) => [...seen.keys()]));
    try {
      const frames = [...minutes].sort((a, b) => a - b).map((minuteS) => this.frameOf(minuteS));
      writeFileSync(`${this.path}.new`, Buffer.concat(frames), { mode: 0o600 });
      renameSync(`${this.path}.new`, this.path);
    } catch (error) {
      this.log.warn({ err: error }, 'the record of recent GPU activity cannot be written');
    }
  }

  /** @param percent how busy the GPU was at `atMs` (corrected), 0 to 100 */
  note(device: string, atMs: number, percent: number): void {
    const minuteS = Math.floor(atMs / 60_000) * 60;
    let seen = this.devices.get(device);
    if (!seen) this.devices.set(device, (seen = new Map()));
    seen.set(minuteS, Math.max(seen.get(minuteS) ?? 0, percent));
    if (seen.size > KEEP_MINUTES + 60) this.forgetBefore(minuteS - KEEP_MINUTES * 60);
  }

  /** A minute is over: puts it on disk. Without that a restart only means that idleness has to be seen anew. */
  keep(minuteS: number): void {
    try {
      appendFileSync(this.path, this.frameOf(minuteS), { mode: 0o600 });
    } catch {
      // said at the start already; the spool says it when the disk is full
    }
  }

  /**
   * Has every GPU been below `belowPercent` from `sinceMs` until now, without a gap over three minutes?
   *
   * @param present the GPUs that are here now: each of them has to be vouched for, also one that never had a reading
   */
  idleSince(sinceMs: number, belowPercent: number, nowMs: number, present: readonly string[] = []): IdleAnswer {
    const sinceS = Math.ceil(sinceMs / 60_000) * 60;
    const devices = new Map<string, readonly number[]>(present.map((device) => [device, []]));
    for (const [device, seen] of this.devices) {
      const minutes = [...seen.keys()].filter((minuteS) => minuteS >= sinceS - 60).sort((a, b) => a - b);
      // where there is nothing newer, the minute before has to speak
      if (minutes.length > 0) devices.set(device, minutes.length > 1 ? minutes.filter((at) => at >= sinceS) : minutes);
    }
    if (devices.size === 0) {
      return { idle: false, reason: `no GPU of this host reported how busy it is since ${iso(sinceMs)}` };
    }
    for (const [device, minutes] of devices) {
      if (minutes.length === 0) return { idle: false, reason: gap(device, sinceS, Math.floor(nowMs / 1000)) };
      let coveredS = sinceS;
      for (const minuteS of minutes) {
        const percent = this.devices.get(device)?.get(minuteS) ?? 100;
        if (percent >= belowPercent) {
          const reason = `${device} was at ${round(percent)} % in the minute ${iso(minuteS * 1000)}, not below ${round(belowPercent)} %`;
          return { idle: false, reason };
        }
        if (minuteS - coveredS > MAX_GAP_SECONDS) return { idle: false, reason: gap(device, coveredS, minuteS) };
        coveredS = minuteS + 60;
      }
      if (nowMs / 1000 - coveredS > MAX_GAP_SECONDS) {
        return { idle: false, reason: gap(device, coveredS, Math.floor(nowMs / 1000)) };
      }
    }
    return { idle: true };
  }

  private frameOf(minuteS: number): Buffer {
    const readings = [...this.devices].flatMap(([device, seen]) => {
      const percent = seen.get(minuteS);
      return percent === undefined ? [] : [[device, percent]];
    });
    return frame(Buffer.from(JSON.stringify([minuteS, readings])));
  }

  private forgetBefore(minuteS: number): void {
    for (const [device, seen] of this.devices) {
      for (const at of seen.keys()) if (at < minuteS) seen.delete(at);
      if (seen.size === 0) this.devices.delete(device);
    }
  }
}

const iso = (ms: number) => new Date(ms).toISOString();
const round = (percent: number) => Math.round(percent * 10) / 10;
const gap = (device: string, fromS: number, toS: number) =>
  `${device} was not watched from ${iso(fromS * 1000)} to ${iso(toS * 1000)}, so nobody knows whether it was idle`;
