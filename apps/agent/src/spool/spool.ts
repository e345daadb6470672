import type { Cancel, Clock } from '../clock.js';
import type { Log } from '../log.js';
import { DiskStore } from './disk-store.js';
import type { SpoolEntry } from './entry.js';
import { newEpoch } from './epoch.js';
import { MemoryStore } from './memory-store.js';
import { SpoolFolder } from './spool-folder.js';
import type { EntryStore, ReadLimit, Run } from './store.js';

export interface SpoolOptions {
  readonly folder: string;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** What may be kept while the disk takes nothing. */
  readonly memoryBytes: number;
  /**
   * Milliseconds between an append and its fdatasync (default 20): what was appended meanwhile is made durable together, a
   * power cut loses at most that, and nothing is sent before. 0: at once. A killed process loses nothing in either case.
   */
  readonly fsyncMs?: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface SpoolStatus {
  readonly oldestSeq: number;
  readonly newestSeq: number;
  readonly bytes: number;
  readonly droppedEntries: number;
  readonly degraded: boolean;
}

const FSYNC_MS = 20;
const RETRY_DISK_MS = 30_000;
/** A disk that comes and goes must not leave a chain of stores behind. */
const MAX_STORES = 4;

/**
 * What waits to be sent: a chain of sequences. The last one takes what is appended, the first one is being sent; there
 * is more than one only after the disk failed or came back, since each change of the medium begins a new wal_epoch (so
 * that a sequence number given in memory is never given again on disk).
 *
 * Nothing here throws at its caller: a full, read-only or broken disk makes the spool `degraded` (memory only).
 */
export class Spool {
  private readonly folder: SpoolFolder;
  private stores: [EntryStore, ...EntryStore[]];
  private pendingSync: Cancel | null = null;
  private syncing: Promise<void> | null = null;
  private retryDiskAtMs = 0;
  private droppedBefore = 0;
  /** Called when more may be sent, or (with true) when the sequence to send is another one. */
  onChange: (epochChanged: boolean) => void = () => {};

  constructor(private readonly options: SpoolOptions) {
    this.folder = new SpoolFolder(options);
    const stores: EntryStore[] = this.folder.open();
    const isKnown = stores.length > 0;
    // a disk that is read-only is known before the first entry, so that the first word to the server says so
    if (isKnown && !this.folder.isWritable) stores.push(this.newMemoryStore('it is read-only'));
    if (!isKnown) stores.push(this.folder.create() ?? this.newMemoryStore('cannot be written'));
    for (const store of stores.slice(0, -1)) store.sealed = true;
    this.stores = stores as unknown as [EntryStore, ...EntryStore[]];
    if (this.tail.inMemory) this.retryDiskAtMs = options.clock.monotonicMs() + RETRY_DISK_MS;
    this.shiftDrained();
  }

  /** The wal_epoch of what is sent now. */
  get epoch(): number {
    return this.stores[0].epoch;
  }

  get status(): SpoolStatus {
    const { oldestSeq, newestSeq } = this.stores[0];
    return {
      oldestSeq: newestSeq < oldestSeq ? 0 : oldestSeq,
      newestSeq,
      bytes: this.stores.reduce((sum, store) => sum + store.bytes, 0),
      droppedEntries: this.droppedBefore + this.stores.reduce((sum, store) => sum + store.droppedEntries, 0),
      degraded: this.tail.inMemory,
    };
  }

  append(entry: SpoolEntry): void {
    const tail = this.tail;
    if (tail instanceof DiskStore) this.appendToDisk(tail, entry);
    else {
      tail.append(entry);
      this.onChange(false);
    }
  }

  /** Entries of the sequence with `epoch` from `fromSeq` on; null when there is nothing to send. */
  read(fromSeq: number, limit: ReadLimit): Run | null {
    try {
      return this.stores[0].read(fromSeq, limit);
    } catch (error) {
      this.options.log.error({ err: error }, 'the spool cannot be read; what is in it stays there');
      return null;
    }
  }

  ack(epoch: number, throughSeq: number): void {
    const [head] = this.stores;
    if (head.epoch !== epoch) return;
    head.ack(throughSeq);
    if (this.shiftDrained()) this.onChange(true);
  }

  /** Goes on after what the control plane has of this epoch. May begin another epoch, then `onChange(true)` is called. */
  resume(ackedSeq: number): void {
    const [head] = this.stores;
    if (head instanceof DiskStore ? head.resume(ackedSeq) : ackedSeq <= head.newestSeq) {
      if (head.inMemory) head.ack(ackedSeq);
      if (this.shiftDrained()) this.onChange(true);
      return;
    }
    this.options.log.warn(
      { acked_seq: ackedSeq, oldest_seq: head.oldestSeq, newest_seq: head.newestSeq },
      'the control plane knows another history of this spool; what is kept here is sent again under a new one',
    );
    this.renumber(head);
    this.onChange(true);
  }

