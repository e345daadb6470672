import type { AgentRef } from '@flotilla/domain';
import { packMinute } from '@flotilla/domain';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import { aMinute, createDevice, minuteAgo } from '../../../../test/support/telemetry.js';
import type { MinuteOfDevice } from './ingest.types.js';
import { SequenceGapError } from './ingest.types.js';
import { LiveStore } from './live.store.js';
import { writeMetricNames } from './metric-names.js';
import { MetricsIngest } from './metrics.ingest.js';

let database: TestDatabase;
let ingest: MetricsIngest;
let tenant: TestTenant;
let agent: AgentRef;
let device: number;
const EPOCH = 0xf000_0000_0000_0001n;

beforeAll(async () => {
  database = await createTestDatabase();
  await writeMetricNames(database.db);
});
afterAll(() => database.close());
beforeEach(async () => {
  ingest = new MetricsIngest(database.db, new LiveStore(database.db));
  tenant = await createTenant(database.db);
  agent = await tenant.agent();
  device = await createDevice(database.db, tenant.tenantId, await tenant.instance({ agent }));
});

const batch = (firstSeq: number, minutes: readonly MinuteOfDevice[], more: object = {}) => ({
  ...agent,
  walEpoch: EPOCH,
  firstSeq,
  lastSeq: firstSeq + Math.max(1, minutes.length) - 1,
  minutes: minutes.map((m, i) => ({ seq: firstSeq + i, ...m })),
  ...more,
});
const busy = (ago: number, gpu = 90) => ({
  deviceId: device,
  minute: aMinute(minuteAgo(ago), { gpu_utilization: gpu }),
});
const samples = (deviceId = device) =>
  database.db.read(tenant.actor, (tx) =>
    tx.rows<{ metric: string; ts: Date; value: number }>(
      'SELECT metric, ts, value FROM flotilla.my_gpu_samples WHERE device_id = $1 ORDER BY metric, ts',
      [deviceId],
    ),
  );
const quarantined = () =>
  database.db.read(tenant.actor, (tx) =>
    tx.rows<{ kind: string; device_id: number; occurrences: number; reason: string }>(
      'SELECT kind, device_id, occurrences, reason FROM flotilla.ingest_quarantine WHERE agent_id = $1 ORDER BY kind',
      [agent.agentId],
    ),
  );
const ledger = () =>
  database.db.read(tenant.actor, (tx) =>
    tx.rows(
      `SELECT first_seq, last_seq, lost_before, minutes, stored, duplicates, conflicts, rejected FROM flotilla.ingest_ledger
       WHERE agent_id = $1 ORDER BY first_seq`,
      [agent.agentId],
    ),
  );

