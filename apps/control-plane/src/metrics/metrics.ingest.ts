import { Injectable } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { IngestGroup } from './ingest-group.js';
import type { Outcome, Work } from './ingest-group.js';
import { readPosition, readPositions } from './ingest-books.js';
import type { SpoolRef } from './ingest-books.js';
import type { BatchOutcome, LiveValues, MinuteBatch, MinuteOfDevice, SampleOutcome } from './ingest.types.js';
import { KnownDevices } from './known-devices.js';
import { LiveStore } from './live.store.js';
import { MinutesStore } from './minutes.store.js';

/** Transactions under way at once: while one waits for the disk the others encode and copy. */
const WRITERS = 3;
/** Minutes in one transaction: 6 MB of values. */
const GROUP_MINUTES = 2_048;
/** SQLSTATE classes that mean the data and not the database: data exception, integrity constraint, no partition. */
const OF_THE_DATA = /^(22|23)/;
/** Deadlock, serialisation: the same again works. */
const TRY_AGAIN = new Set(['40P01', '40001']);
const TRIES = 3;

interface Waiting {
  readonly work: Work;
  readonly agentId: string;
  readonly size: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The one way of telemetry into PostgreSQL, for the agents' streams and for POST /sync alike.
 *
 * Group commit: what waits while a transaction runs goes into the next one together, whichever agents it came from. The
 * batches of one agent never run in two transactions at once, so they are stored in the order in which they came.
 */
@Injectable()
export class MetricsIngest {
  private readonly waiting: Waiting[] = [];
  private readonly busyAgents = new Set<string>();
  private readonly idleWriters: IngestGroup[];

  constructor(
    private readonly db: Db,
    private readonly live: LiveStore,
  ) {
    const devices = new KnownDevices();
    this.idleWriters = Array.from({ length: WRITERS }, () => new IngestGroup(new MinutesStore(), devices, Date.now));
  }

  /**
   * Stores a batch and its ledger row in one transaction, together with batches of other agents. Resolves after COMMIT,
   * so that the caller may acknowledge `throughSeq`. A repeated range is absorbed. Entries that cannot be stored are
   * listed in `rejected` and kept in the quarantine, and the position moves past them.
   *
   * @throws SequenceGapError when entries before `firstSeq` are missing that the agent still has
   * @throws the database's error when it cannot commit now: nothing was stored, the batch must come again
   */
  async storeBatch(batch: MinuteBatch): Promise<BatchOutcome> {
    return (await this.enqueue({ batch }, batch.agentId, batch.minutes.length)) as BatchOutcome;
  }

  /**
   * Stores minutes that carry no sequence (POST /sync): their slots merge into what is there, so that the same body twice
   * changes nothing. One outcome per minute, in order.
   */
  async storeSamples(tenantId: string, agentId: string, minutes: readonly MinuteOfDevice[]): Promise<SampleOutcome[]> {
    if (minutes.length === 0) return [];
    const samples = { tenantId, agentId, minutes };
    return (await this.enqueue({ samples }, agentId, minutes.length)) as SampleOutcome[];
  }

  /** The last entry of this agent's spool that is stored; 0 for a spool that was never seen. */
  position(agentId: string, walEpoch: bigint): Promise<number> {
    return this.db.ingest((tx) => readPosition(tx, agentId, walEpoch));
  }

  /** The same for many spools in one question, in their order: a fleet that comes back at once. */
  positions(spools: readonly SpoolRef[]): Promise<number[]> {
    return this.db.ingest((tx) => readPositions(tx, spools));
  }

  /** Takes the newest values for flotilla.gpu_live: lossy, coalesced, written at most every 5 s per device. */
  storeLive(values: readonly LiveValues[]): void {
    this.live.take(values);
  }

  private enqueue(work: Work, agentId: string, size: number): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ work, agentId, size, resolve, reject });
      this.start();
    });
  }

  private start(): void {
    while (this.idleWriters.length > 0) {
      const group = this.nextGroup();
      if (group.length === 0) return;
      const writer = this.idleWriters.pop()!;
      const agents = new Set(group.map((item) => item.agentId));
      for (const agent of agents) this.busyAgents.add(agent);
      void this.run(writer, group).finally(() => {
        for (const agent of agents) this.busyAgents.delete(agent);
        this.idleWriters.push(writer);
        this.start();
      });
    }
  }

  /** Takes the longest waiting items of agents that no writer is busy with, in order. */
  private nextGroup(): Waiting[] {
    const group: Waiting[] = [];
    const passed: Waiting[] = [];
    let size = 0;
    let i = 0;
    for (; i < this.waiting.length && size < GROUP_MINUTES; i++) {
      const item = this.waiting[i]!;
      if (this.busyAgents.has(item.agentId)) passed.push(item);
      else {
        group.push(item);
        size += item.size;
      }
    }
    this.waiting.splice(0, i, ...passed);
    return group;
  }

  private async run(writer: IngestGroup, group: readonly Waiting[]): Promise<void> {
    const works = group.map((item) => item.work);
    try {
      settle(group, await this.commit(writer, works));
    } catch (error) {
      if (!OF_THE_DATA.test(codeOf(error))) {
        for (const item of group) item.reject(error);
        return;
      }
      // one of them is poison: alone it cannot harm the others
      for (const item of group) await this.runAlone(writer, item, error);
    }
  }

  private async runAlone(writer: IngestGroup, item: Waiting, groupError: unknown): Promise<void> {
    try {
      settle([item], await this.commit(writer, [item.work]));
    } catch (error) {
      if (!OF_THE_DATA.test(codeOf(error))) return item.reject(error);
      const reason = `the database refused it: ${(error as Error).message || (groupError as Error).message}`;
      try {
        settle([item], await this.db.ingest((tx) => writer.refuse(tx, item.work, reason)));
      } catch (refusal) {
        item.reject(refusal);
      }
    }
  }

  private async commit(writer: IngestGroup, works: readonly Work[]): Promise<Outcome[]> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.db.ingest((tx) => writer.store(tx, works));
      } catch (error) {
        if (tries >= TRIES || !TRY_AGAIN.has(codeOf(error))) throw error;
      }
    }
  }
}

function settle(group: readonly Waiting[], outcomes: readonly Outcome[]): void {
  group.forEach((item, i) => {
    const outcome = outcomes[i]!;
    if (outcome instanceof Error) item.reject(outcome);
    else item.resolve(outcome);
  });
}

const codeOf = (error: unknown) => (error as { code?: string }).code ?? '';
