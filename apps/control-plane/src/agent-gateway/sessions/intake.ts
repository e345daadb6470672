import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import type { AckInput } from '@flotilla/contracts/agent';
import { SequenceGapError } from '../../metrics/index.js';
import { CallError, isAway } from '../grpc/status.js';
import type { GatewayLog } from '../grpc/log.js';
import type { InflightBudget } from './budget.js';
import { readEntry } from './entries.js';
import type { ReadEntry } from './entries.js';
import type { IncomingBatch } from './incoming.js';
import { InventoryMissingError, storeEntries } from './store-entries.js';
import type { EntryRange, StoredRange, StoringDeps, StoringTarget } from './store-entries.js';

export interface IntakeDeps extends StoringDeps {
  readonly budget: InflightBudget;
  readonly log: GatewayLog;
  readonly now: () => number;
}

/** What the intake tells its stream. */
export interface IntakeOwner {
  readonly target: StoringTarget;
  isClosed(): boolean;
  acknowledge(ack: AckInput, stored: StoredRange): void;
  askForInventory(): void;
  /** The stream cannot go on. */
  fail(error: CallError): void;
  pauseReading(): void;
  resumeReading(): void;
}

/** Entries that one transaction takes from one agent. */
const RANGE_MAX = 4_000;
/** Batches beyond the granted window that are still taken from the wire before reading stops. */
const SLACK = 2;
const RETRY_MS = [250, 500, 1_000, 2_000, 5_000, 10_000] as const;
/** How often storing may fail for another reason than an absent database before the entry itself is blamed. */
const BLAMED_AFTER = 3;

/**
 * What one stream sent and the database does not have yet. Ranges are stored one after another, several waiting batches
 * as one, so that what is acknowledged has no gap behind it. While the database is away nothing is acknowledged, and
 * nothing more than the window is held.
 */
export class Intake {
  private readonly queue: IncomingBatch[] = [];
  private working = false;
  private paused = false;
  private inventoryArrived: (() => void) | undefined;
  /** Everything up to here is stored. */
  private through: number;

  constructor(
    private readonly deps: IntakeDeps,
    private readonly owner: IntakeOwner,
    ackedSeq: number,
    private readonly window: number,
  ) {
    this.through = ackedSeq;
  }

  get isIdle(): boolean {
    return !this.working && this.queue.length === 0;
  }

  take(batch: IncomingBatch): void {
    if (batch.walEpoch !== this.owner.target.walEpoch) {
      const told = `batch of spool ${batch.walEpoch}, but hello announced ${this.owner.target.walEpoch}: say hello again`;
      return this.owner.fail(new CallError(status.FAILED_PRECONDITION, told));
    }
    if (batch.firstSeq < 1 || !Number.isSafeInteger(batch.firstSeq + batch.entries.length)) {
      return this.owner.fail(new CallError(status.INVALID_ARGUMENT, 'first_seq must be from 1 to 2^53 - 1'));
    }
    this.queue.push(batch);
    this.deps.budget.take(batch.bytes);
    if (this.queue.length >= this.window + SLACK || this.deps.budget.isFull) this.pause();
    if (!this.working) void this.work();
  }

  /** Minutes that waited for it can go on. */
  inventoryStored(): void {
    this.inventoryArrived?.();
  }

  /** Gives back what the queue holds; the agent has it all and sends it again. */
  close(): void {
    for (const batch of this.queue.splice(0)) this.deps.budget.give(batch.bytes);
    this.inventoryArrived?.();
  }

