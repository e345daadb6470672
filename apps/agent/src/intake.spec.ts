import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metricId } from '@flotilla/domain';
import { ManualClock } from '../../../test/support/manual-clock.js';
import type { DeviceFacts, GpuProcessFacts, Reading, Sink } from './collectors/collector.js';
import { Intake } from './intake.js';
import { InventoryBook } from './inventory-book.js';
import { silentLog } from './log.js';
import { Activity } from './minute/activity.js';
import { MinuteBook } from './minute/minute-book.js';
import { MinuteJournal } from './minute/minute-journal.js';
import { ServerClock } from './minute/server-clock.js';
import { Spool } from './spool/spool.js';

const NOON = Date.UTC(2026, 10, 22, 12);
const UTILIZATION = metricId('gpu_utilization');
const MEMORY = metricId('memory_used_mib');

let folder: string;
let spool: Spool;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-intake-'));
});
afterEach(async () => {
  await spool.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A host whose GPU-A is split into two instances; GPU-B is whole. */
function scene(gpus = ['GPU-A', 'MIG-1', 'MIG-2', 'GPU-B']) {
  const clock = new ManualClock(NOON);
  const serverClock = new ServerClock(clock);
  spool = new Spool({
    folder: join(folder, 'spool'),
    maxBytes: 1 << 20,
    maxAgeMs: 1e9,
    memoryBytes: 1 << 20,
    clock,
    log: silentLog,
  });
  const journal = new MinuteJournal(join(folder, 'minutes'), silentLog);
  const book = new MinuteBook({ clock, serverClock, journal, keep: () => Promise.resolve() });
  const activity = new Activity(join(folder, 'activity'), silentLog);
  const inventory = new InventoryBook();
  const sink: Sink = new Intake({ book, activity, inventory, spool, serverClock, log: silentLog }).sinkOf('nvidia-smi');
  const facts = (uuid: string): DeviceFacts =>
    uuid.startsWith('MIG')
      ? { kind: 'mig', uuid, parentUuid: 'GPU-A', presence: 'present' }
      : { kind: 'gpu', uuid, presence: 'present' };
  sink.inventory(gpus.map(facts));
  /** A minute: a row every ten seconds, and one snapshot with the processes, where it works. */
  const minute = async (processes: readonly string[] | null, busyB = 0) => {
    for (let s = 0; s < 60; s += 10) {
      const atMs = clock.nowMs();
      for (const gpu of gpus) {
        if (gpu.startsWith('MIG')) continue;
        const value: Reading = gpu === 'GPU-A' ? 'unsupported' : busyB;
        sink.sample(gpu, atMs, new Map<number, Reading>([[UTILIZATION, value], [MEMORY, 5]])); // prettier-ignore
      }
      if (s === 30 && processes !== null) {
        for (const gpu of gpus.filter((name) => name.startsWith('MIG')))
          sink.sample(gpu, atMs, new Map<number, Reading>([[UTILIZATION, 'unsupported'], [MEMORY, 1]])); // prettier-ignore
        sink.processes(processes.map((device): GpuProcessFacts => ({ device, pid: 7, name: 'python', type: 'C' })));
      }
      await clock.advance(10_000);
    }
  };
  const idle = (minutes: number) => {
    const nowMs = clock.nowMs();
    const present = inventory.presentGpus.map(({ uuid }) => uuid);
    return activity.idleSince(nowMs - minutes * 60_000, 5, nowMs, present);
  };
  return { minute, idle };
}

describe('whether a host with MIG instances is idle', () => {
  it('says yes when the processes were read each minute and there were none', async () => {
    const { minute, idle } = scene();
    for (let i = 0; i < 12; i++) await minute([]);
    expect(idle(10)).toEqual({ idle: true });
  });

  it.each([
    ['an instance', 'MIG-2'],
    ['the GPU itself, where the driver does not say the instance', 'GPU-A'],
  ])('says no when a process uses %s', async (_, device) => {
    const { minute, idle } = scene();
    for (let i = 0; i < 11; i++) await minute([]);
    await minute([device]);
    expect(idle(2)).toMatchObject({ idle: false, reason: expect.stringContaining('at 100 %') as string });
  });

  it('counts the processes of the instances for the GPU, when the instances give no samples of their own', async () => {
    const { minute, idle } = scene(['GPU-A']);
    for (let i = 0; i < 5; i++) await minute(['GPU-A']);
    expect(idle(3)).toMatchObject({ idle: false, reason: expect.stringContaining('GPU-A was at 100 %') as string });
  });

  it('says no where the processes were never read, also when another GPU is idle', async () => {
    const { minute, idle } = scene();
    for (let i = 0; i < 12; i++) await minute(null);
    expect(idle(10)).toMatchObject({ idle: false, reason: expect.stringContaining('GPU-A was not watched') as string });
    expect(idle(2)).toMatchObject({ idle: false, reason: expect.stringContaining('GPU-A was not watched') as string });
  });

  it('says no once the snapshots fail and the last list of processes is old', async () => {
    const { minute, idle } = scene();
    for (let i = 0; i < 10; i++) await minute([]);
    expect(idle(2)).toEqual({ idle: true });
    for (let i = 0; i < 4; i++) await minute(null);
    expect(idle(10)).toMatchObject({ idle: false, reason: expect.stringContaining('not watched') as string });
    expect(idle(2)).toMatchObject({ idle: false, reason: expect.stringContaining('not watched') as string });
  });

  it('takes the utilisation of the GPUs that have one, whatever processes sit on them', async () => {
    const { minute, idle } = scene();
    for (let i = 0; i < 12; i++) await minute(['GPU-B'], 2);
    expect(idle(10)).toEqual({ idle: true });
    await minute([], 60);
    expect(idle(2)).toMatchObject({ idle: false, reason: expect.stringContaining('GPU-B was at 60 %') as string });
  });
});