describe('storing batches', () => {
  it('gives back every sampled value exactly, and nothing where nothing was sampled', async () => {
    const minute = aMinute(
      minuteAgo(3),
      { gpu_utilization: [0, null, 97], power_draw: [71.85, 312.5, null], throttle_reasons: [1, 4, 256] },
      { seconds: [0, 30, 59] },
    );
    const outcome = await ingest.storeBatch(batch(1, [{ deviceId: device, minute }]));
    expect(outcome).toEqual({ throughSeq: 1, stored: 7, duplicates: 0, conflicts: 0, rejected: [], absorbed: false });
    const stored = (await samples()).map(({ metric, ts, value }) => [metric, ts.getUTCSeconds(), value]);
    expect(stored).toEqual([
      ['gpu_utilization', 0, 0],
      ['gpu_utilization', 59, 97],
      ['power_draw', 0, 71.85],
      ['power_draw', 30, 312.5],
      ['throttle_reasons', 0, 1],
      ['throttle_reasons', 30, 4],
      ['throttle_reasons', 59, 256],
    ]);
    expect(await ledger()).toEqual([
      { first_seq: 1, last_seq: 1, lost_before: 0, minutes: 1, stored: 7, duplicates: 0, conflicts: 0, rejected: 0 },
    ]);
    expect(await ingest.position(agent.agentId, EPOCH)).toBe(1);
    expect(await ingest.position(agent.agentId, EPOCH + 1n)).toBe(0);
  });

  it('absorbs a batch that comes twice, and the part of one that came before', async () => {
    const minutes = [5, 4, 3].map((ago) => busy(ago));
    await ingest.storeBatch(batch(1, minutes));
    expect(await ingest.storeBatch(batch(1, minutes))).toMatchObject({ throughSeq: 3, stored: 0, absorbed: true });
    const overlapping = batch(2, [...minutes.slice(1), busy(2)]);
    expect(await ingest.storeBatch(overlapping)).toMatchObject({ throughSeq: 4, stored: 12, duplicates: 0 });
    expect(await samples()).toHaveLength(4 * 12);
    expect((await ledger()).map((row) => [row['first_seq'], row['last_seq'], row['stored']])).toEqual([
      [1, 3, 36],
      [4, 4, 12],
    ]);
  });

  it('merges slots under a new spool: the first value stays, repeats and conflicts are counted', async () => {
    const at = minuteAgo(3);
    await ingest.storeBatch(
      batch(1, [{ deviceId: device, minute: aMinute(at, { gpu_utilization: [1, 2] }, { seconds: [0, 1] }) }]),
    );
    const second = {
      deviceId: device,
      minute: aMinute(at, { gpu_utilization: [1, 7, 3], temperature: [null, null, 50] }, { seconds: [0, 1, 2] }),
    };
    const outcome = await ingest.storeBatch(batch(1, [second], { walEpoch: EPOCH + 1n }));
    expect(outcome).toMatchObject({ stored: 2, duplicates: 1, conflicts: 1 });
    expect((await samples()).map(({ metric, value }) => [metric, value])).toEqual([
      ['gpu_utilization', 1],
      ['gpu_utilization', 2],
      ['gpu_utilization', 3],
      ['temperature', 50],
    ]);
    const [row] = await database.db.read(tenant.actor, (tx) =>
      tx.rows('SELECT metrics, stats, sample_count FROM flotilla.my_gpu_minutes WHERE device_id = $1', [device]),
    );
    expect(row).toEqual({
      metrics: [1, 6],
      stats: [
        [1, 2, 3, 3],
        [50, 50, 50, 1],
      ],
      sample_count: 3,
    });
    expect(await quarantined()).toMatchObject([{ kind: 'conflict', occurrences: 1 }]);
  });

  it('commits agents together, each with its own outcome', async () => {
    const others = await Promise.all(Array.from({ length: 20 }, () => tenant.agent()));
    const minutes = [9, 8, 7].map((ago) => busy(ago));
    const outcomes = await Promise.all(
      others.map((other) => ingest.storeBatch({ ...batch(1, minutes), agentId: other.agentId })),
    );
    const sum = (key: 'stored' | 'duplicates') => outcomes.reduce((total, outcome) => total + outcome[key], 0);
    expect(sum('stored')).toBe(3 * 12);
    expect(sum('duplicates')).toBe(19 * 3 * 12);
    expect(await samples()).toHaveLength(3 * 12);
  });

  it('stores the batches of one agent in the order in which they came', async () => {
    const sent = Array.from({ length: 30 }, (_, i) => ingest.storeBatch(batch(i + 1, [busy(40 - i)])));
    const outcomes = await Promise.all(sent);
    expect(outcomes.map((outcome) => outcome.throughSeq)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  });

  it('refuses a gap, unless the agent has nothing older any more', async () => {
    await ingest.storeBatch(batch(1, [busy(9)]));
    await expect(ingest.storeBatch(batch(5, [busy(5)]))).rejects.toThrow(SequenceGapError);
    await expect(ingest.storeBatch(batch(5, [busy(5)]))).rejects.toThrow(/send again from 2$/);
    expect(await ingest.storeBatch(batch(5, [busy(5)], { spoolOldestSeq: 5 }))).toMatchObject({ throughSeq: 5 });
    expect((await ledger()).map((row) => row['lost_before'])).toEqual([0, 3]);
  });

  it('moves past entries that hold no minute', async () => {
    expect(await ingest.storeBatch(batch(1, [], { lastSeq: 7 }))).toMatchObject({ throughSeq: 7, stored: 0 });
    expect(await ingest.position(agent.agentId, EPOCH)).toBe(7);
  });
});

describe('poison', () => {
  it('refuses what cannot be, keeps the reason and stores the neighbours', async () => {
    const good = busy(3);
    const infinite = { deviceId: device, minute: aMinute(minuteAgo(4), { temperature: Infinity }) };
    const outcome = await ingest.storeBatch(
      batch(1, [
        good,
        { deviceId: device, minute: aMinute(minuteAgo(-6), { gpu_utilization: 1 }) },
        { deviceId: device, minute: aMinute(minuteAgo(32 * 1440), { gpu_utilization: 1 }) },
        { deviceId: 2_000_000_000, minute: good.minute },
        infinite,
        { deviceId: device, minute: { ...aMinute(minuteAgo(5), { gpu_utilization: 107, temperature: 50 }) } },
        { deviceId: device, minute: { ...good.minute, minuteS: minuteAgo(6), metrics: [900] } },
      ]),
    );
    expect(outcome.throughSeq).toBe(7);
    expect(outcome.stored).toBe(24); // 12 of the good one, 12 temperatures beside the impossible 107 %
    expect(outcome.rejected.map(({ seq, reason }) => [seq, reason.slice(0, 40)])).toEqual([
      [2, expect.stringMatching(/^the minute lies 3\d\d s ahead/)],
      [3, 'the minute is older than the 30 days tha'],
      [4, 'device 2000000000 is not one of this ten'],
      [5, 'temperature is not a finite number in se'],
    ]);
    expect((await quarantined()).map(({ kind, device_id, occurrences }) => [kind, device_id, occurrences])).toEqual([
      ['in_the_future', device, 1],
      ['out_of_range', device, 12],
      ['too_old', device, 1],
      ['unknown_device', 0, 1],
      ['unknown_metric', device, 1],
      ['unreadable', device, 1],
    ]);
  });

  it("does not store into another tenant's device", async () => {
    const stranger = await createTenant(database.db);
    const theirs = await createDevice(database.db, stranger.tenantId, await stranger.instance());
    const outcome = await ingest.storeBatch(batch(1, [{ ...busy(3), deviceId: theirs }]));
    expect(outcome).toMatchObject({ stored: 0, rejected: [{ reason: `device ${theirs} is not one of this tenant` }] });
  });

  it('keeps what could not be read at all', async () => {
    const unreadable = [{ seq: 1, reason: '3 bytes of values do not fit', payload: packMinute(busy(3).minute).values }];
    const outcome = await ingest.storeBatch(batch(1, [], { unreadable }));
    expect(outcome).toMatchObject({ throughSeq: 1, rejected: [{ seq: 1, reason: '3 bytes of values do not fit' }] });
    expect(await quarantined()).toMatchObject([{ kind: 'unreadable', device_id: 0 }]);
  });

  it('lets no batch harm the others of its group', async () => {
    const nobody = { ...batch(1, [busy(7)]), agentId: '00000000-0000-4000-8000-000000000000' };
    const [good, bad] = await Promise.allSettled([ingest.storeBatch(batch(1, [busy(3)])), ingest.storeBatch(nobody)]);
    expect(good).toMatchObject({ status: 'fulfilled', value: { stored: 12 } });
    expect(bad.status).toBe('rejected');
    expect(await samples()).toHaveLength(12);
  });
});

describe('samples without a sequence', () => {
  it('stores a body that comes twice once', async () => {
    const minutes = [busy(3), busy(2)];
    expect(await ingest.storeSamples(tenant.tenantId, agent.agentId, minutes)).toEqual([
      { accepted: 12, duplicates: 0, conflicts: 0 },
      { accepted: 12, duplicates: 0, conflicts: 0 },
    ]);
    expect(await ingest.storeSamples(tenant.tenantId, agent.agentId, minutes)).toEqual([
      { accepted: 0, duplicates: 12, conflicts: 0 },
      { accepted: 0, duplicates: 12, conflicts: 0 },
    ]);
  });

  it('fills a minute sample by sample, also when two arrive at once', async () => {
    const at = minuteAgo(3);
    const one = (second: number) => [
      { deviceId: device, minute: aMinute(at, { gpu_utilization: second }, { seconds: [second], intervalS: 10 }) },
    ];
    const other = new MetricsIngest(database.db, new LiveStore(database.db));
    await Promise.all(
      [0, 10, 20, 30, 40, 50].map((second, i) =>
        (i % 2 ? ingest : other).storeSamples(tenant.tenantId, agent.agentId, one(second)),
      ),
    );
    expect((await samples()).map(({ value }) => value)).toEqual([0, 10, 20, 30, 40, 50]);
  });

  it('says per minute why it was refused', async () => {
    const outcomes = await ingest.storeSamples(tenant.tenantId, agent.agentId, [
      { deviceId: device, minute: aMinute(minuteAgo(-10), { gpu_utilization: 1 }) },
      busy(3),
    ]);
    expect(outcomes[0]!.error).toMatch(/ahead of the server: check the host's clock/);
    expect(outcomes[1]).toEqual({ accepted: 12, duplicates: 0, conflicts: 0 });
  });
});

describe('live values', () => {
  it('keeps the newest of each device, and tells the listeners', async () => {
    const live = new LiveStore(database.db);
    let told = 0;
    const stop = await database.db.listen('flotilla_live', () => told++);
    const value = (atMs: number, gpu: number, power: number) => ({
      tenantId: tenant.tenantId,
      deviceId: device,
      atMs,
      metrics: [1, 7],
      values: Float32Array.of(gpu, power),
    });
    const now = Date.now();
    live.take([value(now - 1_000, 10, 100), value(now, 20, NaN), value(now - 500, 30, 300)]);
    await live.flush();
    live.take([
      value(now - 2_000, 40, 400),
      { ...value(now, 1, 1), tenantId: (await createTenant(database.db)).tenantId },
    ]);
    await live.flush();
    const rows = await database.db.read(tenant.actor, (tx) =>
      tx.rows('SELECT device_id, at, metrics, readings FROM flotilla.my_gpu_live'),
    );
    expect(rows).toEqual([{ device_id: device, at: new Date(now), metrics: [1, 7], readings: [20, null] }]);
    expect(live.failures).toBe(0);
    for (let i = 0; i < 50 && told < 2; i++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told).toBe(2);
    stop();
  });
});
