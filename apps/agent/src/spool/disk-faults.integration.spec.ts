import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { silentLog } from '../log.js';
import type { SpoolEntry } from './entry.js';
import { Spool } from './spool.js';

/** A disk of 4 MB of its own, where this user may mount one. */
const mountable = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return mounted;
})();
if (!mountable) process.stderr.write('skipped: full and read-only disks (this user may not mount a tmpfs)\n');

const entry = (n: number): SpoolEntry => ({
  kind: 'minute',
  device: `GPU-${n % 8}`,
  minute: {
    minuteS: 1_800_000_000 + Math.floor(n / 8) * 60,
    intervalS: 5,
    metrics: [1, 6, 7],
    seconds: Uint8Array.from({ length: 12 }, (_, at) => at * 5),
    values: Float32Array.from({ length: 36 }, (_, at) => n + at / 64),
  },
});

(mountable ? describe : describe.skip)('a spool on a disk that fails', () => {
  let folder: string;
  let clock: ManualClock;
  const mount = (options: string) => spawnSync('mount', ['-o', options, folder]);
  const open = () =>
    new Spool({
      folder: join(folder, 'spool'),
      maxBytes: 256 << 20,
      maxAgeMs: 1e12,
      memoryBytes: 8 << 20,
      clock,
      log: silentLog,
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-disk-'));
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
    clock = new ManualClock();
  });
  afterEach(() => {
    spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Takes everything out as the session would: what was stored, and what was declared gone. */
  async function drain(spool: Spool) {
    const stored: number[] = [];
    let declared = 0;
    await spool.flush();
    for (;;) {
      const { epoch } = spool;
      const run = spool.read(1, { maxEntries: 500, maxBytes: 1 << 20 });
      if (!run) return { stored, declared };
      for (const taken of run.entries) {
        if (taken.kind === 'minute') stored.push(taken.minute.values[0] as number);
        if (taken.kind === 'dropped') declared += taken.entries;
      }
      spool.ack(epoch, run.firstSeq + run.entries.length - 1);
      await spool.flush();
    }
  }

  it('full: drops its oldest, counts each, and what was produced is stored or declared', async () => {
    const spool = open();
    const produced = 30_000; // some 8 MB
    for (let n = 0; n < produced; n++) {
      spool.append(entry(n));
      if (n % 500 === 0) await spool.flush();
    }
    const { stored, declared } = await drain(spool);
    expect(declared).toBeGreaterThan(0);
    expect(stored.length).toBeGreaterThan(0);
    expect(stored.length + declared).toBe(produced);
    expect(spool.status.droppedEntries).toBe(declared);
    expect(stored.at(-1)).toBe(produced - 1);
  });

  it('full of the files of others: goes on in memory, says degraded, and is back when there is room', async () => {
    const spool = open();
    spool.append(entry(0));
    await spool.flush();
    let size = 4 << 20;
    for (; size > 512; size = Math.floor(size / 2)) {
      try {
        writeFileSync(join(folder, `other-${size}`), Buffer.alloc(size));
      } catch {
        // smaller, then
      }
    }
    for (let n = 1; n <= 200; n++) spool.append(entry(n));
    await spool.flush();
    expect(spool.status.degraded).toBe(true);
    spawnSync('sh', ['-c', `rm ${folder}/other-*`]);
    await clock.advance(31_000);
    spool.tick();
    for (let n = 201; n <= 210; n++) spool.append(entry(n));
    await spool.flush();
    expect(spool.status.degraded).toBe(false);
    const { stored } = await drain(spool);
    expect([...new Set(stored)]).toEqual(Array.from({ length: 211 }, (_, n) => n));
  });

  it('read-only: memory only and never an error; what was on it is still sent; back when it can be written', async () => {
    const spool = open();
    for (let n = 0; n < 100; n++) spool.append(entry(n));
    await spool.flush();
    // a file that is open for writing keeps a disk from becoming read-only
    await spool.close();
    expect(mount('remount,ro').status).toBe(0);
    const again = open();
    expect(again.status.degraded).toBe(true); // before anything was written
    for (let n = 100; n < 200; n++) again.append(entry(n));
    again.tick();
    await again.flush();
    expect(again.status.degraded).toBe(true);
    expect(mount('remount,rw').status).toBe(0);
    await clock.advance(31_000);
    again.tick();
    for (let n = 200; n < 250; n++) again.append(entry(n));
    await again.flush();
    expect(again.status.degraded).toBe(false);
    const { stored, declared } = await drain(again);
    expect(stored).toEqual(Array.from({ length: 250 }, (_, n) => n));
    expect(declared).toBe(0);
  });

  it('that comes and goes keeps every entry once, and leaves no chain of files behind', async () => {
    const spool = open();
    let n = 0;
    let bites = 0;
    for (let round = 0; round < 6; round++) {
      for (let i = 0; i < 50; i++) spool.append(entry(n++));
      await spool.flush();
      // so full that not one more byte goes onto it
      const filled = spawnSync('sh', ['-c', `cat /dev/zero > ${folder}/other 2>/dev/null`]);
      expect(filled.error).toBeUndefined();
      for (let i = 0; i < 50; i++) spool.append(entry(n++));
      await spool.flush();
      bites += spool.status.degraded ? 1 : 0;
      rmSync(join(folder, 'other'));
      await clock.advance(31_000);
      spool.tick();
    }
    const { stored, declared } = await drain(spool);
    expect(bites).toBeGreaterThan(1);
    expect(stored.length + declared).toBe(n);
    expect(stored).toEqual([...stored].sort((a, b) => a - b));
    expect(new Set(stored).size).toBe(stored.length);
    expect(spool.status.bytes).toBeLessThan(64 << 10);
  });
});
