import { passes, ProviderError, wholeBuckets } from '@flotilla/providers/spend';
import type { CallerOptions, SpendDataset, SpendRecord } from '@flotilla/providers/spend';
import type { CollectorCondition } from '../collectors/collector.js';
import type { SpendBook } from './book.js';
import { firstDelayMs, isClockSet, jittered, retryMs, windowOf } from './schedule.js';

/** How the last reading of one data set went. */
export interface Condition {
  readonly condition: Exclude<CollectorCondition, 'unavailable'>;
  /** What is wrong and what mends it; empty when nothing is. */
  readonly message: string;
}

export interface ReaderOptions {
  readonly dataset: SpendDataset;
  readonly book: SpendBook;
  /** What the identities of its records begin with. */
  readonly idPrefix: string;
  readonly everyMs: number;
  readonly backfillDays: number;
  /** Unix milliseconds, by the server's clock as far as it is known. */
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  readonly random: () => number;
  /** Takes records into the spool. @throws Error when it cannot keep them */
  readonly keep: (records: readonly SpendRecord[]) => Promise<void>;
  /** Entries that the spool dropped unsent, ever. */
  readonly droppedEntries: () => number;
  readonly caller: CallerOptions;
}

/** Reads one data set when it is due, and tells what is new of it. */
export class DatasetReader {
  condition: Condition = { condition: 'ok', message: '' };
  /** When it is read next, on the monotonic clock. */
  dueMs: number;
  private failures = 0;
  private rejected = 0;
  private busy = false;
  /** Whether something may have been told that the control plane did not take. */
  private mayHaveTold = true;
  /** Refused while it was being read: see `forget`. */
  private toForget = false;

  constructor(private readonly options: ReaderOptions) {
    const { book, everyMs, nowMs, monotonicMs, random } = options;
    book.load();
    const delayMs = firstDelayMs(book.cursor, everyMs, nowMs());
    book.unload();
    // a few seconds apart, so that a start is not a burst
    this.dueMs = monotonicMs() + delayMs + random() * Math.min(5_000, everyMs / 20);
  }

  get dataset(): SpendDataset {
    return this.options.dataset;
  }

  get idPrefix(): string {
    return this.options.idPrefix;
  }

  /** The control plane refused a record of this data set for good. */
  noteRejected(reason: string): void {
    this.rejected++;
    this.condition = {
      condition: 'degraded',
      message: `${this.dataset.name}: the control plane refused ${this.rejected} records: ${reason}`,
    };
  }

  /**
   * The control plane does not take this section yet: nothing is read for a while, and then all of it again. Many calls
   * for one reading are as good as one.
   */
  forget(waitMs: number, why: string): void {
    if (!this.mayHaveTold) return;
    this.mayHaveTold = false;
    this.dueMs = this.options.monotonicMs() + waitMs;
    this.condition = { condition: 'degraded', message: `${this.dataset.name}: ${why}` };
    if (this.busy) this.toForget = true;
    else {
      const { book } = this.options;
      book.load();
      book.forget();
      this.save(false);
      book.unload();
    }
  }

  /** Not now; asked again in a minute. */
  postpone(why: string): void {
    this.dueMs = this.options.monotonicMs() + 60_000;
    this.condition = { condition: 'degraded', message: `${this.dataset.name}: ${why}` };
  }

  /** One reading. Never throws: trouble becomes the condition. @returns how many records were told */
  async read(): Promise<number> {
    const { book, everyMs, monotonicMs, random } = this.options;
    this.busy = true;
    try {
      const told = await this.readOnce();
      this.failures = 0;
      if (this.mayHaveTold) this.dueMs = monotonicMs() + jittered(everyMs, random());
      return told;
    } catch (error) {
      this.failures++;
      const passing = passes(error);
      const askedMs = error instanceof ProviderError ? (error.details.retryAfterMs ?? 0) : 0;
      this.dueMs = monotonicMs() + jittered(retryMs(this.failures, passing, askedMs, everyMs), random());
      const message = `${this.dataset.name}: ${error instanceof Error ? error.message : String(error)}`;
      this.condition = { condition: passing ? 'degraded' : 'failed', message };
      return 0;
    } finally {
      this.busy = false;
      book.unload();
    }
  }

  private async readOnce(): Promise<number> {
    const { dataset, book, backfillDays, nowMs, keep, droppedEntries, caller } = this.options;
    const now = nowMs();
    if (!isClockSet(now)) {
      throw new ProviderError('unavailable', `this host's clock says ${new Date(now).toISOString()}: set it`);
    }
    book.load();
    this.mayHaveTold = true;
    const before = book.cursor;
    book.cursor = { ...before, attemptAtMs: now };
    this.save(dataset.billedPerCall);
    const window = windowOf(dataset, before, now, backfillDays);
    const reading = await dataset.read(window, { ...caller, nowMs });
    const whole = wholeBuckets(window, dataset.bucketMs);
    const news = book.compare(reading, whole, droppedEntries());
    await keep(news);
    book.prune(Math.min(whole.fromMs, now - dataset.lateMs) - 2 * dataset.bucketMs);
    book.cursor = {
      attemptAtMs: now,
      readAtMs: now,
      fullAtMs: window.full ? now : before.fullAtMs,
      backfilled: true,
    };
    const refused = this.toForget;
    this.toForget = false;
    if (refused) book.forget();
    this.save(false);
    if (refused) return news.length;
    this.rejected = 0;
    const { remarks } = reading;
    this.condition = {
      condition: remarks.length === 0 ? 'ok' : 'degraded',
      message: remarks.length === 0 ? '' : `${dataset.name}: ${remarks.join('; ')}`,
    };
    return news.length;
  }

  /** @throws ProviderError where a reading costs money and could not be remembered: each restart would pay again */
  private save(isNeeded: boolean): void {
    try {
      this.options.book.save();
    } catch (error) {
      if (!isNeeded) return;
      const why = (error as Error).message;
      throw new ProviderError('unavailable', `is not asked while the state folder takes no data (${why})`);
    }
  }
}
