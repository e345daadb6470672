import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEntry, minuteOf } from './entry.js';
import type { SpoolEntry } from './entry.js';
import { frameAt, FRAME_HEADER, MAX_FRAME } from './frame.js';

/** One file of the spool; its name is its first sequence number. */
export interface Segment {
  readonly path: string;
  readonly firstSeq: number;
  bytes: number;
  /** Unix milliseconds of the last append. */
  touchedMs: number;
}

export interface SegmentItem {
  readonly seq: number;
  /** null: damaged. */
  readonly payload: Buffer | null;
  /** Offset of the byte after it. */
  readonly next: number;
}

const CHUNK = 256 * 1024;

/**
 * Reads a segment from `offset`, whose item has the number `seq`, in small chunks. A damaged item whose length can be
 * believed (the next one is whole) is handed out as null; otherwise reading ends there.
 *
 * @param size bytes that count; what lies behind is being written
 * @throws when the file cannot be opened or read
 */
export function* segmentItems(path: string, size: number, offset: number, seq: number): Generator<SegmentItem> {
  const fd = openSync(path, 'r');
  try {
    let base = offset;
    let want = CHUNK;
    while (base < size) {
      const bytes = readRange(fd, base, Math.min(want, size - base));
      const atEnd = base + bytes.length >= size || bytes.length === 0;
      let at = 0;
      for (;;) {
        const found = frameAt(bytes, at);
        if (found.kind === 'frame') {
          yield { seq: seq++, payload: found.payload, next: base + found.next };
          at = found.next;
        } else if (found.kind === 'damaged' && found.next !== null && followedByWhole(bytes, found.next, atEnd)) {
          yield { seq: seq++, payload: null, next: base + found.next };
          at = found.next;
        } else if (found.kind === 'damaged') {
          return;
        } else break;
      }
      if (atEnd) return;
      want = at === 0 ? Math.min(want * 2, FRAME_HEADER + MAX_FRAME) : CHUNK;
      base += at;
    }
  } finally {
    closeSync(fd);
  }
}

function followedByWhole(bytes: Buffer, next: number, atEnd: boolean): boolean {
  const after = frameAt(bytes, next);
  return after.kind === 'frame' || (after.kind === 'end' && atEnd) || (after.kind !== 'damaged' && !atEnd);
}

function readRange(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let got = 0;
  while (got < length) {
    const n = readSync(fd, bytes, got, length - got, position + got);
    if (n === 0) break;
    got += n;
  }
  return bytes.subarray(0, got);
}

/** The entry, or null when it is damaged or of another format. */
export function readable(payload: Buffer | null): SpoolEntry | null {
  try {
    return payload ? decodeEntry(payload) : null;
  } catch {
    return null;
  }
}

/**
 * Up to which number a segment is unreadable when `seq` is: it alone where a following one can be read, otherwise the
 * rest of the segment, which ends before `end`.
 */
export function unreadableUntil(segment: Segment, seq: number, end: number): number {
  try {
    for (const item of segmentItems(segment.path, segment.bytes, 0, segment.firstSeq)) {
      if (item.seq > seq && readable(item.payload)) return item.seq - 1;
    }
  } catch {
    // the whole file
  }
  return end - 1;
}

/** The first and the last minute of the entries from `firstSeq` on; 0 when nothing tells. */
export function minutesOf(segment: Segment, firstSeq: number): { from: number; to: number } {
  let from = 0;
  let to = 0;
  try {
    for (const item of segmentItems(segment.path, segment.bytes, 0, segment.firstSeq)) {
      const entry = item.seq >= firstSeq ? readable(item.payload) : null;
      const minuteS = entry ? minuteOf(entry) : null;
      if (minuteS === null) continue;
      from = from === 0 ? minuteS : Math.min(from, minuteS);
      to = Math.max(to, minuteS);
    }
  } catch {
    // what cannot be read has no known time
  }
  return { from, to };
}

/** The segments of a folder in their order. @throws when it cannot be read */
export function segmentsIn(folder: string): Segment[] {
  const names = readdirSync(folder).filter((name) => /^\d{16}\.seg$/.test(name));
  return names.sort().map((name) => {
    const path = join(folder, name);
    const { size, mtimeMs } = statSync(path);
    return { path, firstSeq: Number(name.slice(0, 16)), bytes: size, touchedMs: mtimeMs };
  });
}

/** The last entry that can be read, and the offset behind it. */
export function endOf(segment: Segment): { seq: number; end: number } {
  let last = { seq: segment.firstSeq - 1, end: 0 };
  for (const item of segmentItems(segment.path, segment.bytes, 0, segment.firstSeq)) {
    last = { seq: item.seq, end: item.next };
  }
  return last;
}
