import { costRecord } from '@flotilla/domain';
import type { MetricName } from '@flotilla/domain';
import { systemActor } from '@flotilla/persistence';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { aMinute, createDevice } from '../../../../test/support/telemetry.js';
import { MetricsIngest, MetricsPacking } from '../metrics/index.js';
import { CostLedger } from './cost-ledger.js';

const DAY_S = 86_400;
const DAY_MS = DAY_S * 1000;
/** A day that is over for good. */
const START_S = Math.floor(Date.now() / DAY_MS) * DAY_S - 2 * DAY_S;
const DAY = new Date(START_S * 1000).toISOString().slice(0, 10);
const at = (hour: number) => new Date((START_S + hour * 3_600) * 1000).toISOString();

describe('GET /costs/useful-gpu-hours', () => {
  let app: TestApp;
  let viewer: string;
  let serial = 0;

  beforeAll(async () => {
    app = await startTestApp();
    viewer = await app.login('viewer');
  });
  afterAll(() => app.close());
  beforeEach(() =>
    app.db.system((tx) =>
      tx.rows('DELETE FROM flotilla.costs; ').then(() => tx.rows('DELETE FROM flotilla.instances')),
    ),
  );

  /** An instance that ran from hour to hour of the day, with one device per GPU. */
  async function machine(
    options: { gpus?: number; tags?: object; price?: string | null; ran?: readonly [number, number] } = {},
  ) {
    const { gpus = 1, tags = {}, price = null, ran = [0, 10] } = options;
    const providerId = `i-${serial++}`;
    const id = await app.db.system(async (tx) => {
      const row = await tx.row<{ id: number }>(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, gpu_count, tags, state)
         VALUES ($1, 'aws', $2, $3, $4, 'stopped') RETURNING id`,
        [app.tenantId, providerId, gpus, JSON.stringify(tags)],
      );
      await tx.rows(
        `INSERT INTO flotilla.instance_spans (tenant_id, instance_id, state, hourly_cost, currency, since, until) VALUES ($1, $2, 'running', $3, 'USD', $4, $5)`,
        [app.tenantId, row!.id, price, at(ran[0]), at(ran[1])],
      );
      return row!.id;
    });
    const devices: number[] = [];
    for (let gpu = 0; gpu < gpus; gpu++) {
      devices.push(await createDevice(app.db, app.tenantId, id, { uuid: `GPU-${id}-${gpu}`, gpuIndex: gpu }));
    }
    return { id, providerId, devices };
  }
  /** All minutes of an hour of a device, twelve samples each. */
  const measure = (deviceId: number, hour: number, readings: Partial<Record<MetricName, number>>, minutes = 60) =>
    app.app.get(MetricsIngest, { strict: false }).storeSamples(
      app.tenantId,
      '00000000-0000-0000-0000-000000000001',
      Array.from({ length: minutes }, (_, i) => ({
        deviceId,
        minute: aMinute(START_S + hour * 3_600 + i * 60, readings),
      })),
    );
  const charge = (resourceId: string, billedCost: string, more: object = {}) =>
    app.db.write(systemActor(app.tenantId, 'test'), async (tx) => {
      tx.withoutAudit('test');
      await new CostLedger().store(tx, { tenantId: app.tenantId }, [
        costRecord({
          origin: 'reported',
          source: 'sync',
          recordId: String(serial++),
          chargeStart: at(0),
          chargeEnd: at(24),
          provider: 'aws',
          service: 'Amazon EC2',
          resourceId,
          billedCost,
          currency: 'USD',
          ...more,
        }),
      ]);
    });
  /** Everything that was stored so far; minutes that come after this wait for the next time. */
  const pack = () => app.app.get(MetricsPacking, { strict: false }).pack(Date.now());
  const ask = async (query = '', as = viewer) =>
    (await app.call('GET', `/api/costs/useful-gpu-hours?start_date=${DAY}&end_date=${DAY}${query}`, { as })).body.data;

  it('takes SM activity where it is measured, and utilisation otherwise', async () => {
    const { providerId, devices } = await machine();
    await measure(devices[0]!, 0, { sm_activity: 50, gpu_utilization: 100 });
    await measure(devices[0]!, 1, { sm_activity: 50, gpu_utilization: 100 });
    await measure(devices[0]!, 2, { gpu_utilization: 80 });
    await measure(devices[0]!, 3, { gpu_utilization: 0 });
    await charge(providerId, '100');
    // 10 held at 10 USD: 3 busy, 1 idle, 6 unknown; useful 2 × 0.5 + 0.8 = 1.8; 4 measured cost 40: 40 / 1.8 = 22.222…
    const expected = {
      gpu_hours: { held: 10, busy: 3, idle: 1, unknown: 6, useful: 1.8, without_cost: 0 },
      coverage: 0.4,
      useful_share: 0.45,
      evidence: 'both',
      cost: 100,
      useful_cost: 18,
      waste_cost: 22,
      unknown_cost: 60,
      idle_cost: 10,
      cost_per_gpu_hour: 10,
      cost_per_useful_gpu_hour: 22.222222222222,
      reason: null,
    };
    expect((await ask()).groups).toEqual([expect.objectContaining({ key: providerId, ...expected })]);
    // the same from minutes and from packed hours
    await pack();
    expect((await ask()).total).toMatchObject({ instances: 1, ...expected });
  });

  it('never answers infinity or 0 where nothing useful was measured', async () => {
    const idle = await machine();
    await measure(idle.devices[0]!, 0, { gpu_utilization: 0 });
    await pack();
    await charge(idle.providerId, '10');
    const silent = await machine();
    await charge(silent.providerId, '10');
    await machine(); // nobody said what it costs
    const off = await machine({ ran: [-5, -4] });
    await charge(off.providerId, '3');
    const { groups, total } = await ask();
    const of = (key: string) => groups.find((group: { key: string }) => group.key === key);
    expect(of(idle.providerId)).toMatchObject({ cost_per_useful_gpu_hour: null, reason: 'no_useful_hours' });
    expect(of(silent.providerId)).toMatchObject({
      cost_per_useful_gpu_hour: null,
      reason: 'not_measured',
      useful_share: null,
      evidence: null,
      waste_cost: 0,
      unknown_cost: 10,
    });
    expect(of(off.providerId)).toMatchObject({
      cost: 3,
      cost_per_gpu_hour: null,
      reason: 'no_gpu_hours',
      coverage: null,
    });
    expect(total).toMatchObject({ cost: 23, instances: 4, gpu_hours: { held: 30, without_cost: 10 } });
  });

  it('prices the hours that no charge tells of, and no hour twice', async () => {
    const { devices, providerId } = await machine({ price: '4', gpus: 2 });
    await measure(devices[0]!, 5, { gpu_utilization: 50 });
    await measure(devices[1]!, 5, { gpu_utilization: 50 }, 30);
    await pack();
    expect((await ask()).total).toMatchObject({ cost: 40, gpu_hours: { held: 20, busy: 1.5, useful: 0.75 } });
    await charge(providerId, '7', { chargeStart: at(0), chargeEnd: at(4) });
    // 7 for four hours, and 6 × 4 for the others
    expect((await ask()).total).toMatchObject({ cost: 31, cost_per_gpu_hour: 1.55 });
  });

  it('groups by team and by tag', async () => {
    const a = await machine({ tags: { team: 'search', project: 'x' } });
    const b = await machine({ tags: { team: 'search' } });
    const c = await machine();
    for (const { devices } of [a, b, c]) await measure(devices[0]!, 0, { gpu_utilization: 50 });
    await pack();
    await charge(a.providerId, '10');
    await charge(b.providerId, '20');
    await charge(c.providerId, '30');
    // one GPU-hour of ten was measured of each: (1 + 2) / (0.5 + 0.5), and 3 / 0.5
    const teams = await ask('&group_by=team');
    expect(teams.groups).toEqual([
      expect.objectContaining({ key: 'search', instances: 2, cost: 30, cost_per_useful_gpu_hour: 3 }),
      expect.objectContaining({ key: null, instances: 1, cost: 30, cost_per_useful_gpu_hour: 6 }),
    ]);
    expect((await ask('&group_by=tag:project')).groups.map((g: { key: string | null }) => g.key)).toEqual([null, 'x']);
    expect((await ask('&group_by=team&limit=1')).group_count).toBe(2);
    expect((await ask('&tag=team:search')).total.instances).toBe(2);
  });

  it('lists a currency without a rate apart, and shows nothing to other tenants', async () => {
    const { providerId } = await machine();
    await charge(providerId, '10', { currency: 'EUR' });
    expect(await ask()).toMatchObject({
      total: { cost: null, reason: 'no_cost' },
      unconverted: [{ currency: 'EUR', amount: 10 }],
    });
    const other = await app.newTenant();
    const stranger = await app.login('viewer', other);
    expect((await ask('', stranger)).groups).toEqual([]);
    const path = `/api/costs/useful-gpu-hours?instance_id=${providerId}`;
    expect((await app.call('GET', path, { as: stranger })).status).toBe(404);
    expect((await app.call('GET', '/api/costs/useful-gpu-hours?group_by=tag:', { as: viewer })).status).toBe(400);
  });

  it('lists time at a price without a rate apart, once, and adds it up when the rate is there', async () => {
    const { id, providerId } = await machine({ price: '4' });
    await app.db.system((tx) =>
      tx.rows(`UPDATE flotilla.instance_spans SET currency = 'CHF' WHERE instance_id = $1`, [id]),
    );
    expect(await ask()).toMatchObject({
      total: { cost: null, reason: 'no_cost', gpu_hours: { held: 10, without_cost: 10 } },
      unconverted: [{ currency: 'CHF', amount: 40 }],
    });
    // a charge tells of four of the ten hours
    await charge(providerId, '7', { chargeStart: at(0), chargeEnd: at(4) });
    expect(await ask()).toMatchObject({ total: { cost: 7 }, unconverted: [{ currency: 'CHF', amount: 24 }] });
    await app.db.system((tx) =>
      tx.rows(
        `INSERT INTO flotilla.currency_rates (tenant_id, base, quote, day, rate, set_by) VALUES ($1, 'CHF', 'USD', $2::date, 1.25, 'test')`,
        [app.tenantId, DAY],
      ),
    );
    expect(await ask()).toMatchObject({ total: { cost: 37 }, unconverted: [] });
  });

  it('counts a GPU in MIG slices once', async () => {
    const { id, providerId } = await machine();
    const slices = [0, 1].map((slice) =>
      createDevice(app.db, app.tenantId, id, { kind: 'mig', uuid: `MIG-${id}-${slice}` }),
    );
    // nvidia-smi tells no utilisation of a GPU in MIG mode, DCGM the activity of each slice
    await measure(await slices[0]!, 0, { sm_activity: 80 });
    await measure(await slices[1]!, 0, { sm_activity: 20 });
    await charge(providerId, '10');
    const expected = {
      gpu_hours: { held: 10, busy: 1, idle: 0, unknown: 9, useful: 0.5, without_cost: 0 },
      evidence: 'sm_activity',
      cost: 10,
      cost_per_useful_gpu_hour: 2,
    };
    await pack();
    expect((await ask()).total).toMatchObject(expected);
  });

  it('marks what is made up, and only that', async () => {
    const real = await machine();
    const made = await machine();
    await app.db.system((tx) => tx.rows('UPDATE flotilla.instances SET simulated = true WHERE id = $1', [made.id]));
    const { groups, total } = await ask();
    const of = (key: string) => groups.find((group: { key: string }) => group.key === key);
    expect([of(real.providerId).simulated, of(made.providerId).simulated, total.simulated]).toEqual([
      false,
      true,
      true,
    ]);
    await charge(real.providerId, '1', { simulated: true });
    expect((await ask(`&instance_id=${real.providerId}`)).total.simulated).toBe(true);
  });

  it('is for everyone who may read, and for nobody else', async () => {
    const { providerId } = await machine();
    const path = '/api/costs/useful-gpu-hours';
    for (const role of ['viewer', 'operator', 'admin'] as const) {
      const answer = await app.call('GET', path, { as: await app.login(role) });
      expect([answer.status, answer.body.data.groups[0].key]).toEqual([200, providerId]);
    }
    expect((await app.call('GET', path)).status).toBe(401);
    const agent = await app.apiKey(['agent']);
    expect((await app.call('GET', path, { as: agent })).status).toBe(403);
  });
});
