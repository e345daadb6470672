import type { SpoolEntry } from './entry.js';

/** Consecutive entries; entry i has the sequence number `firstSeq + i`. */
export interface Run {
  readonly firstSeq: number;
  readonly entries: readonly SpoolEntry[];
}

export interface ReadLimit {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** One numbered sequence of entries (one wal_epoch), on disk or in memory. */
export interface EntryStore {
  /** 1 to 2^53 - 1, drawn by chance when the sequence began. */
  readonly epoch: number;
  readonly inMemory: boolean;
  /** Takes no more entries: what is in it is only sent. */
  sealed: boolean;
  /** The first sequence number not acknowledged yet (which may have been dropped). */
  readonly oldestSeq: number;
  /** The last one given; 0 when there was none yet. */
  readonly newestSeq: number;
  /** The last one that may be sent: it survives a power cut (or lies in memory, where nothing does). */
  readonly durableSeq: number;
  readonly bytes: number;
  /** Entries dropped since the sequence began. */
  readonly droppedEntries: number;
  /** @returns its sequence number. @throws when the medium refuses; nothing was appended then */
  append(entry: SpoolEntry): number;
  /** Makes everything appended so far durable. @throws when the medium refuses */
  sync(): Promise<void>;
  /** Entries from `fromSeq` on, never beyond `durableSeq`; null when there is none. Never throws for damage. */
  read(fromSeq: number, limit: ReadLimit): Run | null;
  /** Forgets everything up to `throughSeq`. */
  ack(throughSeq: number): void;
  close(): void;
}

/** A range of the sequence whose entries are gone. */
export interface DroppedRange {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly reason: 'full' | 'too_old' | 'unreadable' | 'degraded';
  readonly fromMinuteS: number;
  readonly toMinuteS: number;
}

/**
 * What is sent in place of `seq`: the first place of a range carries the whole account, the others hold their places,
 * so that the sum of `entries` over the wire is the number of entries that are gone.
 */
export function placeholder(range: DroppedRange, seq: number): SpoolEntry {
  const first = seq === range.firstSeq;
  return {
    kind: 'dropped',
    reason: range.reason,
    fromMinuteS: first ? range.fromMinuteS : 0,
    toMinuteS: first ? range.toMinuteS : 0,
    entries: first ? range.lastSeq - range.firstSeq + 1 : 0,
  };
}
