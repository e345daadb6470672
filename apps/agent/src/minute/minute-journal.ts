import { closeSync, fdatasync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../log.js';
import { frame, wholeFrames } from '../spool/frame.js';
import { decodeSample, encodeSample } from './journalled-sample.js';
import type { JournalledSample } from './journalled-sample.js';

export type { JournalledSample } from './journalled-sample.js';

/**
 * The minutes that are not closed yet, on disk: one small file a minute, a frame a sample.
 *
 * Each sample is written at once, so a killed agent loses none; `sync` makes the files durable every few seconds, so a
 * power cut loses at most the seconds since. A disk that takes nothing costs the safety, never the sample.
 */
export class MinuteJournal {
  private readonly files = new Map<number, number>();
  private readonly dirty = new Set<number>();
  private broken = false;

  constructor(
    private readonly folder: string,
    private readonly log: Log,
  ) {}

  write(sample: JournalledSample): void {
    try {
      const fd = this.file(sample.minuteS);
      writeSync(fd, frame(encodeSample(sample)));
      this.dirty.add(fd);
      this.broken = false;
    } catch (error) {
      if (!this.broken) this.log.warn({ err: error }, 'the open minute cannot be journalled; a crash would lose it');
      this.broken = true;
    }
  }

  sync(): void {
    for (const fd of this.dirty) fdatasync(fd, () => {});
    this.dirty.clear();
  }

  /** The minute is safe elsewhere. */
  forget(minuteS: number): void {
    const fd = this.files.get(minuteS);
    this.files.delete(minuteS);
    try {
      if (fd !== undefined) {
        this.dirty.delete(fd);
        closeSync(fd);
      }
      rmSync(this.path(minuteS), { force: true });
    } catch {
      // it is sent a second time after a restart, and absorbed
    }
  }

  /** What an earlier run left, whole samples only; never throws. */
  recover(): JournalledSample[] {
    const samples: JournalledSample[] = [];
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      for (const name of readdirSync(this.folder).sort()) {
        const minuteS = Number(/^(\d+)\.open$/.exec(name)?.[1] ?? Number.NaN);
        if (Number.isSafeInteger(minuteS)) samples.push(...samplesOf(minuteS, readFileSync(join(this.folder, name))));
      }
    } catch (error) {
      this.log.warn({ err: error }, 'the journal of the open minute cannot be read; that minute is lost');
    }
    return samples;
  }

  close(): void {
    for (const fd of this.files.values()) closeSync(fd);
    this.files.clear();
    this.dirty.clear();
  }

  private file(minuteS: number): number {
    let fd = this.files.get(minuteS);
    if (fd === undefined) {
      fd = openSync(this.path(minuteS), 'a', 0o600);
      this.files.set(minuteS, fd);
    }
    return fd;
  }

  private path(minuteS: number): string {
    return join(this.folder, `${minuteS}.open`);
  }
}

const samplesOf = (minuteS: number, bytes: Buffer): JournalledSample[] =>
  wholeFrames(bytes).payloads.flatMap((payload) => decodeSample(minuteS, payload) ?? []);
