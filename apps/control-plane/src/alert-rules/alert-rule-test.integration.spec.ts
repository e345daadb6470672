import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { aMinute, createDevice, minuteAgo } from '../../../../test/support/telemetry.js';
import { MetricsIngest } from '../metrics/index.js';

const iso = (minutesAgo: number) => new Date(minuteAgo(minutesAgo) * 1000).toISOString();

describe('POST /alert-rules/test', () => {
  let app: TestApp;
  let viewer: string;

  beforeAll(async () => {
    app = await startTestApp();
    viewer = await app.login('viewer');
  });
  afterAll(() => app.close());
  beforeEach(() => app.db.system((tx) => tx.rows('DELETE FROM flotilla.instances')));

  /** A machine with one GPU, whose temperature was reported in minutes so long ago. */
  async function machine(providerId: string, readings: Readonly<Record<number, number>>, tags = {}) {
    const row = await app.db.system((tx) =>
      tx.row<{ id: number }>(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, gpu_count, state, tags)
         VALUES ($1, 'aws', $2, 1, 'running', $3) RETURNING id`,
        [app.tenantId, providerId, tags],
      ),
    );
    const deviceId = await createDevice(app.db, app.tenantId, row!.id, { uuid: `GPU-${providerId}`, gpuIndex: 0 });
    const minutes = Object.entries(readings).map(([ago, temperature]) => ({
      deviceId,
      minute: aMinute(minuteAgo(Number(ago)), { temperature }),
    }));
    await app.app
      .get(MetricsIngest, { strict: false })
      .storeSamples(app.tenantId, (await agentId()) as string, minutes);
    return row!.id;
  }
  const agentId = async () =>
    (await app.db.system((tx) =>
      tx.row<{ id: string }>(
        `INSERT INTO flotilla.agents (tenant_id, hostname, transport) VALUES ($1, 'h', 'sync') RETURNING id`,
        [app.tenantId],
      ),
    ))!.id;
  const range = (from: number, to: number, value: number) =>
    Object.fromEntries(Array.from({ length: from - to + 1 }, (_, i) => [from - i, value]));
  const test = (body: object, as = viewer) => app.call('POST', '/api/alert-rules/test', { as, body });
  const HOT = { metric: 'temperature', operator: 'gt', threshold: 85, duration_minutes: 10, lookback_days: 1 };

  it('tells when it would have fired, for how long, and whether somebody had been told', async () => {
    const hot = await machine('i-hot', {
      ...range(200, 151, 60),
      ...range(150, 131, 90),
      ...range(130, 121, 60),
      ...range(120, 106, 90),
      ...range(105, 50, 60),
    });
    await machine('i-cool', range(200, 50, 60));
    await machine('i-silent', {});
    const { status, body } = await test({ ...HOT, cooldown_minutes: 60 });
    expect(status).toBe(200);
    // hot for ten minutes on end at the tenth of them; over with the first cool one
    expect(body.data.firings).toEqual([
      {
        instance: { id: hot, instance_id: 'i-hot', name: 'i-hot' },
        from: iso(141),
        to: iso(130),
        minutes: 11,
        notified: true,
      },
      {
        instance: { id: hot, instance_id: 'i-hot', name: 'i-hot' },
        from: iso(111),
        to: iso(105),
        minutes: 6,
        notified: false,
      },
    ]);
    expect(body.data).toMatchObject({
      total_firings: 2,
      total_notifications: 1,
      affected_instances: ['i-hot'],
      simulated: false,
      evaluated: { instances: 3, without_data: 1 },
    });
  });

  it('does not take a gap for heat, nor for the end of it', async () => {
    await machine('i-gap', { ...range(100, 94, 90), ...range(90, 84, 90) });
    expect((await test(HOT)).body.data.total_firings).toBe(0);
    await machine('i-lost', range(80, 65, 90));
    const [firing] = (await test(HOT)).body.data.firings;
    expect(firing).toMatchObject({ instance: { instance_id: 'i-lost' }, from: iso(71), to: null });
  });

  it('keeps to the scope, the recovery threshold and the limit', async () => {
    const past = { ...range(100, 85, 90), ...range(84, 80, 83), ...range(79, 70, 90), ...range(69, 60, 60) };
    await machine('i-prod', past, { environment: 'production' });
    await machine('i-test', past, { environment: 'test' });
    const scope = { scope: 'tagged', scope_filter: { tag_key: 'environment', tag_value: 'production' } };
    const flapping = await test({ ...HOT, ...scope, cooldown_minutes: 0 });
    expect(flapping.body.data).toMatchObject({
      total_firings: 2,
      affected_instances: ['i-prod'],
      evaluated: { instances: 1 },
    });
    const calm = await test({ ...HOT, ...scope, recovery_threshold: 80, limit: 0 });
    expect(calm.body.data).toMatchObject({ firings: [], total_firings: 1 });
  });

  it('refuses what making the rule would refuse, and takes the body of a rule as it is', async () => {
    const wrong = await test({ ...HOT, metric: 'temprature' });
    expect([wrong.status, wrong.body.details.field]).toEqual([400, 'metric']);
    expect(wrong.body.error).toContain('temperature');
    const whole = {
      rule_name: 'Hot',
      description: null,
      severity: 'high',
      notification_channel_ids: [],
      enabled: true,
    };
    expect((await test({ ...HOT, ...whole })).status).toBe(200);
    expect((await test({ ...HOT, lookback_days: 31 })).status).toBe(400);
  });

  it('answers for metrics of the tenant, and shows nothing of other tenants', async () => {
    const calendar = await test({ metric: 'days_remaining_in_month', operator: 'gte', threshold: 0, lookback_days: 1 });
    expect(calendar.body.data.firings).toMatchObject([{ instance: null, to: null }]);
    await machine('i-mine', range(100, 60, 90));
    const other = await app.login('viewer', await app.newTenant('Other'));
    expect((await test(HOT, other)).body.data).toMatchObject({ total_firings: 0, evaluated: { instances: 0 } });
  });
});
