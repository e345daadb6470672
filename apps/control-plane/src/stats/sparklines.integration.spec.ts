import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import { aMinute, createDevice, minuteAgo } from '../../../../test/support/telemetry.js';
import { LiveStore, MetricsIngest, MetricsPacking } from '../metrics/index.js';
import { SparklinesQueries } from './sparklines.queries.js';

describe('lines of a table', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await createTestDatabase()));
  afterAll(() => database?.close());

  it('are the mean of the GPUs in each minute, with gaps where nothing was reported, for own instances only', async () => {
    const [tenant, other] = [await createTenant(database.db), await createTenant(database.db)];
    const [id, silent, foreign] = [await tenant.instance(), await tenant.instance(), await other.instance()];
    const { agentId } = await tenant.agent();
    const ingest = new MetricsIngest(database.db, new LiveStore(database.db));
    for (const [gpuIndex, percent] of [40, 80].entries()) {
      const deviceId = await createDevice(database.db, tenant.tenantId, id, { gpuIndex });
      await ingest.storeSamples(
        tenant.tenantId,
        agentId,
        [20, 19, 10].map((ago) => ({ deviceId, minute: aMinute(minuteAgo(ago), { gpu_utilization: percent }) })),
      );
    }
    const answer = await new SparklinesQueries(database.db).find(tenant.actor, {
      ids: [id, silent, foreign],
      hours: 1,
    });
    expect(answer).toMatchObject({ step_seconds: 60 });
    expect(answer.instances.map((one) => one.id)).toEqual([id, silent]);
    const [line, nothing] = answer.instances.map((one) => one.gpu_utilization);
    expect(nothing).toEqual(Array(60).fill(null));
    // (40 + 80) / 2 in three minutes; a minute may have ended since
    expect(line!.filter((value) => value !== null)).toEqual([60, 60, 60]);
    const first = line!.indexOf(60);
    expect(line!.map((value, i) => (value === null ? -1 : i - first)).filter((i) => i >= 0)).toEqual([0, 1, 10]);
  });

  it('have a point an hour over a day, from hours that are summed and the minutes after them, each once', async () => {
    const tenant = await createTenant(database.db);
    const id = await tenant.instance();
    const { agentId } = await tenant.agent();
    const ingest = new MetricsIngest(database.db, new LiveStore(database.db));
    const deviceId = await createDevice(database.db, tenant.tenantId, id);
    // of one moment: the minute may pass while this runs
    const thisMinute = minuteAgo(0);
    const before = (ago: number) => thisMinute - ago * 60;
    const store = (...agos: readonly (readonly [ago: number, percent: number])[]) =>
      ingest.storeSamples(
        tenant.tenantId,
        agentId,
        agos.map(([ago, percent]) => ({ deviceId, minute: aMinute(before(ago), { gpu_utilization: percent }) })),
      );
    const day = async () => {
      const { from, step_seconds, instances } = await new SparklinesQueries(database.db).find(tenant.actor, {
        ids: [id],
        hours: 24,
      });
      const fromS = (from as Date).getTime() / 1000;
      const [{ gpu_utilization: line }] = instances as [(typeof instances)[number]];
      const at = (ago: number) => line[Math.floor((before(ago) - fromS) / 3_600)];
      return { step_seconds, line, at };
    };
    // beyond a day; long ago; of today's packed part; younger than what is packed
    await store([1_560, 100], [1_200, 30], [130, 50]);
    const bare = await day();
    expect(bare).toMatchObject({ step_seconds: 3_600 });
    expect(bare.line).toHaveLength(24);
    expect([bare.at(1_200), bare.at(130)]).toEqual([30, 50]);
    await new MetricsPacking(database.db).pack();
    await store([2, 70]);
    const packed = await day();
    expect([packed.at(1_200), packed.at(130), packed.at(2)]).toEqual([30, 50, 70]);
    expect(packed.line.filter((value) => value !== null)).toHaveLength(3);
  });
});
