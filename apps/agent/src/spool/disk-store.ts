import { closeSync, fdatasync, ftruncateSync, mkdirSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { failpoint } from '../failpoint.js';
import { DropLog } from './drop-log.js';
import { encodeEntry } from './entry.js';
import type { DropReason, SpoolEntry } from './entry.js';
import { frame } from './frame.js';
import type { Segment } from './segment.js';
import { endOf, minutesOf, readable, segmentItems, segmentsIn, unreadableUntil } from './segment.js';
import type { EntryStore, ReadLimit, Run } from './store.js';
import { placeholder } from './store.js';

const syncFile = promisify(fdatasync);

export interface DiskStoreOptions {
  readonly folder: string;
  readonly epoch: number;
  /** A new file begins when the current one is larger. */
  readonly segmentBytes: number;
  readonly nowMs: () => number;
}

/**
 * A sequence of entries in append-only files.
 *
 * Appending writes at once (a killed process loses nothing that it appended) and `sync` makes it durable in a group; a
 * power cut loses at most what was appended since the last `sync`. Nothing is handed out for sending before that,
 * otherwise a sequence number could be given twice after the cut.
 */
export class DiskStore implements EntryStore {
  readonly inMemory = false;
  sealed = false;
  newestSeq = 0;
  durableSeq = 0;
  private ackedSeq = 0;
  private readonly segments: Segment[];
  private active: { fd: number; segment: Segment } | null = null;
  private dirty = false;
  /** Files that are full and not durable yet. */
  private readonly ended: number[] = [];
  private nameIsNew = false;
  private readonly drops: DropLog;
  /** Where the last read ended: reading on costs no search. */
  private cursor: { path: string; offset: number; seq: number } | null = null;

  /** @throws when the folder can neither be made nor read */
  constructor(private readonly options: DiskStoreOptions) {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    this.drops = new DropLog(join(options.folder, 'dropped'));
    this.segments = segmentsIn(options.folder);
    this.recoverTail();
    const first = this.segments[0]?.firstSeq ?? 1;
    this.ackedSeq = Math.min(first, this.drops.firstSeq ?? first) - 1;
    this.durableSeq = this.newestSeq;
  }

  get epoch(): number {
    return this.options.epoch;
  }

  get oldestSeq(): number {
    return this.ackedSeq + 1;
  }

  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  get droppedEntries(): number {
    return this.drops.entries;
  }

  append(entry: SpoolEntry): number {
    const bytes = frame(encodeEntry(entry));
    const { fd, segment } = this.writable();
    try {
      let done = 0;
      while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, segment.bytes + done);
    } catch (error) {
      // what was written of it must not lie between two whole entries
      try {
        ftruncateSync(fd, segment.bytes);
      } catch {
        this.sealed = true;
      }
      throw error;
    }
    segment.bytes += bytes.length;
    segment.touchedMs = this.options.nowMs();
    this.dirty = true;
    this.newestSeq += 1;
    failpoint('after-spool-append');
    return this.newestSeq;
  }

  /** @throws when nothing can be appended now */
  probe(): void {
    const { fd } = this.writable();
    writeSync(fd, Buffer.alloc(4096), 0, 4096, 0);
    ftruncateSync(fd, 0);
  }

  async sync(): Promise<void> {
    if (!this.dirty) return;
    const upTo = this.newestSeq;
    const ended = this.ended.splice(0);
    this.dirty = false;
    try {
      for (const fd of ended) await syncFile(fd);
      if (this.active) await syncFile(this.active.fd);
      if (this.nameIsNew) await this.syncFolder();
      this.durableSeq = Math.max(this.durableSeq, upTo);
    } finally {
      for (const fd of ended) closeSync(fd);
    }
  }

  /**
   * Seals the store and takes out what is not durable: it may not be sent under these sequence numbers, because after
   * a crash they could be given again. Entries that cannot be read back are lost and counted.
   */
  takeUnsynced(): { entries: SpoolEntry[]; lost: number } {
    this.sealed = true;
    const durable = this.durableSeq;
    const appended = this.newestSeq - durable;
    const entries: SpoolEntry[] = [];
    this.durableSeq = this.newestSeq;
    try {
      for (;;) {
        const run = this.read(durable + 1 + entries.length, { maxEntries: 1000, maxBytes: 1 << 20 });
        if (!run) break;
        entries.push(...run.entries);
      }
    } catch {
      // not readable either
    }
    this.newestSeq = this.durableSeq = durable;
    this.roll();
    const kept = entries.filter((entry) => entry.kind !== 'dropped');
    return { entries: kept, lost: appended - kept.length };
  }

  /**
   * Goes on after what the receiver has, which may be before what is kept (a restored server, a lost record of drops).
   *
   * @returns false when the sequences do not belong together: a new one has to begin
   */
  resume(ackedSeq: number): boolean {
    if (ackedSeq > this.newestSeq) return false;
    if (ackedSeq + 1 < this.oldestSeq) {
      if (this.oldestSeq - ackedSeq > 100_000) return false;
      this.ackedSeq = ackedSeq;
      return true;
    }
    this.ack(ackedSeq);
    return true;
  }

  read(fromSeq: number, limit: ReadLimit): Run | null {
    const firstSeq = Math.max(fromSeq, this.oldestSeq);
    const entries: SpoolEntry[] = [];
    let bytes = 0;
    let seq = firstSeq;
    while (seq <= this.durableSeq && entries.length < limit.maxEntries && bytes < limit.maxBytes) {
      const dropped = this.drops.at(seq);
      if (dropped) {
        entries.push(placeholder(dropped, seq++));
        bytes += 16;
        continue;
      }
      const index = this.segments.findLastIndex((segment) => segment.firstSeq <= seq);
      const segment = this.segments[index];
      const end = this.segments[index + 1]?.firstSeq ?? this.newestSeq + 1;
      if (!segment || seq >= end) {
        // no file holds it and no record says why
        this.drops.add(
          seq,
          Math.min(this.durableSeq, (this.segments[index + 1]?.firstSeq ?? seq + 1) - 1),
          'unreadable',
        );
        continue;
      }
      const before = seq;
      for (const item of this.itemsFrom(segment, seq)) {
        if (item.seq > this.durableSeq || item.seq >= end) break;
        const entry = readable(item.payload);
        if (!entry) break;
        entries.push(entry);
        bytes += item.payload?.length ?? 0;
        seq = item.seq + 1;
        this.cursor = { path: segment.path, offset: item.next, seq };
        if (entries.length >= limit.maxEntries || bytes >= limit.maxBytes) break;
      }
      if (seq === before) this.drops.add(seq, Math.max(seq, unreadableUntil(segment, seq, end)), 'unreadable');
    }
    return entries.length === 0 ? null : { firstSeq, entries };
  }

  ack(throughSeq: number): void {
    const through = Math.min(throughSeq, this.newestSeq);
    if (through <= this.ackedSeq) return;
    this.ackedSeq = through;
    failpoint('before-ack-delete');
    while (this.segments.length > 1 && (this.segments[1] as Segment).firstSeq <= through + 1) this.removeFirst();
    this.drops.forget(through);
  }

  /**
   * Drops the oldest file.
   *
   * @returns entries that were not acknowledged and are gone; null when only the current file is left
   */
  dropOldest(reason: DropReason): number | null {
    const [oldest, next] = this.segments;
    if (!oldest || !next) return null;
    const firstSeq = Math.max(oldest.firstSeq, this.ackedSeq + 1);
    const lastSeq = next.firstSeq - 1;
    if (lastSeq >= firstSeq) {
      const minutes = minutesOf(oldest, firstSeq);
      this.drops.add(firstSeq, lastSeq, reason, minutes.from, minutes.to);
      this.removeFirst();
      this.drops.persist();
      return lastSeq - firstSeq + 1;
    }
    this.removeFirst();
    return 0;
  }

  /** Unix milliseconds of the last append to the oldest file, or null when it is the current one. */
  get oldestTouchedMs(): number | null {
    return this.segments.length > 1 ? (this.segments[0] as Segment).touchedMs : null;
  }

  close(): void {
    this.roll();
  }

  private roll(): void {
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

  /** Finds where the sequence ends and cuts what a crash left half written. */
  private recoverTail(): void {
    const last = this.segments.at(-1);
    this.newestSeq = (last?.firstSeq ?? 1) - 1;
    if (!last) return;
    const { seq, end } = endOf(last);
    this.newestSeq = seq;
    if (end < last.bytes) {
      last.bytes = end;
      try {
        truncateSync(last.path, end);
      } catch {
        // a read-only disk: the next append fails too and says so
      }
    }
  }

  private writable(): { fd: number; segment: Segment } {
    if (this.active && this.active.segment.bytes < this.options.segmentBytes) return this.active;
    const last = this.segments.at(-1);
    if (!this.active && last && last.bytes < this.options.segmentBytes) {
      this.active = { fd: openSync(last.path, 'r+'), segment: last };
      return this.active;
    }
    const firstSeq = this.newestSeq + 1;
    const path = join(this.options.folder, `${String(firstSeq).padStart(16, '0')}.seg`);
    const fd = openSync(path, 'w+', 0o600);
    if (this.active) this.ended.push(this.active.fd);
    this.nameIsNew = true;
    const segment: Segment = { path, firstSeq, bytes: 0, touchedMs: this.options.nowMs() };
    this.segments.push(segment);
    this.active = { fd, segment };
    return this.active;
  }

  private *itemsFrom(segment: Segment, seq: number) {
    const at = this.cursor?.path === segment.path && this.cursor.seq === seq ? this.cursor : null;
    const items = segmentItems(segment.path, segment.bytes, at?.offset ?? 0, at?.seq ?? segment.firstSeq);
    for (const item of items) if (item.seq >= seq) yield item;
  }

  private removeFirst(): void {
    const [first] = this.segments.splice(0, 1);
    if (first) rmSync(first.path, { force: true });
    if (this.cursor && this.cursor.path === first?.path) this.cursor = null;
  }
}
