import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import { aMinute, createDevice } from '../../../../test/support/telemetry.js';
import { byTagStatement, FleetMetricsQueries } from './fleet-metrics.queries.js';
import type { TagHour } from './fleet-metrics.queries.js';
import { LiveStore } from './live.store.js';
import { MetricsIngest } from './metrics.ingest.js';
import { MetricsPacking } from './metrics.packing.js';
import { MetricsRetention } from './metrics.retention.js';

const DAY_S = 86_400;
const TODAY_S = Math.floor(Date.now() / 1000 / DAY_S) * DAY_S;
/** Noon of the day before yesterday: a day that is over for good. */
const NOON_S = TODAY_S - 2 * DAY_S + DAY_S / 2;

let database: TestDatabase;
let ingest: MetricsIngest;
let packing: MetricsPacking;
let tenant: TestTenant;
let agentId: string;
let device: number;

beforeEach(async () => {
  database = await createTestDatabase();
  ingest = new MetricsIngest(database.db, new LiveStore(database.db));
  packing = new MetricsPacking(database.db);
  tenant = await createTenant(database.db);
  ({ agentId } = await tenant.agent());
  device = await createDevice(database.db, tenant.tenantId, await tenant.instance());
});
afterEach(() => database.close());

const store = (atS: number, percents: readonly number[], deviceId = device) =>
  ingest.storeSamples(tenant.tenantId, agentId, [
    {
      deviceId,
      minute: aMinute(
        atS,
        { gpu_utilization: percents, throttle_reasons: percents.map((p) => (p > 50 ? 4 : 1)) },
        { seconds: percents.map((_, i) => i) },
      ),
    },
  ]);
/** As if it were so late; the packing leaves the newest five minutes alone. */
const packAt = (atS: number) => packing.pack(atS * 1000);
const days = (metric = 1) =>
  database.db.read(tenant.actor, (tx) =>
    tx.rows<{ day: string; hours: (number | null)[]; minutes: (number | null)[] | null }>(
      'SELECT day::text, hours, minutes FROM flotilla.my_gpu_days WHERE metric = $1 ORDER BY day',
      [metric],
    ),
  );
const hour = (slots: readonly (number | null)[], h: number) => slots.slice(h * 4, h * 4 + 4);
const minute = (slots: readonly (number | null)[], m: number) => [0, 1, 2, 3].map((stat) => slots[stat * 1440 + m]);

describe('packing', () => {
  it('adds the minutes of the running hour bit by bit, each once', async () => {
    await store(NOON_S, [10, 20]);
    await store(NOON_S + 60, [90]);
    await packAt(NOON_S + 60 + 300);
    expect(hour((await days())[0]!.hours, 12)).toEqual([10, 15, 20, 2]);
    expect((await days())[0]!.minutes).toBeNull();
    await packAt(NOON_S + 60 + 300);
    await packAt(NOON_S + 120 + 300);
    expect(hour((await days())[0]!.hours, 12)).toEqual([10, 40, 90, 3]); // (10 + 20 + 90) ÷ 3
    expect(hour((await days(17))[0]!.hours, 12)).toEqual([0, 5, 5, 3]); // bits: 1 & 4, 1 | 4
    expect((await days())[0]!.hours.filter((value) => value !== null)).toHaveLength(4);
  });

  it('packs a day with its 1,440 minutes once it is over', async () => {
    await store(NOON_S - 3_600, [1]);
    await store(NOON_S, [10, 20]);
    await store(NOON_S + 6 * 3_600, [5]);
    await packAt(NOON_S + 600);
    await packAt(NOON_S + DAY_S);
    const [day] = await days();
    expect(hour(day!.hours, 11)).toEqual([1, 1, 1, 1]);
    expect(hour(day!.hours, 12)).toEqual([10, 15, 20, 2]);
    expect(hour(day!.hours, 18)).toEqual([5, 5, 5, 1]);
    expect(hour(day!.hours, 13)).toEqual([null, null, null, null]);
    expect(day!.minutes).toHaveLength(4 * 1440);
    expect(minute(day!.minutes!, 12 * 60)).toEqual([10, 15, 20, 2]);
    expect(minute(day!.minutes!, 12 * 60 + 1)).toEqual([null, null, null, null]);
    expect(day!.minutes!.filter((value) => value !== null)).toHaveLength(3 * 4);
  });

  it('packs a day again when samples come late, whether it is over or not', async () => {
    await store(NOON_S, [10]);
    await packAt(NOON_S + 3_600);
    await store(NOON_S + 60, [30]);
    expect(hour((await days())[0]!.hours, 12)).toEqual([10, 10, 10, 1]);
    await packAt(NOON_S + 3_660);
    expect(hour((await days())[0]!.hours, 12)).toEqual([10, 20, 30, 2]);
    await packAt(NOON_S + DAY_S);
    await store(NOON_S + 120, [50]);
    await packAt(NOON_S + DAY_S + 60);
    const [day] = await days();
    expect(hour(day!.hours, 12)).toEqual([10, 30, 50, 3]);
    expect(minute(day!.minutes!, 12 * 60 + 2)).toEqual([50, 50, 50, 1]);
  });

  it('loses no minute that is stored while it packs', async () => {
    const racing = Array.from({ length: 40 }, (_, i) => store(NOON_S + i * 60, [i]));
    for (let i = 0; i < 12; i++) await packAt(NOON_S + 300 + i * 300);
    await Promise.all(racing);
    await packAt(NOON_S + 3_600 + 600);
    expect(hour((await days())[0]!.hours, 12)).toEqual([0, 19.5, 39, 40]);
  });
});

