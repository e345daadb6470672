import { InstanceMetrics } from '@flotilla/contracts';
import type { DeviceMinute } from '@flotilla/domain';
import { startTestApp } from '../../../../test/support/app.js';
import type { Answer, TestApp } from '../../../../test/support/app.js';
import { createTenant } from '../../../../test/support/fleet.js';
import { aMinute, createDevice, minuteAgo } from '../../../../test/support/telemetry.js';
import { MetricsIngest } from './metrics.ingest.js';

let app: TestApp;
let viewer: string;
let instance: number;
let gpus: number[];
let agentId: string;

beforeAll(async () => {
  app = await startTestApp();
  viewer = await app.login('viewer');
});
afterAll(() => app.close());
beforeEach(async () => {
  const rows = await app.db.system((tx) =>
    tx.rows<{ id: number; agent: string }>(
      `WITH a AS (INSERT INTO flotilla.agents (tenant_id, hostname) VALUES ($1, 'gpu-1') RETURNING id)
       INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id) VALUES ($1, 'on_prem', 'host/' || gen_random_uuid())
       RETURNING id, (SELECT id FROM a) AS agent`,
      [app.tenantId],
    ),
  );
  instance = rows[0]!.id;
  agentId = rows[0]!.agent;
  gpus = [];
  for (const gpuIndex of [0, 1]) gpus.push(await createDevice(app.db, app.tenantId, instance, { gpuIndex }));
});

const store = async (minutes: readonly { deviceId: number; minute: DeviceMinute }[]) =>
  app.app.get(MetricsIngest, { strict: false }).storeSamples(app.tenantId, agentId, minutes);
const get = (query: string, as = viewer): Promise<Answer> =>
  app.call('GET', `/api/instances/${instance}/metrics?${query}`, { as });
const at = (ms: number) => new Date(ms).toISOString();

/** Holds the shape of the answer too: the route does not check its large answers itself. */
async function series(query: string) {
  const { status, body } = await get(query);
  expect(body).toMatchObject({ success: true });
  expect(status).toBe(200);
  const known = InstanceMetrics.parse(body.data);
  expect(body.data).toEqual(known);
  return known;
}

