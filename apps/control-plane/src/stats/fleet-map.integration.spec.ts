import { FleetMap } from '@flotilla/contracts';
import { metricId } from '@flotilla/domain';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import { aMinute, createDevice, minuteAgo } from '../../../../test/support/telemetry.js';
import { LiveStore, MetricsIngest } from '../metrics/index.js';
import { FleetMapQueries } from './fleet-map.queries.js';

describe('the map of a fleet', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let queries: FleetMapQueries;
  let report: (deviceId: number, percent: number, memoryMib: number) => Promise<void>;

  beforeAll(async () => {
    database = await createTestDatabase();
    tenant = await createTenant(database.db);
    queries = new FleetMapQueries(database.db);
    const agent = await tenant.agent();
    const live = new LiveStore(database.db);
    const ingest = new MetricsIngest(database.db, live);
    report = async (deviceId, percent, memoryMib) => {
      const minutes = Array.from({ length: 45 }, (_, i) => ({
        deviceId,
        minute: aMinute(minuteAgo(45 - i), { gpu_utilization: percent, memory_used_mib: memoryMib, temperature: 41 }),
      }));
      await ingest.storeSamples(tenant.tenantId, agent.agentId, minutes);
      const metrics = [metricId('gpu_utilization'), metricId('memory_used_mib')];
      live.take([
        { tenantId: tenant.tenantId, deviceId, atMs: Date.now(), metrics, values: Float32Array.of(percent, memoryMib) },
      ]);
      await live.flush();
    };
  });
  afterAll(() => database?.close());

  it('tells of each GPU what it is doing and of the fleet what doing nothing costs a day', async () => {
    const change = (sql: string, values: unknown[]) => database.db.system((tx) => tx.rows(sql, values));
    const [busy, stopped, silent] = [await tenant.instance(), await tenant.instance(), await tenant.instance()];
    await change(`UPDATE flotilla.instances SET state = 'running', hourly_cost = 30, gpu_count = 3 WHERE id = $1`, [
      busy,
    ]);
    await change(`UPDATE flotilla.instances SET state = 'stopped' WHERE id = $1`, [stopped]);
    await change(`UPDATE flotilla.instances SET state = 'running' WHERE id = $1`, [silent]);
    const device = (instance: number, gpuIndex: number) =>
      createDevice(database.db, tenant.tenantId, instance, { gpuIndex });
    await report(await device(busy, 0), 97, 60_000);
    await report(await device(busy, 1), 0, 60_000);
    const idle = await device(busy, 2);
    await report(idle, 0, 3);
    await device(stopped, 0);
    const never = await device(silent, 0);
    await change(`UPDATE flotilla.devices SET health = 'unhealthy' WHERE id = $1`, [never]);

    const answer = FleetMap.parse(await queries.get(tenant.actor));
    const seen = answer.gpus.state.map((state, i) => [
      answer.instances[answer.gpus.instance[i]!]!.id,
      answer.gpus.index[i],
      state,
      answer.gpus.utilization[i],
      answer.gpus.quiet_minutes[i] === null ? null : answer.gpus.quiet_minutes[i]! >= 44,
    ]);
    expect(seen).toEqual([
      [busy, 0, 'busy', 97, null],
      [busy, 1, 'held', 0, true],
      [busy, 2, 'idle', 0, true],
      [stopped, 0, 'off', null, null],
      [silent, 0, 'unknown', null, null],
    ]);
    expect(answer.totals).toEqual({
      gpus: 5,
      busy: 1,
      held: 1,
      idle: 1,
      off: 1,
      unknown: 1,
      unhealthy: 1,
      unpriced: 0,
      wasted_per_day: [{ currency: 'USD', amount: 480 }],
    });
  });

  it('shows a tenant nothing of another', async () => {
    const other = await createTenant(database.db);
    expect((await queries.get(other.actor)).totals).toMatchObject({ gpus: 0, busy: 0, wasted_per_day: [] });
  });
});
