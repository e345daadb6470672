import { closeSync, fdatasync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Segment } from './segment.js';

const syncFile = promisify(fdatasync);

export interface SegmentWriterOptions {
  readonly folder: string;
  /** A new file begins when the current one is larger. */
  readonly segmentBytes: number;
  readonly nowMs: () => number;
}

/** What was written of a frame could not be taken back: nothing more may be appended behind it. */
export class HalfWritten extends Error {}

/** Appends to the last of a list of segments, and begins new ones at its end. */
export class SegmentWriter {
  private active: { fd: number; segment: Segment } | null = null;
  /** Files that are full and not durable yet. */
  private readonly ended: number[] = [];
  private nameIsNew = false;

  constructor(
    private readonly options: SegmentWriterOptions,
    private readonly segments: Segment[],
  ) {}

  /**
   * Writes at once: what was written outlives this process.
   *
   * @param seq of the entry; names the file that begins with it
   * @throws when the medium refuses (nothing of it is in the file then); HalfWritten when something is
   */
  append(bytes: Buffer, seq: number): void {
    const { fd, segment } = this.writable(seq);
    try {
      let done = 0;
      while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, segment.bytes + done);
    } catch (error) {
      // what was written of it must not lie between two whole entries
      try {
        ftruncateSync(fd, segment.bytes);
      } catch {
        throw new HalfWritten((error as Error).message, { cause: error });
      }
      throw error;
    }
    segment.bytes += bytes.length;
    segment.touchedMs = this.options.nowMs();
  }

  /** @throws when nothing can be appended now */
  probe(seq: number): void {
    const { fd } = this.writable(seq);
    writeSync(fd, Buffer.alloc(4096), 0, 4096, 0);
    ftruncateSync(fd, 0);
  }

  /** Everything appended so far outlives a power cut, the names of new files too. @throws when the medium refuses */
  async sync(): Promise<void> {
    const ended = this.ended.splice(0);
    try {
      for (const fd of ended) await syncFile(fd);
      if (this.active) await syncFile(this.active.fd);
      if (this.nameIsNew) await this.syncFolder();
    } finally {
      for (const fd of ended) closeSync(fd);
    }
  }

  close(): void {
    for (const fd of this.ended.splice(0)) closeSync(fd);
    if (this.active) closeSync(this.active.fd);
    this.active = null;
  }

  private async syncFolder(): Promise<void> {
    const fd = openSync(this.options.folder, 'r');
    try {
      await syncFile(fd);
      this.nameIsNew = false;
    } finally {
      closeSync(fd);
    }
  }

  private writable(seq: number): { fd: number; segment: Segment } {
    const { folder, segmentBytes, nowMs } = this.options;
    if (this.active && this.active.segment.bytes < segmentBytes) return this.active;
    const last = this.segments.at(-1);
    if (!this.active && last && last.bytes < segmentBytes) {
      this.active = { fd: openSync(last.path, 'r+'), segment: last };
      return this.active;
    }
    const path = join(folder, `${String(seq).padStart(16, '0')}.seg`);
    const fd = openSync(path, 'w+', 0o600);
    if (this.active) this.ended.push(this.active.fd);
    this.nameIsNew = true;
    const segment: Segment = { path, firstSeq: seq, bytes: 0, touchedMs: nowMs() };
    this.segments.push(segment);
    this.active = { fd, segment };
    return this.active;
  }
}