describe('GET /instances/:id/metrics', () => {
  it('shows what the agent had to drop as a gap, where it belongs', async () => {
    await app.db.system((tx) =>
      tx.rows('UPDATE flotilla.instances SET agent_id = $2 WHERE id = $1', [instance, agentId]),
    );
    const dropped = (seq: number, details: object) =>
      app.db.system((tx) =>
        tx.rows(
          `INSERT INTO flotilla.agent_events (tenant_id, agent_id, wal_epoch, seq, at, kind, severity, message, details)
           VALUES ($1, $2, 1, $3, now() - interval '5 minutes', 'entries_dropped', 'warning', 'm', $4)`,
          [app.tenantId, agentId, seq, JSON.stringify(details)],
        ),
      );
    const [from, to] = [minuteAgo(40), minuteAgo(31)];
    await dropped(1, { reason: 'full', entries: 90, from_minute_s: from, to_minute_s: to });
    await dropped(2, { reason: 'unreadable', entries: 3, from_minute_s: 0, to_minute_s: 0 });
    const { gaps } = await series('hours=1');
    expect(gaps).toMatchObject([
      { reason: 'unreadable', entries: 3 },
      { reason: 'full', entries: 90, from: at(from * 1000), to: at((to + 60) * 1000) },
    ]);
    expect((await series('hours=0.25')).gaps).toHaveLength(1);
  });

  it('gives back sampled values exactly with resolution=raw', async () => {
    const minuteS = minuteAgo(3);
    const minute = aMinute(
      minuteS,
      { power_draw: [71.85, 0.1, 312.53], gpu_utilization: [97, null, 0] },
      { seconds: [0, 7, 59] },
    );
    await store([{ deviceId: gpus[0]!, minute }]);
    const found = await series('resolution=raw&hours=1');
    expect(found).toMatchObject({ resolution: 'raw', step_seconds: 1 });
    const point = (second: number, value: number) => ({
      timestamp: at((minuteS + second) * 1000),
      min: value,
      avg: value,
      max: value,
      count: 1,
    });
    const of = { gpu_index: 0, gpu_uuid: 'GPU-gpu-0', truncated: false };
    expect(found.series).toEqual([
      { ...of, metric: 'gpu_utilization', unit: 'percent', points: [point(0, 97), point(59, 0)] },
      { ...of, metric: 'power_draw', unit: 'watts', points: [point(0, 71.85), point(7, 0.1), point(59, 312.53)] },
    ]);
  });

  it('shows the newest samples and says so when there are more than the limit', async () => {
    await store([
      { deviceId: gpus[0]!, minute: aMinute(minuteAgo(2), { temperature: [1, 2, 3] }, { seconds: [0, 1, 2] }) },
    ]);
    const [found] = (await series('resolution=raw&hours=1&limit=2')).series;
    expect(found!.truncated).toBe(true);
    expect(found!.points.map((point) => point.max)).toEqual([2, 3]);
  });

  it('keeps min, max and the weighted mean when it widens the steps, and leaves gaps as gaps', async () => {
    const from = Math.floor((Date.now() - 7_200_000) / 3_600_000) * 3_600;
    const minute = (n: number, percents: number[]) => ({
      deviceId: gpus[0]!,
      minute: aMinute(from + n * 60, { gpu_utilization: percents }, { seconds: percents.map((_, i) => i) }),
    });
    await store([minute(0, [10, 20]), minute(1, [100]), minute(2, [0, 0, 0]), minute(9, [50])]);
    const window = `metric=gpu_utilization&from=${at(from * 1000)}&to=${at((from + 600) * 1000)}`;
    const fine = await series(`${window}&limit=10&resolution=1m`);
    expect(fine.step_seconds).toBe(60);
    expect(
      fine.series[0]!.points.map((p) => [(Date.parse(p.timestamp) / 1000 - from) / 60, p.min, p.avg, p.max, p.count]),
    ).toEqual([
      [0, 10, 15, 20, 2],
      [1, 100, 100, 100, 1],
      [2, 0, 0, 0, 3],
      [9, 50, 50, 50, 1],
    ]);
    const coarse = await series(`${window}&limit=2`);
    expect(coarse).toMatchObject({ resolution: '1m', step_seconds: 300 });
    expect(coarse.series[0]!.points).toEqual([
      { timestamp: at(from * 1000), min: 0, avg: 21.666666, max: 100, count: 6 }, // (10 + 20 + 100 + 0 + 0 + 0) ÷ 6
      { timestamp: at((from + 300) * 1000), min: 50, avg: 50, max: 50, count: 1 },
    ]);
    const hourly = await series(`${window}&resolution=1h&aggregate=max`);
    expect(hourly.series[0]!.points).toEqual([{ timestamp: at(from * 1000), max: 100, count: 7 }]);
  });

  it('gives p95 of the samples, within the time that they are kept', async () => {
    const values = Array.from({ length: 60 }, (_, i) => i + 1);
    await store([
      {
        deviceId: gpus[0]!,
        minute: aMinute(minuteAgo(5), { power_draw: values }, { seconds: values.map((v) => v - 1) }),
      },
    ]);
    const found = await series('aggregate=p95,max&resolution=1m&hours=1&metric=power_draw');
    expect(found.series[0]!.points).toEqual([{ timestamp: at(minuteAgo(5) * 1000), max: 60, p95: 57, count: 60 }]); // 57 of 60
    const tooOld = await get('aggregate=p95&hours=800&metric=power_draw');
    expect(tooOld.status).toBe(400);
    expect(tooOld.body.error).toMatch(/^p95 needs samples, and they are kept since 20\d\d-/);
    expect((await get('resolution=raw&hours=800')).status).toBe(400);
    expect((await get('hours=800')).status).toBe(200);
  });

  it('does not average bits', async () => {
    const minute = aMinute(minuteAgo(4), { throttle_reasons: [0b101, 0b100] }, { seconds: [0, 1] });
    const next = aMinute(minuteAgo(3), { throttle_reasons: [0b110] }, { seconds: [0] });
    await store([minute, next].map((m) => ({ deviceId: gpus[0]!, minute: m })));
    for (const query of ['resolution=1h', 'resolution=1m&limit=1']) {
      const points = (await series(`${query}&hours=2&metric=throttle_reasons`)).series[0]!.points;
      const seen = points.reduce(
        (sum, p) => ({ min: sum.min & p.min!, max: sum.max | p.max!, avg: sum.avg | p.avg! }),
        { min: 7, max: 0, avg: 0 },
      );
      expect(seen).toEqual({ min: 0b100, avg: 0b111, max: 0b111 });
    }
  });

  it('chooses the resolution by the window and the limit', async () => {
    expect(await series('hours=0.25')).toMatchObject({ resolution: 'raw', step_seconds: 1 });
    expect(await series('hours=24&limit=2000')).toMatchObject({ resolution: '1m', step_seconds: 60 });
    expect(await series('hours=24')).toMatchObject({ resolution: '1m', step_seconds: 120 });
    expect(await series('hours=9600&limit=100')).toMatchObject({ resolution: '1h', step_seconds: 97 * 3_600 });
  });

  it('filters by GPU and metric', async () => {
    const minute = aMinute(minuteAgo(3), { gpu_utilization: 5, temperature: 50 });
    await store(gpus.map((deviceId) => ({ deviceId, minute })));
    const found = (await series('gpu_index=1&metric=temperature,power_draw&hours=1')).series;
    expect(found.map((one) => [one.gpu_index, one.metric])).toEqual([[1, 'temperature']]);
    expect((await series('hours=1')).series).toHaveLength(4);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=10001', 'limit'],
    ['hours=-1', 'hours'],
    ['metric=nonsense', 'metric'],
    ['aggregate=median', 'aggregate'],
    ['resolution=5m', 'resolution'],
    ['from=2026-01-02&to=2026-01-01', 'from'],
    ['unknown=1', 'unknown'],
  ])('refuses %s', async (query, field) => {
    const { status, body } = await get(query);
    expect([status, body.code, body.details.field.split('.')[0]]).toEqual([400, 'VALIDATION_ERROR', field]);
  });

  it('answers 404 for an instance of another tenant, and hides at once what a shorter retention does not keep', async () => {
    const stranger = await createTenant(app.db);
    const theirs = await stranger.instance();
    expect((await app.call('GET', `/api/instances/${theirs}/metrics`, { as: viewer })).status).toBe(404);

    const tenantId = await app.newTenant();
    const other = await app.login('viewer', tenantId);
    const moved = await app.db.system((tx) =>
      tx.row<{ id: number }>(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id) VALUES ($1, 'on_prem', 'x') RETURNING id`,
        [tenantId],
      ),
    );
    const agent = await app.db.system((tx) =>
      tx.row<{ id: string }>(`INSERT INTO flotilla.agents (tenant_id, hostname) VALUES ($1, 'x') RETURNING id`, [
        tenantId,
      ]),
    );
    const deviceId = await createDevice(app.db, tenantId, moved!.id);
    const minute = aMinute(minuteAgo(2 * 1440), { temperature: 50 });
    await app.app.get(MetricsIngest, { strict: false }).storeSamples(tenantId, agent!.id, [{ deviceId, minute }]);
    const count = async () =>
      (await app.call('GET', `/api/instances/${moved!.id}/metrics?hours=72`, { as: other })).body.data.series.length;
    expect(await count()).toBe(1);
    await app.db.system((tx) =>
      tx.rows('UPDATE flotilla.tenants SET raw_retention_days = 1 WHERE tenant_id = $1', [tenantId]),
    );
    expect(await count()).toBe(0);
  });
});
