import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import { aMinute, createDevice, minuteAgo } from '../../../../test/support/telemetry.js';
import { LiveStore, MetricsIngest } from '../metrics/index.js';
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
    const day = await new SparklinesQueries(database.db).find(tenant.actor, { ids: [id], hours: 24 });
    expect(day).toMatchObject({ step_seconds: 1_440 });
    expect(day.instances[0]!.gpu_utilization.filter((value) => value !== null).every((value) => value === 60)).toBe(
      true,
    );
  });
});