describe('a metric by tag', () => {
  it('joins packed hours and the minutes after them, weighted by samples', async () => {
    const other = await tenant.instance();
    const untagged = await createDevice(database.db, tenant.tenantId, other);
    const tag = `UPDATE flotilla.instances SET tags = '{"team": "vision"}' WHERE id <> $1 AND tenant_id = $2`;
    await database.db.system((tx) => tx.rows(tag, [other, tenant.tenantId]));
    const second = await createDevice(database.db, tenant.tenantId, await sameInstance(), { gpuIndex: 1 });
    await store(NOON_S, [10, 20, 30]);
    await store(NOON_S, [100], second);
    await store(NOON_S + 60, [7], untagged);
    await packAt(NOON_S + 600);
    await store(NOON_S + 600, [40]);
    await store(NOON_S + 3_600, [60, 80]);

    const rows = await new FleetMetricsQueries(database.db).byTag(
      tenant.actor,
      'team',
      'gpu_utilization',
      new Date((NOON_S - DAY_S) * 1000),
      new Date((NOON_S + DAY_S) * 1000),
      ['avg', 'min', 'max'],
    );
    expect(rows).toEqual([
      { tag_value: 'vision', at: new Date(NOON_S * 1000), min: 10, avg: 40, max: 100, count: 5 }, // (10 + 20 + 30 + 100 + 40) ÷ 5
      { tag_value: 'vision', at: new Date((NOON_S + 3_600) * 1000), min: 60, avg: 70, max: 80, count: 2 },
      { tag_value: null, at: new Date(NOON_S * 1000), min: 7, avg: 7, max: 7, count: 1 },
    ]);
  });

  it('is the same per instance as per GPU, whatever came late, moved or went away', async () => {
    const home = await sameInstance();
    const other = await tenant.instance();
    const devices = [device];
    for (const [at, of] of [home, home, other].entries()) {
      devices.push(await createDevice(database.db, tenant.tenantId, of, { gpuIndex: at + 1 }));
    }
    const tag = `UPDATE flotilla.instances SET tags = jsonb_build_object('team', 'team-' || id) WHERE tenant_id = $1`;
    await database.db.system((tx) => tx.rows(tag, [tenant.tenantId]));
    const reading = (n: number) =>
      [(n * 37) % 101, (n * 53) % 97, (n * 29) % 89].map((value) => Math.fround(value / 7));
    const total = (rows: readonly TagHour[]) => rows.reduce((sum, row) => sum + row.count, 0);

    // one minute of one GPU every 24 minutes, from noon on for a day
    for (let n = 0; n < 60; n++) await store(NOON_S + n * 1_440, reading(n), devices[(n * 7) % 4]!);
    await packAt(NOON_S + 3_600);
    expect(total(await bothWays())).toBe(60 * 3);
    await packAt(NOON_S + DAY_S / 4 + 60);
    await bothWays();
    for (let n = 0; n < 12; n++) await store(NOON_S + 60 + n * 1_440, reading(n + 7), devices[n % 4]!);
    await packAt(NOON_S + DAY_S / 4 + 120);
    await bothWays();
    await packAt(NOON_S + DAY_S);
    await store(NOON_S + 120, [100], devices[3]);
    await packAt(NOON_S + DAY_S + 60);
    const settled = await bothWays();
    expect(total(settled)).toBe(60 * 3 + 12 * 3 + 1);

    const move = 'UPDATE flotilla.devices SET instance_id = $1 WHERE id = $2';
    await database.db.system((tx) => tx.rows(move, [other, devices[1]]));
    const moved = await byTag();
    expect(moved).not.toEqual(settled);
    expect(await answer('instances')).not.toEqual(moved);
    await packAt(NOON_S + DAY_S + 120);
    expect(await bothWays()).toEqual(moved);

    await database.db.system((tx) => tx.rows('DELETE FROM flotilla.devices WHERE id = $1', [devices[3]]));
    const less = await byTag();
    expect(total(less)).toBeLessThan(total(moved));
    await packAt(NOON_S + DAY_S + 180);
    expect(await bothWays()).toEqual(less);
    await database.db.system((tx) => tx.rows('DELETE FROM flotilla.instances WHERE id = $1', [home]));
    await packAt(NOON_S + DAY_S + 240);
    const left = less.filter((row) => row.tag_value === `team-${other}`);
    expect(left.length).toBeGreaterThan(0);
    expect(await bothWays()).toEqual(left);
  });

  it('makes what was packed before there were rows per instance', async () => {
    await store(NOON_S, [10, 20, 30]);
    await packAt(NOON_S + DAY_S);
    const before = await bothWays();
    await database.db.ingest(async (tx) => {
      await tx.rows('DELETE FROM flotilla.instance_days');
      await tx.rows(
        'INSERT INTO flotilla.instance_days_to_make SELECT d.tenant_id, d.instance_id FROM flotilla.devices d',
      );
    });
    expect(await answer('instances')).toEqual([]);
    expect(await byTag()).toEqual(before);
    await packAt(NOON_S + DAY_S + 60);
    expect(await bothWays()).toEqual(before);
  });

  const SPAN = [new Date((NOON_S - DAY_S) * 1000), new Date((NOON_S + 2 * DAY_S) * 1000)] as const;
  const ALL = ['avg', 'min', 'max'] as const;
  const byTag = () => new FleetMetricsQueries(database.db).byTag(tenant.actor, 'team', 'gpu_utilization', ...SPAN, ALL);

  function answer(source: 'instances' | 'gpus'): Promise<TagHour[]> {
    return database.db.read(tenant.actor, async (tx) => {
      const mark = await tx.row<{ s: number }>(
        "SELECT date_part('epoch', p.hours_through) AS s FROM flotilla.metric_packing p",
      );
      const question = {
        tagKey: 'team',
        metric: 'gpu_utilization',
        from: SPAN[0],
        to: SPAN[1],
        statistics: ALL,
      } as const;
      const { sql, values } = byTagStatement(question, mark!.s, source);
      return tx.rows<TagHour & Record<string, unknown>>(sql, values);
    });
  }

  async function bothWays(): Promise<TagHour[]> {
    const rows = await answer('instances');
    expect(rows).toEqual(await answer('gpus'));
    expect(rows).toEqual(await byTag());
    return rows;
  }

  async function sameInstance(): Promise<number> {
    const row = await database.db.system((tx) =>
      tx.row<{ instance_id: number }>('SELECT instance_id FROM flotilla.devices WHERE id = $1', [device]),
    );
    return row!.instance_id;
  }
});

