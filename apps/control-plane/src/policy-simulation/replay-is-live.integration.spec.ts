import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { PolicyStage } from '../../../../test/support/policy-stage.js';
import { aMinute, createDevice } from '../../../../test/support/telemetry.js';
import { LiveStore, MetricsIngest } from '../metrics/index.js';

const MINUTES = 40;
const AGENT = '00000000-0000-0000-0000-000000000001';
const POLICIES = [
  { conditions: { metric: 'gpu_utilization', operator: 'lt', threshold: 5, duration: 4 }, cooldown_minutes: 7 },
  { conditions: { metric: 'gpu_utilization', operator: 'gte', threshold: 50, duration: 2 }, cooldown_minutes: 0 },
  {
    conditions: {
      operator: 'AND',
      rules: [
        { operator: 'NOT', rules: [{ metric: 'gpu_utilization', operator: 'gt', threshold: 3 }] },
        { metric: 'gpu_utilization', operator: 'lt', threshold: 50, duration: 6, missing_data: 'ignored' },
      ],
    },
    cooldown_minutes: 3,
  },
];

/** A machine's utilisation, its own for each seed: runs of some minutes, some of them without any data. */
function useOf(seed: number): (number | null)[] {
  const use: (number | null)[] = [];
  for (let x = seed + 1; use.length < MINUTES;) {
    x = (x * 48_271) % 2_147_483_647;
    const value = [0, 0, 2, 30, 80, null][x % 6]!;
    for (let n = 1 + (x % 7); n > 0; n--) use.push(value);
  }
  return use.slice(0, MINUTES);
}

describe('the simulation of a time and the live engine in it', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('trigger in the same minutes on the same machines, though each minute is decided by another replica', async () => {
    const stage = await PolicyStage.set(app);
    const first = stage.minute - MINUTES + 1;
    const ingest = new MetricsIngest(app.db, new LiveStore(app.db));
    for (let seed = 0; seed < 5; seed++) {
      const deviceId = await createDevice(app.db, stage.tenantId, await stage.machine(null));
      const minutes = useOf(seed).flatMap((value, m) =>
        value === null ? [] : [{ deviceId, minute: aMinute((first + m) * 60, { gpu_utilization: value }) }],
      );
      await ingest.storeSamples(stage.tenantId, AGENT, minutes);
    }
    const ids: number[] = [];
    for (const [at, policy] of POLICIES.entries()) {
      const id = await stage.make({ ...policy, policy_name: `Policy ${at}`, execution_mode: 'notify_only' });
      await stage.since(id, first);
      ids.push(id);
    }
    // a round without a previous one derives everything anew, as a replica does that takes over
    for (let m = 0; m < MINUTES; m++) await stage.decide(first + m);

    const providers = await stage.sql<{ id: number; provider_id: string }>(
      'SELECT i.id, i.provider_id FROM flotilla.instances i WHERE i.tenant_id = $1',
      [stage.tenantId],
    );
    let triggers = 0;
    for (const [at, policy] of POLICIES.entries()) {
      const runs: { kind: string; timestamp: string; instance_ids: number[] }[] = await stage.call(
        'GET',
        `/${ids[at]}/history?limit=200`,
      );
      const live = runs
        .filter(({ kind }) => kind === 'triggered')
        .flatMap((run) =>
          run.instance_ids.map((id) => `${run.timestamp} ${providers.find((one) => one.id === id)!.provider_id}`),
        );
      const simulation = await stage.call('POST', '/simulate', { ...policy, lookback_days: 1 });
      const replayed = simulation.triggers.map(
        (one: { timestamp: string; instance_id: string }) => `${one.timestamp} ${one.instance_id}`,
      );
      expect(replayed.sort()).toEqual(live.sort());
      triggers += live.length;
    }
    expect(triggers).toBeGreaterThan(20);
  }, 120_000);
});