  /** Enforces the caps and tries a failed disk again; call it about once a second. */
  tick(): void {
    const { maxBytes, maxAgeMs, clock, log } = this.options;
    for (const store of this.stores) {
      if (!(store instanceof DiskStore)) continue;
      for (;;) {
        const touched = store.oldestTouchedMs;
        const full = this.status.bytes > maxBytes;
        if (!full && !(touched !== null && touched < clock.nowMs() - maxAgeMs)) break;
        const gone = store.dropOldest(full ? 'full' : 'too_old');
        if (gone === null) break;
        log.warn({ entries: gone, reason: full ? 'full' : 'too_old' }, 'the spool dropped its oldest entries unsent');
      }
    }
    if (this.tail.inMemory && clock.monotonicMs() >= this.retryDiskAtMs && this.stores.length < MAX_STORES) {
      this.retryDiskAtMs = clock.monotonicMs() + RETRY_DISK_MS;
      const disk = this.folder.create();
      if (disk) {
        log.info('the disk takes data again; the spool is back on it');
        this.tail.sealed = true;
        this.stores.push(disk);
        if (this.shiftDrained()) this.onChange(true);
      }
    }
  }

  /** Makes everything appended so far durable. */
  async flush(): Promise<void> {
    this.pendingSync?.();
    this.pendingSync = null;
    while (this.syncing) await this.syncing;
    this.syncing = this.syncTail().finally(() => (this.syncing = null));
    await this.syncing;
  }

  async close(): Promise<void> {
    await this.flush();
    for (const store of this.stores) store.close();
  }

  private get tail(): EntryStore {
    return this.stores.at(-1) as EntryStore;
  }

  private appendToDisk(disk: DiskStore, entry: SpoolEntry): void {
    for (;;) {
      try {
        disk.append(entry);
        this.pendingSync ??= this.options.clock.after(this.options.fsyncMs ?? FSYNC_MS, () => void this.flush());
        return;
      } catch (error) {
        const full = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
        const gone = full && !disk.sealed ? disk.dropOldest('full') : null;
        if (gone === null) {
          this.degrade(disk, error);
          this.tail.append(entry);
          this.onChange(false);
          return;
        }
        this.options.log.warn({ entries: gone }, 'the disk is full: the spool dropped its oldest entries unsent');
      }
    }
  }

  private async syncTail(): Promise<void> {
    const { tail } = this;
    try {
      await tail.sync();
      this.onChange(false);
    } catch (error) {
      if (tail instanceof DiskStore && !tail.sealed) this.degrade(tail, error);
    }
  }

  private degrade(disk: DiskStore, cause: unknown): void {
    const { entries, lost } = disk.takeUnsynced();
    this.droppedBefore += lost;
    this.stores.push(this.newMemoryStore(cause instanceof Error ? cause.message : String(cause)));
    for (const entry of entries) this.tail.append(entry);
    this.retryDiskAtMs = this.options.clock.monotonicMs() + RETRY_DISK_MS;
    this.onChange(this.shiftDrained());
  }

  /** @returns whether the sequence that is sent is another one now */
  private shiftDrained(): boolean {
    let shifted = false;
    for (let [head, next] = this.stores; next && head.newestSeq < head.oldestSeq; [head, next] = this.stores) {
      this.stores.shift();
      this.droppedBefore += head.droppedEntries;
      head.close();
      if (!head.inMemory) this.folder.remove(head.epoch);
      shifted = true;
    }
    return shifted;
  }

  private renumber(head: EntryStore): void {
    const target = (this.stores.length === 1 ? this.folder.create() : null) ?? this.newMemoryStore(null);
    let seq = head.oldestSeq;
    for (let run = head.read(seq, CHUNK); run; run = head.read(seq, CHUNK)) {
      for (const entry of run.entries) target.append(entry);
      seq += run.entries.length;
    }
    if (this.stores.length > 1) target.sealed = true;
    this.stores[0] = target;
    this.droppedBefore += head.droppedEntries;
    head.close();
    if (!head.inMemory) this.folder.remove(head.epoch);
    if (!target.inMemory) void this.flush();
  }

  private newMemoryStore(why: string | null): MemoryStore {
    if (why) {
      const text = `the spool in ${this.options.folder} takes no data (${why}); samples are kept in memory only and die with the process`;
      this.options.log.error({ degraded: true }, text);
    }
    return new MemoryStore(newEpoch(), this.options.memoryBytes);
  }
}

const CHUNK = { maxEntries: 1000, maxBytes: 1 << 20 };
