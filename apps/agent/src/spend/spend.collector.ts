import { join } from 'node:path';
import type { SpendDataset, SpendRecord } from '@flotilla/providers/spend';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Spool } from '../spool/spool.js';
import { SpendBook } from './book.js';
import { DatasetReader } from './reader.js';
import { everyMsOf } from './schedule.js';
import { sourceName } from './settings.js';
import type { SpendSettings } from './settings.js';
import { datasetsOf } from './sources.js';

export interface SpendOptions {
  readonly settings: readonly SpendSettings[];
  /** The agent's own environment, for keys that stand there. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder of the books. */
  readonly folder: string;
  readonly spool: Pick<Spool, 'append' | 'flush' | 'status'>;
  readonly clock: Clock;
  /** Unix milliseconds, by the server's clock as far as it is known. */
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly log: Log;
  /** As a collector's `sink.state`. */
  readonly state: (name: string, condition: 'ok' | 'degraded' | 'failed', message: string) => void;
  /** For tests: how a source is opened. */
  readonly open?: (entry: SpendSettings) => Promise<SpendDataset[]>;
  /** For tests: how patient the callers are. */
  readonly sleep?: (ms: number) => Promise<void>;
}

interface Source {
  readonly name: string;
  readonly readers: DatasetReader[];
}

/** Records that are put into the spool before others get their turn. */
const CHUNK = 500;
const UNSUPPORTED_WAIT_MS = 3_600_000;
/** Longer than any sentence here, shorter than what floods a heartbeat. */
const MESSAGE_CAP = 1_000;

/**
 * Reads what providers bill and count, each data set when it is due, one at a time: a month of costs takes memory.
 * Everything goes into the spool as records; nothing here is faster than once a minute.
 */
export class SpendCollector {
  private readonly sources: Source[] = [];
  private readonly abort = new AbortController();
  private reading: Promise<void> | null = null;

  constructor(private readonly options: SpendOptions) {}

  /** Loads the clients. A source that cannot be opened says why, and the others go on. */
  async start(): Promise<void> {
    const { settings, environment, folder, log, state } = this.options;
    const open = this.options.open ?? ((entry: SpendSettings) => datasetsOf(entry, environment));
    for (const entry of settings) {
      const name = sourceName(entry);
      try {
        const datasets = await open(entry);
        const readers = datasets.map((dataset) => this.readerOf(entry, dataset, datasets, folder));
        this.sources.push({ name, readers });
        state(name, 'ok', 'nothing was read yet');
      } catch (error) {
        log.error({ err: error }, `${name} cannot be read`);
        state(name, 'failed', `cannot be read: ${(error as Error).message}`);
      }
    }
  }

  /** Begins what is due longest, unless something is being read: a provider that hangs must not keep others waiting. */
  tick(): void {
    if (this.reading || this.abort.signal.aborted) return;
    const now = this.options.clock.monotonicMs();
    const due = this.sources
      .flatMap((source) => source.readers.map((reader) => ({ source, reader })))
      .filter(({ reader }) => reader.dueMs <= now)
      .sort((a, b) => a.reader.dueMs - b.reader.dueMs)[0];
    if (due) this.reading = this.read(due.source, due.reader).finally(() => (this.reading = null));
  }

  /** Gives up what is being read; it is read again after a restart. */
  async stop(): Promise<void> {
    this.abort.abort();
    await this.reading;
  }

  /** The control plane refused a record for good; `json` is what was sent. */
  rejected(section: string, json: string, reason: string): void {
    if (section !== 'costs' && section !== 'ai_spend') return;
    // a section that an older control plane does not know is no fault of the record
    const unsupported = /not supported|there is no section/.test(reason);
    for (const source of this.sources) {
      const readers = source.readers.filter(({ dataset }) => dataset.section === section);
      if (unsupported) {
        const why = `the control plane does not take ${section} yet: update it. Nothing is read for an hour, then all is told again`;
        for (const reader of readers) reader.forget(UNSUPPORTED_WAIT_MS, why);
      } else {
        const id = recordIdOf(json);
        if (id !== null) readers.find(({ idPrefix }) => id.startsWith(idPrefix))?.noteRejected(reason);
      }
      this.report(source);
    }
  }

  private readerOf(
    entry: SpendSettings,
    dataset: SpendDataset,
    all: readonly SpendDataset[],
    folder: string,
  ): DatasetReader {
    const { spool, clock, nowMs, random, sleep } = this.options;
    const file = `${entry.kind}-${entry.account}-${dataset.name.replace(/[^a-z_]/g, '-')}.json`;
    return new DatasetReader({
      dataset,
      book: new SpendBook(join(folder, file)),
      idPrefix: `${entry.kind}:${entry.account}:`,
      everyMs: everyMsOf(dataset, all, entry.every_s),
      backfillDays: entry.backfill_days,
      nowMs,
      monotonicMs: () => clock.monotonicMs(),
      random,
      keep: (records) => this.keep(records),
      droppedEntries: () => spool.status.droppedEntries,
      caller: { random, signal: this.abort.signal, ...(sleep ? { sleep } : {}) },
    });
  }

  private async read(source: Source, reader: DatasetReader): Promise<void> {
    const { log, spool } = this.options;
    // what is in memory only dies with the process, and the provider still has it tomorrow
    if (spool.status.degraded) {
      reader.postpone('waits until the spool is on disk again');
      return this.report(source);
    }
    const told = await reader.read();
    if (this.abort.signal.aborted) return;
    const { name } = reader.dataset;
    log.debug({ source: source.name, dataset: name, records: told }, 'costs or usage were read');
    this.report(source);
  }

  private async keep(records: readonly SpendRecord[]): Promise<void> {
    const { spool } = this.options;
    for (const [at, { section, record }] of records.entries()) {
      spool.append({ kind: 'record', section, json: JSON.stringify(record) });
      if ((at + 1) % CHUNK !== 0) continue;
      await spool.flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (records.length > 0) await spool.flush();
    if (records.length > 0 && spool.status.degraded) throw new Error('the spool lost its disk; told again later');
  }

  /** The worst of a source's data sets is its state. */
  private report({ name, readers }: Source): void {
    const conditions = readers.map(({ condition }) => condition);
    const worst = (['failed', 'degraded', 'ok'] as const).find((one) => conditions.some((c) => c.condition === one));
    const messages = new Set(conditions.filter((c) => c.message !== '').map((c) => c.message));
    this.options.state(name, worst ?? 'ok', [...messages].join(' · ').slice(0, MESSAGE_CAP));
  }
}

function recordIdOf(json: string): string | null {
  try {
    const id = (JSON.parse(json) as { record_id?: unknown }).record_id;
    return typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}
