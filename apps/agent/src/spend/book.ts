import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { withdrawn } from '@flotilla/providers/spend';
import type { Normalized, SpendRecord, SpendWindow } from '@flotilla/providers/spend';
import { NEVER_READ } from './schedule.js';
import type { Cursor } from './schedule.js';

/** What was told of one record: a hash of its content, and what takes it back when the provider lists it no more. */
interface Told {
  readonly hash: string;
  readonly empty: SpendRecord;
}

interface Kept {
  readonly version: 1;
  readonly cursor: Cursor;
  /** Entries that the spool had dropped unsent, when this was written. */
  readonly droppedEntries: number;
  /** The last reading listed nothing although something had been told. */
  readonly wasEmpty?: boolean;
  readonly told: Readonly<Record<string, Told>>;
}

/**
 * What of one data set was told already, on disk: so that the spool does not repeat what did not change, that a restart
 * does not ask (and pay) again, and that a charge which its provider moved elsewhere is taken back.
 *
 * Losing it does no harm: everything is told once more under the same identities.
 */
export class SpendBook {
  cursor: Cursor = NEVER_READ;
  private told = new Map<string, Told>();
  private droppedEntries = 0;
  private wasEmpty = false;
  /** Bytes as they are on disk; the same again is not written. */
  private written = '';

  constructor(private readonly path: string) {}

  /** Reads it from disk. What cannot be read counts as nothing told yet. */
  load(): void {
    this.cursor = NEVER_READ;
    this.told = new Map();
    try {
      const text = readFileSync(this.path, 'utf8');
      const kept = JSON.parse(text) as Partial<Kept>;
      if (kept.version !== 1 || !kept.cursor || !kept.told) return;
      this.cursor = { ...NEVER_READ, ...kept.cursor };
      this.droppedEntries = kept.droppedEntries ?? 0;
      this.wasEmpty = kept.wasEmpty ?? false;
      this.told = new Map(Object.entries(kept.told));
      this.written = text;
    } catch {
      // absent, cut off by a power failure, or not ours
    }
  }

  /** Lets go of what is only needed while a reading is compared. */
  unload(): void {
    this.told = new Map();
    this.written = '';
  }

  /**
   * What the control plane has to be told after a reading: what is new or changed, and what is gone. A whole window that
   * is suddenly empty is believed when it is empty a second time: it is an outage more often than a refund.
   *
   * @param window in whole buckets
   * @param droppedEntries of the spool: when more than before, what was told may never have been sent, and all is again
   */
  compare(reading: Normalized, window: SpendWindow, droppedEntries: number): SpendRecord[] {
    const lost = droppedEntries !== this.droppedEntries;
    const news: SpendRecord[] = [];
    const listed = new Set<string>();
    for (const record of reading.records) {
      const id = record.record.record_id;
      listed.add(id);
      const hash = hashOf(record);
      if (!lost && this.told.get(id)?.hash === hash) continue;
      news.push(record);
      this.told.set(id, { hash, empty: withdrawn(record) });
    }
    const gone = [...this.told].filter(([id, { empty }]) => !listed.has(id) && isWithin(empty, window));
    const isEmpty = listed.size === 0 && gone.length > 0;
    const believed = !isEmpty || this.wasEmpty;
    this.wasEmpty = isEmpty;
    for (const [id, { hash, empty }] of gone) {
      // a row that could not be read may be this one
      if (!believed || reading.unreadable > 0) continue;
      const taken = hashOf(empty);
      if (!lost && taken === hash) continue;
      news.push(empty);
      this.told.set(id, { hash: taken, empty });
    }
    this.droppedEntries = droppedEntries;
    return news;
  }

  /** Forgets what began before: it does not change any more. */
  prune(beforeMs: number): void {
    for (const [id, { empty }] of this.told) if (startOf(empty) < beforeMs) this.told.delete(id);
  }

  /** The control plane did not take what it was told: everything is told again, from the beginning. */
  forget(): void {
    for (const [id, { empty }] of this.told) this.told.set(id, { hash: '', empty });
    this.cursor = { ...this.cursor, backfilled: false, fullAtMs: 0 };
  }

  /** @throws Error when the disk does not take it */
  save(): void {
    const kept: Kept = {
      version: 1,
      cursor: this.cursor,
      droppedEntries: this.droppedEntries,
      ...(this.wasEmpty ? { wasEmpty: true } : {}),
      told: Object.fromEntries(this.told),
    };
    const text = JSON.stringify(kept);
    if (text === this.written) return;
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const fresh = `${this.path}.new`;
    try {
      writeFileSync(fresh, text, { mode: 0o600, flush: true });
      renameSync(fresh, this.path);
    } catch (error) {
      rmSync(fresh, { force: true });
      throw error;
    }
    this.written = text;
  }
}

const hashOf = ({ record }: SpendRecord) =>
  createHash('sha256').update(JSON.stringify(record)).digest('base64url').slice(0, 16);

function startOf({ record }: SpendRecord): number {
  const at = 'date' in record && record.date !== undefined ? record.date : record.timestamp;
  return typeof at === 'number' ? at * 1000 : Date.parse(String(at));
}

function isWithin(record: SpendRecord, { fromMs, toMs }: SpendWindow): boolean {
  const start = startOf(record);
  return start >= fromMs && start < toMs;
}
