import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METRIC_CATALOGUE } from '@flotilla/domain';
import { systemClock } from '../../../apps/agent/src/clock.js';
import { silentLog } from '../../../apps/agent/src/log.js';
import { MinuteBook } from '../../../apps/agent/src/minute/minute-book.js';
import { MinuteJournal } from '../../../apps/agent/src/minute/minute-journal.js';
import { ServerClock } from '../../../apps/agent/src/minute/server-clock.js';
import { Spool } from '../../../apps/agent/src/spool/spool.js';

export interface SpoolFigures {
  /** Values of one metric of one device in one second, from the collector's hand to durable in the spool. */
  readonly samples_per_second: number;
  /** Of one core, for one value. */
  readonly cpu_us_per_sample: number;
  readonly entries: number;
  readonly bytes_per_sample: number;
  /** Values a second out of the spool again, decoded, and acknowledged. */
  readonly read_samples_per_second: number;
}

const GPUS = 8;
const MINUTES = 240;
const INTERVAL_S = 5;

/**
 * The whole way of a sample on the host as fast as it goes: into the open minute, its journal, the closed minute and the
 * spool, on this machine's disk, with the default fsync policy. A clock of its own runs through four hours of readings.
 */
export async function measureSpool(): Promise<SpoolFigures> {
  // as the agent runs: without the optimising compiler; not at the top, where the other processes of the bench begin too
  await import('../../../apps/agent/src/engine.js');
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-bench-spool-'));
  let nowMs = 1_800_000_000_000;
  const clock = { ...systemClock, nowMs: () => nowMs, monotonicMs: () => nowMs };
  const spool = new Spool({
    folder: join(folder, 'spool'),
    maxBytes: 1 << 30,
    maxAgeMs: 1e12,
    memoryBytes: 16 << 20,
    clock: { ...clock, after: systemClock.after },
    log: silentLog,
  });
  const journal = new MinuteJournal(join(folder, 'minutes'), silentLog);
  const book = new MinuteBook({
    clock,
    serverClock: new ServerClock(clock),
    journal,
    keep: async (minutes) => {
      for (const minute of minutes) spool.append(minute);
      await spool.flush();
    },
  });
  book.recover();
  const metrics = METRIC_CATALOGUE.filter((metric) => metric.of === 'gpu').map(({ id }) => id);
  try {
    const cpu = process.cpuUsage();
    const from = performance.now();
    let samples = 0;
    for (let minute = 0; minute < MINUTES; minute++) {
      for (let second = 0; second < 60; second += INTERVAL_S) {
        for (let gpu = 0; gpu < GPUS; gpu++) {
          const values = new Map(metrics.map((id) => [id, ((gpu * 7 + second + id) % 97) + id / 128]));
          book.sample(`GPU-00000000-0000-0000-0000-00000000000${gpu}`, nowMs, values);
          samples += values.size;
        }
        nowMs += INTERVAL_S * 1000;
        await book.tick();
      }
    }
    await book.closeAll();
    await spool.flush();
    const seconds = (performance.now() - from) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const { newestSeq, bytes } = spool.status;
    const readFrom = performance.now();
    let read = 0;
    for (let run = spool.read(1, CHUNK); run; run = spool.read(1, CHUNK)) {
      for (const entry of run.entries) if (entry.kind === 'minute') read += entry.minute.values.length;
      spool.ack(spool.epoch, run.firstSeq + run.entries.length - 1);
    }
    if (read !== samples) throw new Error(`${samples} samples went in, ${read} came out`);
    return {
      samples_per_second: Math.round(samples / seconds),
      cpu_us_per_sample: Math.round(((user + system) / samples) * 1000) / 1000,
      entries: newestSeq,
      bytes_per_sample: Math.round((bytes / samples) * 100) / 100,
      read_samples_per_second: Math.round((read / (performance.now() - readFrom)) * 1000),
    };
  } finally {
    await spool.close();
    journal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const CHUNK = { maxEntries: 500, maxBytes: 1 << 20 };