describe('partitions', () => {
  const names = () =>
    database.db.system((tx) =>
      tx.rows<{ name: string }>(
        `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent IN ('flotilla.gpu_minutes'::regclass, 'flotilla.gpu_days'::regclass) ORDER BY 1`,
      ),
    );

  const isPartitioned = async () => {
    const kind = `SELECT relkind FROM pg_class WHERE oid = 'flotilla.gpu_minutes'::regclass`;
    return (await database.db.system((tx) => tx.row<{ relkind: string }>(kind)))!.relkind === 'p';
  };

  it('are made ahead once, and dropped when nobody may read them', async () => {
    const retention = new MetricsRetention(database.db);
    await retention.makePartitions();
    expect(await retention.makePartitions()).toBe(0);
    const before = (await names()).map((row) => row.name);
    const dayName = (ago: number) =>
      `gpu_minutes_${new Date((TODAY_S - ago * DAY_S) * 1000).toISOString().slice(0, 10).replaceAll('-', '')}`;
    // TimescaleDB cuts its chunks by itself
    const days = (await isPartitioned()) ? [dayName(31), dayName(0), dayName(-3)] : [];
    expect(before).toEqual(expect.arrayContaining([...days, `gpu_days_${dayName(0).slice(12, 18)}`]));
    await database.db.ingest((tx) =>
      tx.rows(`SELECT flotilla.make_metric_partitions(current_date - 450, current_date - 430)`),
    );
    const dropped = await retention.dropOld();
    expect(dropped.length).toBeGreaterThanOrEqual(days.length > 0 ? 21 : 1);
    expect(dropped.every((name) => !before.includes(name))).toBe(true);
    expect((await names()).map((row) => row.name)).toEqual(before);
  });

  it('are made by several replicas at once', async () => {
    const days = `SELECT flotilla.make_metric_partitions(current_date + 40, current_date + 79) AS made`;
    const made = await Promise.all([1, 2, 3].map(() => database.db.ingest((tx) => tx.row<{ made: number }>(days))));
    expect(made.reduce((sum, row) => sum + row!.made, 0)).toBeGreaterThanOrEqual((await isPartitioned()) ? 41 : 1);
    expect(made.filter((row) => row!.made > 0)).toHaveLength(1);
  });

  it('forgets old ledger rows', async () => {
    await ingest.storeBatch({ tenantId: tenant.tenantId, agentId, walEpoch: 7n, firstSeq: 1, lastSeq: 1, minutes: [] });
    const count = async () =>
      (await database.db.system((tx) => tx.rows('SELECT 1 FROM flotilla.ingest_ledger'))).length;
    const retention = new MetricsRetention(database.db);
    await retention.dropOld();
    expect(await count()).toBe(1);
    await database.db.system((tx) =>
      tx.rows("UPDATE flotilla.ingest_ledger SET stored_at = now() - interval '9 days'"),
    );
    await retention.dropOld();
    expect(await count()).toBe(0);
    expect(await ingest.position(agentId, 7n)).toBe(1);
  });
});
