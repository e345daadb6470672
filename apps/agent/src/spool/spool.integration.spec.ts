import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.js';
import { silentLog } from '../log.js';
import type { SpoolEntry } from './entry.js';
import { MemoryStore } from './memory-store.js';
import { Spool } from './spool.js';
import type { SpoolOptions } from './spool.js';
import type { Run } from './store.js';

const NOTHING = () => () => {};
let now = 1_800_000_000_000;
const clock: Clock = { nowMs: () => now, monotonicMs: () => now, after: NOTHING, every: NOTHING };
const WIDE = { maxEntries: 10_000, maxBytes: 100 << 20 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-spool-'));
  now = 1_800_000_000_000;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (options: Partial<SpoolOptions> = {}) =>
  new Spool({
    folder,
    maxBytes: 256 << 20,
    maxAgeMs: 7 * 86_400_000,
    memoryBytes: 1 << 20,
    clock,
    log: silentLog,
    ...options,
  });

/** A minute whose values tell which one it is. */
const minute = (n: number): SpoolEntry => ({
  kind: 'minute',
  device: 'GPU-1',
  minute: {
    minuteS: 1_800_000_000 + n * 60,
    intervalS: 5,
    metrics: [1, 6],
    seconds: Uint8Array.from([0, 5]),
    values: Float32Array.from([n, n + 0.5, Number.NaN, 40]),
  },
});

const epochFolder = () => join(folder, readdirSync(folder).sort()[0] as string);
const segments = () =>
  readdirSync(epochFolder())
    .filter((name) => name.endsWith('.seg'))
    .sort();
const segment = (at: number) => join(epochFolder(), segments().at(at) as string);

describe('the spool', () => {
  it('gives back what was appended, in order, also after a restart, under the same wal_epoch', async () => {
    const spool = open();
    for (let n = 1; n <= 300; n++) spool.append(minute(n));
    await spool.close();
    const again = open();
    expect(again.epoch).toBe(spool.epoch);
    const run = again.read(1, WIDE);
    expect(run?.firstSeq).toBe(1);
    expect(run?.entries).toEqual(Array.from({ length: 300 }, (_, n) => minute(n + 1)));
    again.append(minute(301));
    await again.flush();
    expect(again.read(301, WIDE)).toEqual({ firstSeq: 301, entries: [minute(301)] });
  });

  it('hands nothing out before it is durable', async () => {
    const spool = open();
    spool.append(minute(1));
    expect(spool.read(1, WIDE)).toBeNull();
    await spool.flush();
    expect(spool.read(1, WIDE)?.entries).toHaveLength(1);
  });

  it('deletes acknowledged files and goes on with the next number', async () => {
    const spool = open({ maxBytes: 128 << 10 });
    for (let n = 1; n <= 500; n++) spool.append(minute(n));
    await spool.flush();
    expect(segments().length).toBeGreaterThan(2);
    spool.ack(spool.epoch, 500);
    expect(segments()).toHaveLength(1);
    await spool.close();
    const again = open({ maxBytes: 128 << 10 });
    again.resume(500);
    expect(again.read(1, WIDE)).toBeNull();
    again.append(minute(501));
    await again.flush();
    expect(again.read(501, WIDE)).toEqual({ firstSeq: 501, entries: [minute(501)] });
  });

  it.each([1, 7, 8, 9, 40])(
    'cuts a last record that lacks its last %d bytes and appends behind the whole ones',
    async (cut) => {
      const spool = open();
      for (let n = 1; n <= 5; n++) spool.append(minute(n));
      await spool.close();
      truncateSync(segment(0), statSync(segment(0)).size - cut);
      const again = open();
      again.append(minute(99));
      await again.flush();
      expect(again.read(1, WIDE)?.entries).toEqual([minute(1), minute(2), minute(3), minute(4), minute(99)]);
      expect(again.status.droppedEntries).toBe(0); // it never counted as appended
    },
  );

  it('cuts zero bytes behind the end, as some file systems leave after a power cut', async () => {
    const spool = open();
    spool.append(minute(1));
    await spool.close();
    writeFileSync(segment(0), Buffer.concat([readFileSync(segment(0)), Buffer.alloc(4096)]));
    const again = open();
    again.append(minute(2));
    await again.flush();
    expect(again.read(1, WIDE)?.entries).toEqual([minute(1), minute(2)]);
  });

  it('puts a counted gap in place of one damaged record and reads on behind it', async () => {
    const spool = open();
    for (let n = 1; n <= 5; n++) spool.append(minute(n));
    await spool.close();
    const bytes = readFileSync(segment(0));
    const size = bytes.length / 5;
    bytes.writeUInt8(bytes.readUInt8(size + 30) ^ 0xff, size + 30); // inside the second record
    writeFileSync(segment(0), bytes);
    const run = open().read(1, WIDE);
    expect(run?.entries.map((entry) => entry.kind)).toEqual(['minute', 'dropped', 'minute', 'minute', 'minute']);
    expect(run?.entries[1]).toMatchObject({ reason: 'unreadable', entries: 1 });
    expect(run?.entries[4]).toEqual(minute(5));
  });

  it('skips a file of garbage between readable ones and counts every entry that it held', async () => {
    const spool = open({ maxBytes: 128 << 10 });
    for (let n = 1; n <= 500; n++) spool.append(minute(n));
    await spool.close();
    const [, second, third] = segments().map((name) => Number(name.slice(0, 16)));
    writeFileSync(segment(1), Buffer.alloc(16 << 10, 0xa5));
    const again = open({ maxBytes: 128 << 10 });
    const run = again.read(1, WIDE);
    expect(run?.entries).toHaveLength(500);
    const gone = (third as number) - (second as number);
    expect(run?.entries.filter((entry) => entry.kind === 'dropped')).toHaveLength(gone);
    expect(run?.entries[(second as number) - 1]).toMatchObject({
      kind: 'dropped',
      reason: 'unreadable',
      entries: gone,
    });
    expect(again.status.droppedEntries).toBe(gone);
    expect(run?.entries.at(-1)).toEqual(minute(500));
  });

  it('drops the oldest when it is over its cap, and the account balances', async () => {
    const spool = open({ maxBytes: 128 << 10 });
    for (let n = 1; n <= 5000; n++) {
      spool.append(minute(n));
      if (n % 100 === 0) spool.tick();
    }
    await spool.flush();
    expect(spool.status.bytes).toBeLessThanOrEqual(128 << 10);
    const run = spool.read(1, WIDE);
    const kept = run?.entries.filter((entry) => entry.kind === 'minute').length ?? 0;
    const declared = run?.entries.reduce((sum, entry) => sum + (entry.kind === 'dropped' ? entry.entries : 0), 0) ?? 0;
    expect(run?.entries).toHaveLength(5000); // the sequence stays whole
    expect(kept + declared).toBe(5000);
    expect(spool.status.droppedEntries).toBe(declared);
    expect(run?.entries[0]).toMatchObject({ kind: 'dropped', reason: 'full', fromMinuteS: 1_800_000_060 });
    await spool.close();
    expect(open({ maxBytes: 128 << 10 }).status.droppedEntries).toBe(declared);
  });

  it('drops what is older than its age', async () => {
    const spool = open({ maxBytes: 128 << 10, maxAgeMs: 3_600_000 });
    for (let n = 1; n <= 500; n++) spool.append(minute(n));
    now += 3_600_001;
    spool.append(minute(501));
    spool.tick();
    await spool.flush();
    const run = spool.read(1, WIDE);
    expect(run?.entries[0]).toMatchObject({ kind: 'dropped', reason: 'too_old' });
    expect(run?.entries.at(-1)).toEqual(minute(501));
  });

  it('tells a gap although its first entries were stored long before it was known here', async () => {
    const cap = { maxBytes: 128 << 10 };
    const spool = open(cap);
    for (let n = 1; n <= 300; n++) spool.append(minute(n));
    await spool.close();
    const again = open(cap); // it does not know yet that 40 are acknowledged
    for (let n = 301; n <= 2000; n++) again.append(minute(n));
    again.tick();
    await again.flush();
    again.resume(40);
    const declared = (run: Run | null) =>
      run?.entries.reduce((sum, entry) => sum + (entry.kind === 'dropped' ? entry.entries : 0), 0) ?? 0;
    const run = again.read(41, WIDE);
    const kept = run?.entries.filter((entry) => entry.kind === 'minute').length ?? 0;
    expect(run?.firstSeq).toBe(41);
    expect(declared(run)).toBeGreaterThan(0);
    expect(40 + kept + declared(run)).toBe(2000);
    expect(again.status.droppedEntries).toBe(declared(run));
    // the receiver has the account and half of its places: it is not told a second time, also not after a restart
    again.resume(60);
    expect(declared(again.read(61, WIDE))).toBe(declared(run) - (run?.entries[0] as { entries: number }).entries);
    await again.close();
    const last = open(cap);
    last.resume(60);
    expect(declared(last.read(61, WIDE))).toBe(declared(run) - (run?.entries[0] as { entries: number }).entries);
    expect(last.status.droppedEntries).toBe(declared(run));
  });

  it('begins a new wal_epoch when its folder was lost', async () => {
    const spool = open();
    spool.append(minute(1));
    await spool.close();
    rmSync(folder, { recursive: true });
    const again = open();
    expect(again.epoch).not.toBe(spool.epoch);
    expect(again.epoch).toBeGreaterThan(0);
    expect(Number.isSafeInteger(again.epoch)).toBe(true);
  });

  it('sends what it has under a new wal_epoch when the control plane knows more than was ever kept here', async () => {
    const spool = open();
    for (let n = 1; n <= 3; n++) spool.append(minute(n));
    await spool.flush();
    const before = spool.epoch;
    spool.resume(10);
    await spool.flush();
    expect(spool.epoch).not.toBe(before);
    expect(spool.read(1, WIDE)).toEqual({ firstSeq: 1, entries: [minute(1), minute(2), minute(3)] });
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('works in memory where the folder cannot be made, drops its oldest there too, and says degraded', () => {
    writeFileSync(join(folder, 'file'), '');
    const spool = new Spool({
      folder: join(folder, 'file'),
      maxBytes: 1 << 20,
      maxAgeMs: 1e9,
      memoryBytes: 20_000,
      clock,
      log: silentLog,
    });
    for (let n = 1; n <= 1000; n++) spool.append(minute(n));
    spool.tick();
    expect(spool.status.degraded).toBe(true);
    const run = spool.read(1, WIDE);
    const declared = run?.entries.reduce((sum, entry) => sum + (entry.kind === 'dropped' ? entry.entries : 0), 0) ?? 0;
    expect(run?.entries).toHaveLength(1000);
    expect(declared).toBeGreaterThan(0);
    expect(spool.status.droppedEntries).toBe(declared);
    expect(run?.entries.at(-1)).toEqual(minute(1000));
  });

  it('tells a gap in memory once, and what it told stays as it was', () => {
    const store = new MemoryStore(7, 20_000);
    for (let n = 1; n <= 1000; n++) store.append(minute(n));
    const first = store.read(1, { maxEntries: 10, maxBytes: 1 << 20 })?.entries;
    const gone = first?.[0] as { entries: number; fromMinuteS: number; toMinuteS: number };
    expect(gone).toMatchObject({ kind: 'dropped', reason: 'degraded', fromMinuteS: 1_800_000_060 });
    expect(gone.toMinuteS).toBe(1_800_000_000 + gone.entries * 60);
    for (let n = 1001; n <= 1500; n++) store.append(minute(n));
    expect(store.read(1, { maxEntries: 10, maxBytes: 1 << 20 })?.entries).toEqual(first);
    const all = store.read(1, WIDE)?.entries ?? [];
    const told = all.filter((entry) => entry.kind === 'dropped' && entry.entries > 0);
    expect(told).toHaveLength(2);
    expect(told.reduce((sum, entry) => sum + (entry as { entries: number }).entries, 0)).toBe(store.droppedEntries);
    expect(store.droppedEntries + all.filter((entry) => entry.kind === 'minute').length).toBe(1500);
  });

  it.each([
    ['in a group', 50, [1, 50]],
    ['at once', 0, [1, 0]],
  ])('makes durable %s, as it is told', async (_, fsyncMs, [timers, delay]) => {
    const asked: number[] = [];
    const after = (ms: number) => {
      asked.push(ms);
      return () => {};
    };
    const spool = open({ fsyncMs, clock: { ...clock, after } });
    for (let n = 1; n <= 5; n++) spool.append(minute(n));
    expect([asked.length, asked[0]]).toEqual([timers, delay]);
    expect(spool.read(1, WIDE)).toBeNull();
    await spool.flush();
    expect(spool.read(1, WIDE)?.entries).toHaveLength(5);
  });
});