  private pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.owner.pauseReading();
  }

  private resume(): void {
    if (!this.paused || this.owner.isClosed() || this.queue.length > this.window) return;
    if (this.deps.budget.isFull) return this.deps.budget.onRoom(() => this.resume());
    this.paused = false;
    this.owner.resumeReading();
  }

  private async work(): Promise<void> {
    this.working = true;
    try {
      while (this.queue.length > 0 && !this.owner.isClosed()) {
        const batches = this.nextBatches();
        try {
          await this.store(rangeOf(batches, this.through, this.deps.now()));
        } finally {
          for (const batch of batches) this.deps.budget.give(batch.bytes);
        }
        this.resume();
      }
    } catch (error) {
      if (error instanceof CallError) this.owner.fail(error);
      else {
        this.deps.log.error({ err: error, ...this.owner.target.agent }, 'storing what an agent sent failed');
        this.owner.fail(new CallError(status.INTERNAL, 'the control plane failed; its log says why', 5_000));
      }
    } finally {
      this.working = false;
    }
  }

  /** The first batch and those that follow it without a gap. */
  private nextBatches(): IncomingBatch[] {
    const taken: IncomingBatch[] = [];
    let entries = 0;
    let next: number | undefined;
    for (const batch of this.queue) {
      if (next !== undefined && (batch.firstSeq !== next || entries + batch.entries.length > RANGE_MAX)) break;
      taken.push(batch);
      entries += batch.entries.length;
      next = batch.firstSeq + batch.entries.length;
    }
    this.queue.splice(0, taken.length);
    return taken;
  }

  /** Stores a range, for as long as it takes; what makes storing fail by itself is found and put aside. */
  private async store(range: EntryRange): Promise<void> {
    for (let attempt = 0, blamed = 0; !this.owner.isClosed(); attempt += 1) {
      try {
        const stored = await storeEntries(this.deps, this.owner.target, range);
        this.through = Math.max(this.through, stored.throughSeq);
        const ack = { walEpoch: this.owner.target.walEpoch, throughSeq: this.through, rejected: [...stored.rejected] };
        if (!this.owner.isClosed()) this.owner.acknowledge(ack, stored);
        return;
      } catch (error) {
        if (error instanceof SequenceGapError) throw new CallError(status.FAILED_PRECONDITION, error.message);
        if (error instanceof InventoryMissingError) await this.waitForInventory();
        else {
          if (!isAway(error) && (blamed += 1) >= BLAMED_AFTER) return this.storeApart(range, error as Error);
          this.deps.log.warn({ err: error, ...this.owner.target.agent, attempt }, 'not stored yet, trying again');
          await sleep(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
        }
      }
    }
  }

  private async storeApart(range: EntryRange, error: Error): Promise<void> {
    const { entries } = range;
    if (entries.length <= 1) {
      const seq = entries[0]?.seq ?? range.firstSeq;
      this.deps.log.error(
        { err: error, ...this.owner.target.agent, seq },
        'an entry cannot be stored and is put aside',
      );
      const reason = 'the control plane could not store this entry; its log says why';
      return this.store({ ...range, entries: [{ kind: 'rejected', seq, reason, future: false }] });
    }
    const middle = Math.floor(entries.length / 2);
    const split = entries[middle]!.seq;
    await this.store({ ...range, lastSeq: split - 1, entries: entries.slice(0, middle) });
    await this.store({ ...range, firstSeq: split, entries: entries.slice(middle) });
  }

  private async waitForInventory(): Promise<void> {
    this.owner.askForInventory();
    const arrived = new Promise<void>((resolve) => (this.inventoryArrived = resolve));
    const limit = new AbortController();
    await Promise.race([arrived, sleep(30_000, undefined, { signal: limit.signal }).catch(() => undefined)]);
    limit.abort();
    this.inventoryArrived = undefined;
  }
}

/** The entries of consecutive batches as one range, less those that were stored before. */
function rangeOf(batches: readonly IncomingBatch[], through: number, nowMs: number): EntryRange {
  const firstSeq = batches[0]!.firstSeq;
  const entries: ReadEntry[] = [];
  let seq = firstSeq;
  for (const batch of batches) {
    for (const entry of batch.entries) {
      if (seq > through) entries.push(readEntry(entry, seq, nowMs));
      seq += 1;
    }
  }
  return { firstSeq, lastSeq: Math.max(firstSeq, seq - 1), entries };
}
