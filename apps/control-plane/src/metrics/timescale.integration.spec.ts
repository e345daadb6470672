import type { AgentRef } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import pg from 'pg';
import { createTestDatabase, superuserUrl } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import { aMinute, createDevice } from '../../../../test/support/telemetry.js';
import { LiveStore } from './live.store.js';
import { writeMetricNames } from './metric-names.js';
import { MetricsIngest } from './metrics.ingest.js';
import { MetricsPacking } from './metrics.packing.js';

const DAY_S = 86_400;
const TODAY_S = Math.floor(Date.now() / 1000 / DAY_S) * DAY_S;
/** Ten o'clock of a day that the compression policy takes. */
const OLD_S = TODAY_S - 5 * DAY_S + 10 * 3_600;
const DEVICES = 3;
const MINUTES = 121;
/** In the middle of them there is none. */
const NO_MINUTE = 60;

/** Whether the server brings TimescaleDB under the licence that allows compression. */
async function isOffered(): Promise<boolean> {
  const client = new pg.Client({ connectionString: superuserUrl() });
  await client.connect();
  try {
    const { rows } = await client.query<{ offered: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_settings WHERE name = 'timescaledb.disable_load')
         AND coalesce(current_setting('timescaledb.license', true), 'timescale') = 'timescale' AS offered`,
    );
    return rows[0]!.offered;
  } finally {
    await client.end();
  }
}

const offered = await isOffered();
if (!offered)
  it.skip('TimescaleDB under the licence `timescale` is not on this server: not looked at', () => undefined);

(offered ? describe : describe.skip)('with TimescaleDB', () => {
  let database: TestDatabase;
  let owner: pg.Client;
  let ingest: MetricsIngest;
  let tenant: TestTenant;
  let agent: AgentRef;
  let devices: number[];

  beforeEach(async () => {
    database = await createTestDatabase();
    await writeMetricNames(database.db);
    owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    ingest = new MetricsIngest(database.db, new LiveStore(database.db));
    tenant = await createTenant(database.db);
    agent = await tenant.agent();
    const instance = await tenant.instance({ agent });
    devices = [];
    for (let gpuIndex = 0; gpuIndex < DEVICES; gpuIndex++)
      devices.push(await createDevice(database.db, tenant.tenantId, instance, { gpuIndex }));
    for (const [i, deviceId] of devices.entries()) await store(deviceId, i);
  });
  afterEach(async () => {
    await owner.end();
    await database.close();
  });

  const store = (deviceId: number, i: number) =>
    ingest.storeSamples(
      agent.tenantId,
      agent.agentId,
      Array.from({ length: MINUTES }, (_, m) => m)
        .filter((m) => m !== NO_MINUTE)
        .map((m) => ({
          deviceId,
          minute: aMinute(
            OLD_S + m * 60,
            {
              gpu_utilization: [m % 101, null, 50.5 + i, 3],
              power_draw: 71.85 + m,
              throttle_reasons: [1, 4, null, 256],
            },
            { seconds: [0, 15, 30, 45], intervalS: 15 },
          ),
        })),
    );
  /** What the policy does in the background. */
  const runPolicy = async (name: string) => {
    const { rows } = await owner.query<{ job_id: number }>(
      `SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = $1 AND hypertable_name = 'gpu_minutes'`,
      [name],
    );
    await owner.query(`CALL run_job(${rows[0]!.job_id})`);
  };
  const chunks = async () =>
    (
      await owner.query<{ name: string; is_compressed: boolean; starts: Date }>(
        `SELECT chunk_schema || '.' || chunk_name AS name, is_compressed, range_start AS starts
         FROM timescaledb_information.chunks WHERE hypertable_name = 'gpu_minutes' ORDER BY range_start`,
      )
    ).rows;
  const minutes = () =>
    database.db.read(tenant.actor, (tx) => tx.rows('SELECT * FROM flotilla.my_gpu_minutes ORDER BY device_id, minute'));
  const samples = (deviceId: number, atS: number) =>
    database.db.read(tenant.actor, (tx) =>
      tx.rows<{ metric: string; ts: Date; value: number }>(
        `SELECT metric, ts, value FROM flotilla.my_gpu_samples WHERE device_id = $1 AND minute = to_timestamp($2) ORDER BY metric, ts`,
        [deviceId, atS],
      ),
    );
  const late = (atS: number, gpu: readonly (number | null)[], seconds: readonly number[], deviceId = devices[1]!) =>
    ingest.storeSamples(agent.tenantId, agent.agentId, [
      { deviceId, minute: aMinute(atS, { gpu_utilization: gpu }, { seconds, intervalS: 15 }) },
    ]);

  it('cuts gpu_minutes into chunks of a day, with policies for compression and retention', async () => {
    expect(await chunks()).toEqual([
      { name: expect.any(String), is_compressed: false, starts: new Date((TODAY_S - 5 * DAY_S) * 1000) },
    ]);
    const { rows } = await owner.query(
      `SELECT proc_name, owner::text, config ->> 'compress_after' AS after, config ->> 'drop_after' AS drop
       FROM timescaledb_information.jobs WHERE hypertable_name = 'gpu_minutes' ORDER BY 1`,
    );
    expect(rows).toEqual([
      { proc_name: 'policy_compression', owner: 'flotilla', after: '2 days', drop: null },
      { proc_name: 'policy_retention', owner: 'flotilla', after: null, drop: '31 days' },
    ]);
    // aggregates in the row, samples out of it: as in a plain partition
    const storage = await owner.query(
      `SELECT string_agg(a.attname || ' ' || a.attstorage::text, ', ' ORDER BY a.attnum) AS columns, c.reloptions
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname IN ('metrics', 'stats', 'slots')
       WHERE c.oid = $1::regclass GROUP BY c.reloptions`,
      [(await chunks())[0]!.name],
    );
    expect(storage.rows).toEqual([{ columns: 'metrics p, stats p, slots x', reloptions: ['toast_tuple_target=128'] }]);
  });

  it('reads the same values exactly after compression, and takes less room', async () => {
    const before = await minutes();
    expect(before).toHaveLength(DEVICES * (MINUTES - 1));
    await runPolicy('policy_compression');
    expect((await chunks()).map((chunk) => chunk.is_compressed)).toEqual([true]);
    expect(await minutes()).toEqual(before);
    const { rows } = await owner.query<{ before: number; after: number }>(
      `SELECT before_compression_total_bytes::int AS before, after_compression_total_bytes::int AS after
       FROM hypertable_compression_stats('flotilla.gpu_minutes')`,
    );
    expect(rows[0]!.after).toBeLessThan(rows[0]!.before);
  });

  it('keeps young chunks as they are', async () => {
    await ingest.storeSamples(agent.tenantId, agent.agentId, [
      { deviceId: devices[0]!, minute: aMinute(TODAY_S - DAY_S, { gpu_utilization: 1 }) },
    ]);
    await runPolicy('policy_compression');
    expect((await chunks()).map((chunk) => chunk.is_compressed)).toEqual([true, false]);
  });

  it('stores a late minute into a compressed chunk', async () => {
    const before = await minutes();
    await runPolicy('policy_compression');
    const atS = OLD_S - 600;
    expect(await late(atS, [42], [7])).toEqual([{ accepted: 1, duplicates: 0, conflicts: 0 }]);
    expect(await late(atS, [42], [7])).toEqual([{ accepted: 0, duplicates: 1, conflicts: 0 }]);
    expect((await samples(devices[1]!, atS)).map(({ value }) => value)).toEqual([42]);
    expect(await minutes()).toHaveLength(before.length + 1);
    await runPolicy('policy_compression');
    expect((await samples(devices[1]!, atS)).map(({ value }) => value)).toEqual([42]);
  });

  it('merges late slots into a compressed minute: the first value stays, repeats and conflicts are counted', async () => {
    const before = await minutes();
    await runPolicy('policy_compression');
    expect(await late(OLD_S, [0, 77, 9], [0, 1, 45])).toEqual([{ accepted: 1, duplicates: 1, conflicts: 1 }]);
    const gpu = async () =>
      (await samples(devices[1]!, OLD_S))
        .filter(({ metric }) => metric === 'gpu_utilization')
        .map(({ ts, value }) => [ts.getUTCSeconds(), value]);
    const merged = [
      [0, 0],
      [1, 77],
      [30, 51.5],
      [45, 3],
    ];
    expect(await gpu()).toEqual(merged);
    const others = (rows: Record<string, unknown>[]) =>
      rows.filter((row) => row['device_id'] !== devices[1] || (row['minute'] as Date).getTime() !== OLD_S * 1000);
    expect(others(await minutes())).toEqual(others(before));
    await runPolicy('policy_compression');
    expect(await gpu()).toEqual(merged);
    expect(others(await minutes())).toEqual(others(before));
  });

  it('fills a compressed minute sample by sample when several writers come at once', async () => {
    await runPolicy('policy_compression');
    const other = new MetricsIngest(database.db, new LiveStore(database.db));
    const seconds = [1, 2, 3, 4, 5, 6];
    const outcomes = await Promise.all(
      seconds.map((second, i) =>
        (i % 2 ? ingest : other).storeSamples(agent.tenantId, agent.agentId, [
          { deviceId: devices[0]!, minute: aMinute(OLD_S, { memory_utilization: second }, { seconds: [second] }) },
        ]),
      ),
    );
    expect(outcomes.flat().map((outcome) => outcome.accepted)).toEqual(seconds.map(() => 1));
    const stored = (await samples(devices[0]!, OLD_S)).filter(({ metric }) => metric === 'memory_utilization');
    expect(stored.map(({ value }) => value)).toEqual(seconds);
  });

  it('unpacks as many minutes as a backlog touches', async () => {
    await runPolicy('policy_compression');
    // each of them unpacks a whole stretch of its device; the default, 100,000, is reached by the backlog of some hundred devices
    const name = new URL(database.url).pathname.slice(1);
    await owner.query(`ALTER DATABASE ${name} SET timescaledb.max_tuples_decompressed_per_dml_transaction = 1`);
    const db = await Db.open({ connectionString: database.url });
    try {
      const again = new MetricsIngest(db, new LiveStore(db));
      const send = (ms: readonly number[], metric: 'fan_speed' | 'temperature') => {
        const backlog = ms.flatMap((m) =>
          devices.map((deviceId) => ({ deviceId, minute: aMinute(OLD_S + m * 60, { [metric]: 5 }, { seconds: [9] }) })),
        );
        return again.storeSamples(agent.tenantId, agent.agentId, backlog);
      };
      const accepted = (count: number) => Array(count).fill({ accepted: 1, duplicates: 0, conflicts: 0 });
      expect(await send([NO_MINUTE], 'fan_speed')).toEqual(accepted(DEVICES));
      expect(await send([NO_MINUTE, NO_MINUTE + 1], 'temperature')).toEqual(accepted(DEVICES * 2));
    } finally {
      await db.close();
    }
  });

  it('packs days from compressed chunks, late samples included', async () => {
    await runPolicy('policy_compression');
    const packing = new MetricsPacking(database.db);
    await packing.pack((OLD_S + 2 * DAY_S) * 1000);
    const power = async () =>
      (
        await database.db.read(tenant.actor, (tx) =>
          tx.rows<{ hours: number[] }>(
            `SELECT hours FROM flotilla.my_gpu_days WHERE device_id = $1 AND metric = 7 ORDER BY day`,
            [devices[1]],
          ),
        )
      ).map((row) => row.hours.slice(40, 44));
    const hour = Array.from({ length: NO_MINUTE }, (_, m) => Math.fround(71.85 + m));
    const mean = Math.fround(hour.reduce((sum, value) => sum + value, 0) / 60);
    expect((await power()).map((slots) => slots.map(Math.fround))).toEqual([
      [Math.fround(71.85), mean, Math.fround(130.85), 240],
    ]);
    await ingest.storeSamples(agent.tenantId, agent.agentId, [
      { deviceId: devices[1]!, minute: aMinute(OLD_S + 60, { power_draw: 700 }, { seconds: [9] }) },
    ]);
    await packing.pack((OLD_S + 2 * DAY_S + 60) * 1000);
    expect((await power())[0]!.slice(2)).toEqual([700, 241]);
  });

  it('drops chunks that nobody may read any more', async () => {
    await owner.query(
      `INSERT INTO flotilla.gpu_minutes SELECT minute - interval '40 days', tenant_id, device_id, interval_s, sample_count, metrics, stats, slots
       FROM flotilla.gpu_minutes`,
    );
    expect(await chunks()).toHaveLength(2);
    await runPolicy('policy_compression');
    await runPolicy('policy_retention');
    expect((await chunks()).map((chunk) => chunk.starts)).toEqual([new Date((TODAY_S - 5 * DAY_S) * 1000)]);
  });

  it('gives the application and the system nothing on chunks, compressed ones included', async () => {
    await runPolicy('policy_compression');
    const { rows } = await owner.query<{ name: string; roles: string[] }>(
      `SELECT c.oid::regclass::text AS name, array(SELECT r FROM unnest(ARRAY['flotilla_app', 'flotilla_system', 'public']) r
         WHERE CASE r WHEN 'public' THEN EXISTS (SELECT FROM aclexplode(c.relacl) WHERE grantee = 0)
           ELSE has_table_privilege(r, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE') OR has_any_column_privilege(r, c.oid, 'SELECT, UPDATE') END) AS roles
       FROM pg_class c WHERE c.relnamespace = '_timescaledb_internal'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname LIKE '%hyper%'`,
    );
    expect(rows.length).toBeGreaterThanOrEqual(2);
    expect(rows.filter((row) => row.roles.length > 0)).toEqual([]);
    for (const { name } of await chunks()) {
      const peek = database.db.read(tenant.actor, (tx) => tx.rows(`SELECT 1 FROM ${name} LIMIT 1`));
      await expect(peek).rejects.toThrow('permission denied');
    }
  });

  it('shows another tenant nothing of a compressed chunk', async () => {
    await runPolicy('policy_compression');
    const stranger = await createTenant(database.db);
    const seen = await database.db.read(stranger.actor, (tx) => tx.rows('SELECT 1 FROM flotilla.my_gpu_minutes'));
    expect(seen).toEqual([]);
  });
});
