import { mkdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { failpoint } from '../failpoint.js';
import { DropLog } from './drop-log.js';
import { encodeEntry } from './entry.js';
import type { DropReason, SpoolEntry } from './entry.js';
import { frame } from './frame.js';
import type { Segment } from './segment.js';
import { endOf, minutesOf, readable, segmentItems, segmentsIn, unreadableUntil } from './segment.js';
import { HalfWritten, SegmentWriter } from './segment-writer.js';
import type { SegmentWriterOptions } from './segment-writer.js';
import type { EntryStore, ReadLimit, Run } from './store.js';
import { placeholder } from './store.js';

export interface DiskStoreOptions extends SegmentWriterOptions {
  readonly epoch: number;
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
  private readonly writer: SegmentWriter;
  private dirty = false;
  private readonly drops: DropLog;
  /** Where the last read ended: reading on costs no search. */
  private cursor: { path: string; offset: number; seq: number } | null = null;

  /** @throws when the folder can neither be made nor read */
  constructor(private readonly options: DiskStoreOptions) {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    this.drops = new DropLog(join(options.folder, 'dropped'));
    this.segments = segmentsIn(options.folder);
    this.writer = new SegmentWriter(options, this.segments);
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
    const seq = this.newestSeq + 1;
    try {
      this.writer.append(frame(encodeEntry(entry)), seq);
    } catch (error) {
      if (error instanceof HalfWritten) this.sealed = true;
      throw error;
    }
    this.dirty = true;
    this.newestSeq = seq;
    failpoint('after-spool-append');
    return seq;
  }

  /** @throws when nothing can be appended now */
  probe(): void {
    this.writer.probe(this.newestSeq + 1);
  }

  async sync(): Promise<void> {
    if (!this.dirty) return;
    const upTo = this.newestSeq;
    this.dirty = false;
    await this.writer.sync();
    this.durableSeq = Math.max(this.durableSeq, upTo);
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
    this.writer.close();
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
    this.drops.correct(ackedSeq);
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
        if (seq === dropped.firstSeq) this.drops.sending(seq);
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
    this.writer.close();
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
