import { decodeEntry, encodeEntry, minuteOf } from './entry.js';
import type { SpoolEntry } from './entry.js';
import type { DroppedRange, EntryStore, ReadLimit, Run } from './store.js';
import { placeholder } from './store.js';

/** Entries in memory, for the time in which the disk takes none: the oldest go when `maxBytes` is reached. */
export class MemoryStore implements EntryStore {
  readonly inMemory = true;
  sealed = false;
  droppedEntries = 0;
  bytes = 0;
  oldestSeq = 1;
  newestSeq = 0;
  /** Encoded, because an object of JavaScript costs several times its bytes; null: dropped. */
  private readonly payloads: (Buffer | null)[] = [];
  private ranges: DroppedRange[] = [];
  /** Everything before was dropped or acknowledged. */
  private firstKept = 1;
  /** What was handed out for sending up to here must read the same when it is sent again. */
  private shownThrough = 0;

  constructor(
    readonly epoch: number,
    private readonly maxBytes: number,
  ) {}

  get durableSeq(): number {
    return this.newestSeq;
  }

  append(entry: SpoolEntry): number {
    const payload = encodeEntry(entry);
    this.payloads.push(payload);
    this.bytes += payload.length;
    this.newestSeq += 1;
    while (this.bytes > this.maxBytes && this.firstKept < this.newestSeq) this.dropOldest();
    return this.newestSeq;
  }

  async sync(): Promise<void> {}

  read(fromSeq: number, limit: ReadLimit): Run | null {
    const firstSeq = Math.max(fromSeq, this.oldestSeq);
    const entries: SpoolEntry[] = [];
    let bytes = 0;
    for (let seq = firstSeq; seq <= this.newestSeq && entries.length < limit.maxEntries; seq++) {
      const payload = this.payloads[seq - this.oldestSeq] ?? null;
      bytes += payload?.length ?? 16;
      if (bytes > limit.maxBytes && entries.length > 0) break;
      entries.push(payload ? decodeEntry(payload) : this.gone(seq));
      this.shownThrough = Math.max(this.shownThrough, seq);
    }
    return entries.length === 0 ? null : { firstSeq, entries };
  }

  ack(throughSeq: number): void {
    const through = Math.min(throughSeq, this.newestSeq);
    if (through < this.oldestSeq) return;
    for (const payload of this.payloads.splice(0, through - this.oldestSeq + 1)) this.bytes -= payload?.length ?? 0;
    this.oldestSeq = through + 1;
    this.firstKept = Math.max(this.firstKept, this.oldestSeq);
    this.ranges = this.ranges.filter((range) => range.lastSeq > through);
  }

  close(): void {}

  private dropOldest(): void {
    const seq = this.firstKept++;
    const payload = this.payloads[seq - this.oldestSeq];
    if (!payload) return;
    this.payloads[seq - this.oldestSeq] = null;
    this.bytes -= payload.length;
    this.droppedEntries += 1;
    const minuteS = minuteOf(decodeEntry(payload)) ?? 0;
    const last = this.ranges.at(-1);
    // days without a disk and without a connection are one range and not a hundred thousand
    if (last && last.lastSeq === seq - 1 && last.firstSeq > this.shownThrough) {
      const from = Math.min(last.fromMinuteS || minuteS, minuteS || last.fromMinuteS);
      this.ranges[this.ranges.length - 1] = {
        ...last,
        lastSeq: seq,
        fromMinuteS: from,
        toMinuteS: Math.max(last.toMinuteS, minuteS),
      };
    } else
      this.ranges.push({ firstSeq: seq, lastSeq: seq, reason: 'degraded', fromMinuteS: minuteS, toMinuteS: minuteS });
  }

  private gone(seq: number): SpoolEntry {
    const range = this.ranges.find((r) => r.firstSeq <= seq && seq <= r.lastSeq);
    return placeholder(range ?? { firstSeq: seq, lastSeq: seq, reason: 'degraded', fromMinuteS: 0, toMinuteS: 0 }, seq);
  }
}
