import fc from 'fast-check';
import { idleSince, MAX_GAP_SECONDS } from '@flotilla/domain';
import type { AgentRef } from '@flotilla/domain';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import { aMinute, createDevice, minuteAgo } from '../../../../test/support/telemetry.js';
import { IdleQueries } from './idle.queries.js';
import type { IdleQuery } from './idle.queries.js';
import { LiveStore } from './live.store.js';
import { MetricsIngest } from './metrics.ingest.js';

let database: TestDatabase;
let ingest: MetricsIngest;
let queries: IdleQueries;
let tenant: TestTenant;
let agent: AgentRef;

beforeAll(async () => {
  database = await createTestDatabase();
  ingest = new MetricsIngest(database.db, new LiveStore(database.db));
  queries = new IdleQueries(database.db);
});
afterAll(() => database.close());
beforeEach(async () => {
  tenant = await createTenant(database.db);
  agent = await tenant.agent();
});

/** Reports one value for each of the last minutes, the newest last; null: nothing is reported. */
async function report(deviceId: number, percents: readonly (number | null)[], intervalS = 5): Promise<void> {
  const minutes = percents.flatMap((percent, i) => {
    if (percent === null) return [];
    const minute = aMinute(
      minuteAgo(percents.length - i),
      { gpu_utilization: [0, percent], memory_used_mib: 500, power_draw: 70 },
      { seconds: [0, 30], intervalS },
    );
    return [{ deviceId, minute }];
  });
  await ingest.storeSamples(tenant.tenantId, agent.agentId, minutes);
}
const quiet = (minutes: number, percent = 0) => Array<number>(minutes).fill(percent);
const idle = async (query?: IdleQuery) => (await queries.idle(tenant.actor, query)).instances;
const change = (sql: string, values: unknown[]) => database.db.system((tx) => tx.rows(sql, values));

describe('idle instances', () => {
  it('is idle with its dollars when every GPU is quiet', async () => {
    const instance = await tenant.instance();
    await change('UPDATE flotilla.instances SET hourly_cost = 98.32, gpu_count = 2 WHERE id = $1', [instance]);
    const gpus = [0, 1].map((gpuIndex) => createDevice(database.db, tenant.tenantId, instance, { gpuIndex }));
    await report(await gpus[0]!, [...quiet(5, 90), ...quiet(45, 1)]);
    await report(await gpus[1]!, quiet(50, 3));
    const [row] = await idle();
    expect(row).toMatchObject({
      instance_id: instance,
      idle_since: new Date(minuteAgo(45) * 1000),
      idle_minutes: 45,
      gpu_count: 2,
      gpu_utilization: 3,
      memory_used_mib: 1000,
      power_draw: 140,
      hourly_cost: '98.3200000000',
      wasted_cost: '73.7400000000', // 98.32 × 45 ÷ 60
    });
  });

  it.each<[string, (number | null)[], boolean]>([
    ['quiet for 30 minutes', quiet(30), true],
    ['quiet for 29 minutes', quiet(29), false],
    ['a busy reading within the run', [...quiet(20), 97, ...quiet(20)], false],
    ['exactly at the threshold', quiet(40, 5), false],
    ['a gap of four minutes within the run', [...quiet(20), null, null, null, null, ...quiet(20)], false],
    ['stopped reporting four minutes ago', [...quiet(60), null, null, null, null, null], false],
    ['never reported', [], false],
  ])('%s', async (_, percents, expected) => {
    const instance = await tenant.instance();
    await report(await createDevice(database.db, tenant.tenantId, instance), percents);
    expect((await idle()).map((row) => row.instance_id)).toEqual(expected ? [instance] : []);
  });

  it('needs every GPU: busy, silent, without readings (MIG on), just lost, or never seen', async () => {
    const instance = await tenant.instance();
    const first = await createDevice(database.db, tenant.tenantId, instance);
    await report(first, quiet(40));
    expect(await idle()).toHaveLength(1);

    const second = await createDevice(database.db, tenant.tenantId, instance, { gpuIndex: 1 });
    expect(await idle()).toHaveLength(0);
    const noUtilization = aMinute(minuteAgo(1), { memory_used_mib: 10 });
    await ingest.storeSamples(tenant.tenantId, agent.agentId, [{ deviceId: second, minute: noUtilization }]);
    expect(await idle()).toHaveLength(0);
    await change("UPDATE flotilla.devices SET presence = 'missing' WHERE id = $1", [second]);
    expect(await idle()).toHaveLength(0);
    await change("UPDATE flotilla.devices SET last_seen_at = now() - interval '25 hours' WHERE id = $1", [second]);
    expect(await idle()).toHaveLength(1);
    await change('UPDATE flotilla.instances SET gpu_count = 8 WHERE id = $1', [instance]);
    expect(await idle()).toHaveLength(0);
  });

  it('does not ask the host, a MIG instance or a stopped machine', async () => {
    const instance = await tenant.instance();
    await createDevice(database.db, tenant.tenantId, instance, { kind: 'host' });
    await createDevice(database.db, tenant.tenantId, instance, { kind: 'mig' });
    await report(await createDevice(database.db, tenant.tenantId, instance), quiet(40));
    expect(await idle()).toHaveLength(1);
    await change("UPDATE flotilla.instances SET state = 'stopped' WHERE id = $1", [instance]);
    expect(await idle()).toHaveLength(0);
  });

  it('follows a device that moves, and forgets one that is deleted', async () => {
    const [one, two] = [await tenant.instance(), await tenant.instance()];
    const stays = await createDevice(database.db, tenant.tenantId, one);
    const moves = await createDevice(database.db, tenant.tenantId, one, { gpuIndex: 1 });
    await report(stays, quiet(40));
    await report(moves, quiet(40, 90));
    await report(await createDevice(database.db, tenant.tenantId, two), quiet(40));
    const ids = async () => (await idle()).map((row) => [row.instance_id, row.gpu_count]);
    expect(await ids()).toEqual([[two, 1]]);
    await change('UPDATE flotilla.devices SET instance_id = $1 WHERE id = $2', [two, moves]);
    expect(await ids()).toEqual([[one, 1]]);
    await change('DELETE FROM flotilla.devices WHERE id = $1', [moves]);
    expect(await ids()).toEqual([
      [one, 1],
      [two, 1],
    ]);
    await change('DELETE FROM flotilla.devices WHERE id = $1', [stays]);
    expect(await ids()).toEqual([[two, 1]]);
    await change('DELETE FROM flotilla.instances WHERE id = $1', [two]);
    expect(await ids()).toEqual([]);
  });

  it('asks neither a GPU that is no more expected nor its readings', async () => {
    const instance = await tenant.instance();
    await report(await createDevice(database.db, tenant.tenantId, instance), quiet(40));
    const gone = await createDevice(database.db, tenant.tenantId, instance, { gpuIndex: 1, presence: 'missing' });
    const mig = await createDevice(database.db, tenant.tenantId, instance, { kind: 'mig' });
    await change("UPDATE flotilla.devices SET last_seen_at = now() - interval '25 hours' WHERE id = $1", [gone]);
    await report(gone, quiet(31, 4));
    await report(mig, quiet(31, 4));
    expect(await idle()).toMatchObject([{ gpu_count: 1, idle_minutes: 40, gpu_utilization: 0, power_draw: 70 }]);
    await change('UPDATE flotilla.instances SET gpu_count = 2 WHERE id = $1', [instance]);
    expect(await idle()).toEqual([]);
  });

  it("takes the tenant's thresholds, and those that are asked for", async () => {
    const instance = await tenant.instance();
    await report(await createDevice(database.db, tenant.tenantId, instance), [...quiet(10, 50), ...quiet(15, 8)]);
    expect(await idle()).toHaveLength(0);
    expect(await idle({ belowPercent: 10, forMinutes: 15 })).toMatchObject([{ idle_minutes: 15, gpu_utilization: 8 }]);
    expect(await idle({ belowPercent: 51, forMinutes: 25 })).toMatchObject([{ idle_minutes: 25, gpu_utilization: 50 }]);
    await change('UPDATE flotilla.tenants SET idle_below_percent = 9, idle_for_minutes = 10 WHERE tenant_id = $1', [
      tenant.tenantId,
    ]);
    expect(await idle()).toMatchObject([{ idle_minutes: 15 }]);
    expect(await idle({ instanceIds: [instance + 1] })).toHaveLength(0);
  });

  it("never shows another tenant's", async () => {
    await report(await createDevice(database.db, tenant.tenantId, await tenant.instance()), quiet(40));
    expect((await queries.idle(await createTenant(database.db).then((t) => t.actor))).instances).toEqual([]);
  });
});

