import { setTimeout as wait } from 'node:timers/promises';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { DemoService } from './index.js';

let app: TestApp;
let operator: string;
const get = async (path: string) => (await app.call('GET', path, { as: operator })).body;

beforeAll(async () => {
  app = await startTestApp();
  await app.app.get(DemoService).begin(app.tenantId, { sampledMinutes: 3, packedDays: 1, moneyDays: 1 });
  operator = await app.login('operator');
}, 120_000);
afterAll(() => app?.close());

/** What the owner of the metric tables sees of them. */
const days = () =>
  app.db.ingest((tx) =>
    tx.rows<{ devices: number; metrics: number; whole: number; apart: number }>(
      `SELECT count(DISTINCT d.device_id)::int AS devices, count(DISTINCT d.metric)::int AS metrics,
         count(*) FILTER (WHERE array_length(d.minutes, 1) = 5760 AND array_length(d.hours, 1) = 96)::int AS whole,
         -- the mean of the 13th hour against the mean of its minutes, where all of them are there
         max(abs(d.hours[50] - (SELECT avg(d.minutes[1440 + 12 * 60 + m]) FROM generate_series(1, 60) m)))::float8 AS apart
       FROM flotilla.gpu_days d WHERE d.tenant_id = $1 AND d.minutes IS NOT NULL`,
      [app.tenantId],
    ),
  );

it('marks the tenant and everything in it as simulated', async () => {
  const { data, pagination } = await get('/api/instances?limit=200');
  expect(pagination.total).toBe(40);
  expect(data.filter((instance: { simulated: boolean }) => !instance.simulated)).toEqual([]);
  const agents = await get('/api/agents?limit=200');
  expect(agents.data.filter((agent: { simulated: boolean }) => !agent.simulated)).toEqual([]);
  const [tenant] = await app.db.read({ tenantId: app.tenantId }, (tx) =>
    tx.rows('SELECT t.simulated, t.name FROM flotilla.tenants t'),
  );
  expect(tenant).toEqual({ simulated: true, name: 'Demo (simulated)' });
});

it('has the packed day of every device, whose hours are the means of its minutes', async () => {
  // 300 GPUs, 16 slices, 40 hosts; five metrics of GPUs and one of hosts
  // on a busy machine the demo is ready before its days are all written
  let [found] = await days();
  for (let i = 0; i < 120 && found?.devices !== 356; i++) {
    await wait(500);
    [found] = await days();
  }
  expect(found).toMatchObject({ devices: 356, metrics: 6 });
  // machines with office hours have NULLs, but every row has all its places
  const [rows] = await app.db.ingest((tx) =>
    tx.rows<{ count: number }>('SELECT count(*)::int AS count FROM flotilla.gpu_days d WHERE d.minutes IS NOT NULL'),
  );
  expect(found?.whole).toBe(rows?.count);
  // float4 of megabytes: 80,000 is exact to 0.01
  expect(found?.apart).toBeLessThan(0.5);
});

it('shows a day of minutes, also of the time before there were samples', async () => {
  const { data } = await get('/api/instances?limit=200&search=chat-serving-01');
  const from = new Date(Date.now() - 20 * 3_600_000).toISOString();
  const path = `/api/instances/${data[0].id}/metrics?metric=gpu_utilization&gpu_index=0&limit=1441&from=${from}`;
  // today is written at once, the day before follows
  let points: { avg: number; count: number }[] = [];
  for (let i = 0; i < 120 && points.length < 1_190; i++) {
    if (i > 0) await wait(500);
    points = (await get(path)).data.series[0].points;
  }
  expect(points.length).toBeGreaterThanOrEqual(1_190);
  expect(points.every(({ avg, count }) => avg >= 0 && avg <= 100 && count === 12)).toBe(true);
});

it('has the days of whole machines, or lets them be made', async () => {
  const [missing] = await app.db.ingest((tx) =>
    tx.rows<{ days: number; lost: number }>(
      `SELECT count(*)::int AS days, count(*) FILTER (WHERE NOT EXISTS (
           SELECT FROM flotilla.instance_days i WHERE i.tenant_id = $1 AND i.instance_id = x.instance_id AND i.day = x.day)
         AND NOT EXISTS (SELECT FROM flotilla.instance_days_to_make m WHERE m.tenant_id = $1 AND m.instance_id = x.instance_id))::int AS lost
       FROM (SELECT DISTINCT v.instance_id, d.day FROM flotilla.gpu_days d
               JOIN flotilla.devices v ON v.tenant_id = d.tenant_id AND v.id = d.device_id WHERE d.tenant_id = $1) x`,
      [app.tenantId],
    ),
  );
  expect(missing!.days).toBeGreaterThanOrEqual(40);
  expect(missing!.lost).toBe(0);
});

it('stores samples through the ingest, with a ledger for every agent whose machine is on', async () => {
  const [ledger] = await app.db.system((tx) =>
    tx.rows<{ agents: number; rejected: number; minutes: number }>(
      `SELECT count(DISTINCT l.agent_id)::int AS agents, sum(l.rejected)::int AS rejected, sum(l.minutes)::int AS minutes
       FROM flotilla.ingest_ledger l WHERE l.tenant_id = $1`,
      [app.tenantId],
    ),
  );
  // two machines keep office hours
  expect(ledger!.agents).toBeGreaterThanOrEqual(38);
  expect(ledger!.rejected).toBe(0);
  expect(ledger!.minutes).toBeGreaterThanOrEqual(3 * 338);
});

it('has machines that have run for long, whose processes are known: so a stop can be judged', async () => {
  const [known] = await app.db.system((tx) =>
    tx.rows<{ fresh: number; listed: number; empty: number; held: number }>(
      `SELECT count(*) FILTER (WHERE i.state_changed_at > now() - interval '30 minutes' AND i.tags ->> 'environment' = 'research')::int AS fresh,
              count(p.at)::int AS listed, count(*) FILTER (WHERE p.processes = '[]')::int AS empty,
              count(*) FILTER (WHERE p.processes -> 0 ->> 'name' LIKE '%/vllm')::int AS held
         FROM flotilla.instances i LEFT JOIN flotilla.gpu_processes p ON p.tenant_id = i.tenant_id AND p.instance_id = i.id
        WHERE i.tenant_id = $1`,
      [app.tenantId],
    ),
  );
  expect(known).toMatchObject({ fresh: 0 });
  // office hours of two machines, and model servers that are always there
  expect(known!.listed).toBeGreaterThanOrEqual(38);
  expect(known!.held).toBeGreaterThanOrEqual(8);
});

it('has agents that are connected, and a GPU that is sick', async () => {
  const { data } = await get('/api/stats');
  expect(data.resources.agents.connected).toBeGreaterThanOrEqual(43);
  expect(data.resources.gpus).toMatchObject({ total: 300, unhealthy: 1 });
});

it('does what Stop and Start ask for', async () => {
  const { data } = await get('/api/instances?limit=200&search=chat-serving-old');
  const id = data[0].id as number;
  for (const [verb, state] of [
    ['stop', 'stopped'],
    ['start', 'running'],
  ]) {
    const asked = await app.call('POST', `/api/instances/${id}/${verb}`, { as: operator, body: { reason: 'a test' } });
    expect(asked.status).toBe(202);
    let status = '';
    for (let i = 0; i < 150 && status !== 'succeeded'; i++) {
      await wait(200);
      status = (await get(`/api/actions/${asked.body.data.action_id}`)).data.status;
    }
    expect(status).toBe('succeeded');
    expect((await get(`/api/instances/${id}`)).data.state).toBe(state);
  }
}, 90_000);