describe('the staircase in the database', () => {
  it('equals the whole history, in whatever order and pieces the minutes arrive', async () => {
    const instance = await tenant.instance();
    let gpuIndex = 0;
    await fc.assert(
      fc.asyncProperty(
        fc
          .array(
            fc.record({
              silent: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 3, max: 4 }), fc.nat(11)),
              percent: fc.oneof({ weight: 9, arbitrary: fc.nat(9) }, fc.integer({ min: 10, max: 100 })),
            }),
            { minLength: 1, maxLength: 40 },
          )
          .map((steps) => steps.flatMap(({ silent, percent }) => [...Array<null>(silent).fill(null), percent])),
        fc.infiniteStream(fc.nat(1_000_000)),
        fc.array(fc.record({ belowPercent: fc.integer({ min: 1, max: 101 }), forMinutes: fc.nat(30) }), {
          minLength: 3,
          maxLength: 3,
        }),
        fc.constantFrom(5, 5, 300),
        fc.constantFrom('in order', 'nearly', 'shuffled'),
        async (percents, chance, asked, intervalS, order) => {
          const deviceId = await createDevice(database.db, tenant.tenantId, instance, { gpuIndex: gpuIndex++ });
          const history = percents.flatMap((percent, i) =>
            percent === null ? [] : [{ atS: minuteAgo(percents.length - i), percent }],
          );
          const random = () => (chance.next().value as number) / 1_000_000;
          const sent = history
            .map((point, i) => ({
              point,
              at: order === 'in order' ? i : order === 'nearly' ? i + 3 * random() : random(),
            }))
            .sort((a, b) => a.at - b.at)
            .map(({ point }) => point);
          while (sent.length > 0) {
            const minutes = sent.splice(0, 1 + Math.floor(random() * 8)).map(({ atS, percent }) => ({
              deviceId,
              minute: aMinute(atS, { gpu_utilization: percent }, { seconds: [0], intervalS }),
            }));
            await ingest.storeSamples(tenant.tenantId, agent.agentId, minutes);
          }
          const minutes = history.map(({ atS, percent }) => ({
            at: new Date(atS * 1000),
            gpuPercent: percent,
            intervalS,
          }));
          await database.db.system((tx) =>
            tx.rows(
              "UPDATE flotilla.devices SET kind = CASE WHEN id = $1 THEN 'gpu' ELSE 'host' END WHERE instance_id = $2",
              [deviceId, instance],
            ),
          );
          for (const threshold of asked) {
            const expected = idleSince(minutes, { ...threshold, maxGapSeconds: MAX_GAP_SECONDS }, new Date());
            const found = (await queries.idle(tenant.actor, threshold)).instances.find(
              (row) => row.instance_id === instance,
            );
            expect(found?.idle_since ?? null).toEqual(expected);
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});
