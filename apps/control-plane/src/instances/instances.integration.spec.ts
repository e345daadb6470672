import type { AgentRef } from '@flotilla/domain';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { ActionDispatch, Controllers } from '../actions/index.js';
import { MetricsIngest } from '../metrics/index.js';
import { DeviceRegistry } from './devices.registry.js';

const device = (uuid: string, gpuIndex: number) => ({
  kind: 'gpu' as const,
  uuid,
  gpuIndex,
  parentUuid: null,
  model: 'NVIDIA H100 80GB HBM3',
  memoryTotalMib: 81559,
  driverVersion: '550.54.15',
  pciBusId: null,
  serial: null,
  migEnabled: false,
  absences: {},
  presence: 'present' as const,
  health: 'unhealthy' as const,
  healthReason: 'Xid 79',
  details: {},
});

describe('/instances and /actions over HTTP', () => {
  let app: TestApp;
  let viewer: string;
  let operator: string;
  let admin: string;
  let agents: AgentRef[];

  beforeAll(async () => {
    app = await startTestApp();
    [viewer, operator, admin] = [await app.login('viewer'), await app.login('operator'), await app.login('admin')];
    agents = [];
    for (const [i, facts] of [
      { name: 'trainer-1', gpu_type: 'H100', region: 'us-east-1', hourly_cost: 3.06, tags: { team: 'ml', env: 'a:b' } },
      { name: 'trainer-2', gpu_type: 'A100', region: 'eu-west-1', hourly_cost: '12.3456789012', tags: { team: 'ml' } },
      { name: '50%_off', gpu_type: 'H100', region: 'us-east-1' },
    ].entries()) {
      const row = await app.db.system((tx) =>
        tx.row<{ id: string }>(
          `INSERT INTO flotilla.agents (tenant_id, hostname, version, connected_until) VALUES ($1, $2, '0.1.0', now() + interval '1 hour') RETURNING id`,
          [app.tenantId, `gpu-${i}`],
        ),
      );
      const agent = { tenantId: app.tenantId, agentId: row!.id };
      agents.push(agent);
      await app.app.get(DeviceRegistry).applyInventory(agent, {
        hash: 'h',
        instance: {
          instance_id: `host/${i}`,
          cloud_provider: 'on_prem',
          state: 'running',
          gpu_count: 2,
          ...facts,
          hourly_cost: i === 1 ? '12.3456789' : facts.hourly_cost,
        },
        devices: [device(`GPU-${i}a`, 0), device(`GPU-${i}b`, 1)],
      });
    }
    await app.app
      .get(Controllers)
      .announce(agents[0]!, [
        { kind: 'command', verbs: ['start', 'stop'], instanceIds: ['self'], scope: {}, level: 'power' },
      ]);
  });
  afterAll(() => app.close());

  const get = async (path: string, as = viewer) => (await app.call('GET', `/api${path}`, { as })).body;
  const names = async (query: string) => (await get(`/instances?${query}`)).data.map((i: { name: string }) => i.name);

  it('lists instances with their GPUs, agent and exact prices', async () => {
    const body = await get('/instances');
    expect(body).toMatchObject({ success: true, count: 3, pagination: { total: 3, has_more: false } });
    expect(body.data[0]).toMatchObject({
      instance_id: 'host/0',
      gpu_type: 'H100',
      hourly_cost: 3.06,
      hourly_cost_source: 'agent',
      simulated: false,
      agent: { version: '0.1.0', connected: true },
      latest: null,
      gpus: [
        { uuid: 'GPU-0a', index: 0 },
        { uuid: 'GPU-0b', index: 1 },
      ],
    });
    expect(body.data[1].hourly_cost).toBe(12.3456789);
  });

  it.each([
    ['gpu_type=H100', ['trainer-1', '50%_off']],
    ['region=eu-west-1', ['trainer-2']],
    ['tag=team:ml', ['trainer-1', 'trainer-2']],
    ['tag=team:ml&tag=env:a:b', ['trainer-1']],
    ['search=TRAINER', ['trainer-1', 'trainer-2']],
    ['search=%25_', ['50%_off']],
    ['state=stopped,terminated', []],
    ['cloud_provider=on_prem&state=running', ['trainer-1', 'trainer-2', '50%_off']],
    ['sort=-hourly_cost', ['trainer-2', 'trainer-1', '50%_off']],
    ['sort=hourly_cost', ['trainer-1', 'trainer-2', '50%_off']],
    ['sort=name', ['50%_off', 'trainer-1', 'trainer-2']],
  ])('filters and sorts by %s', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  it.each(['state=off', 'sort=tags', 'tag=team', 'limit=201', 'cursor=abc', 'gpu=1'])(
    'answers 400 to %s',
    async (query) => {
      expect((await app.call('GET', `/api/instances?${query}`, { as: viewer })).status).toBe(400);
    },
  );

  it.each(['id', '-id', 'name', 'hourly_cost', '-hourly_cost', 'created_at', '-last_seen_at', 'state'])(
    'pages by cursor over %s without losing or repeating one',
    async (sort) => {
      const seen: number[] = [];
      let cursor = '';
      do {
        const body = await get(`/instances?limit=1&sort=${sort}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
        seen.push(...body.data.map((i: { id: number }) => i.id));
        cursor = body.pagination.next_cursor ?? '';
      } while (cursor);
      expect(new Set(seen).size).toBe(3);
      expect(seen).toHaveLength(3);
    },
  );

  it('shows the newest values per GPU and for the machine', async () => {
    const one = await get('/instances/host%2F1');
    const devices = app.app.get(DeviceRegistry);
    const now = Date.now();
    const live = async (uuid: string, values: number[]) => ({
      tenantId: app.tenantId,
      deviceId: await devices.resolve(app.tenantId, one.data.id, uuid),
      atMs: now,
      metrics: [1, 6, 7],
      values: Float32Array.from(values),
    });
    app.app.get(MetricsIngest).storeLive([await live('GPU-1a', [90, 60, 400]), await live('GPU-1b', [30, 70, NaN])]);
    let latest = null;
    for (let i = 0; i < 100 && !latest; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      latest = (await get('/instances/host%2F1')).data.latest;
    }
    // (90 + 30) ÷ 2 = 60; the hottest is 70; one GPU reports 400 W, the other nothing
    expect(latest).toMatchObject({ gpu_utilization: 60, temperature: 70, power_draw: 400, cpu_utilization: null });
    const { data } = await get('/instances/host%2F1');
    expect(data.gpus[1].latest.metrics).toEqual({ gpu_utilization: 30, temperature: 70 });
  });

  it('finds an instance by number and by encoded provider id, and says when that is not clear', async () => {
    const { data } = await get('/instances/host%2F0');
    expect((await get(`/instances/${data.id}`)).data.instance_id).toBe('host/0');
    expect((await app.call('GET', `/api/instances/${data.id}?id_type=provider`, { as: viewer })).status).toBe(404);
    await app.db.system((tx) =>
      tx.rows(`INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id) VALUES ($1, 'aws', 'host/2')`, [
        app.tenantId,
      ]),
    );
    expect((await app.call('GET', '/api/instances/host%2F2', { as: viewer })).status).toBe(409);
    await app.db.system((tx) => tx.rows(`DELETE FROM flotilla.instances WHERE cloud_provider = 'aws'`));
    const other = await app.newTenant();
    const stranger = await app.login('owner', other);
    expect((await app.call('GET', `/api/instances/${data.id}`, { as: stranger })).status).toBe(404);
  });

  it('keeps what a person says above what the agent says, and gives it back', async () => {
    const patch = async (body: object, as = operator) => app.call('PATCH', '/api/instances/host%2F0', { as, body });
    const changed = await patch({ name: 'mine', hourly_cost: '2.5', tags: { team: null, owner: 'ada' } });
    expect(changed.body.data).toMatchObject({
      name: 'mine',
      hourly_cost: 2.5,
      hourly_cost_source: 'user',
      tags: { env: 'a:b', owner: 'ada' },
    });
    const back = await patch({ name: null, hourly_cost: null, tags: { team: 'ml', owner: null } });
    expect(back.body.data).toMatchObject({
      name: 'trainer-1',
      hourly_cost: 3.06,
      hourly_cost_source: 'agent',
      tags: { env: 'a:b', team: 'ml' },
    });
    expect((await patch({ name: 'x' }, viewer)).status).toBe(403);
    expect((await patch({})).status).toBe(400);
    expect((await patch({ state: 'stopped' })).status).toBe(400);
  });

  it('lets anybody who operates protect, and only an admin take it back', async () => {
    const patch = (as: string, isProtected: boolean) =>
      app.call('PATCH', '/api/instances/host%2F0', { as, body: { protected: isProtected } });
    expect((await patch(operator, true)).body.data.protected).toBe(true);
    const stop = await app.call('POST', '/api/instances/host%2F0/stop', { as: operator, body: { force: true } });
    expect(stop.status).toBe(409);
    expect((await patch(operator, false)).status).toBe(403);
    expect((await patch(admin, false)).body.data.protected).toBe(false);
  });

  it('keeps the health that a person cleared', async () => {
    const cleared = await app.call('POST', '/api/instances/host%2F0/gpus/GPU-0a/clear-health', { as: operator });
    expect(cleared.body.data).toMatchObject({ uuid: 'GPU-0a', health: 'healthy' });
    expect((await app.call('POST', '/api/instances/host%2F0/gpus/GPU-9/clear-health', { as: operator })).status).toBe(
      404,
    );
  });

  it('takes a stop through the queue, and shows its timeline', async () => {
    expect((await app.call('POST', '/api/instances/host%2F0/stop', { as: viewer })).status).toBe(403);
    const accepted = await app.call('POST', '/api/instances/host%2F0/stop', { as: operator, body: { reason: 'idle' } });
    expect(accepted.status).toBe(202);
    const id = accepted.body.data.action_id as string;
    const second = await app.call('POST', '/api/instances/host%2F0/stop', { as: operator });
    expect(second.status).toBe(409);
    expect(second.body.error).toContain(id);
    const dispatch = app.app.get(ActionDispatch);
    const [offer] = await dispatch.claim([agents[0]!], 1);
    expect(offer!.precondition).toMatchObject({ force: false, idleBelowPercent: 5 });
    await dispatch.accepted(agents[0]!, id, offer!.fence);
    await dispatch.settle(agents[0]!, id, offer!.fence, {
      outcome: 'succeeded',
      message: 'is-active said inactive',
      exitCode: 0,
      output: 'bye\n',
      outputTruncated: false,
      startedAtMs: Date.now() - 1000,
      finishedAtMs: Date.now(),
      observedState: 'stopped',
    });
    const { data } = await get(`/actions/${id}`);
    expect(data).toMatchObject({
      status: 'succeeded',
      type: 'stop',
      reason: 'idle',
      attempts: 1,
      result: { outcome: 'succeeded', output: 'bye\n', verified: true, observed_state: 'stopped' },
      controller: { host: 'gpu-0', kind: 'command' },
    });
    expect(data.timeline.map((step: { to: string }) => step.to)).toEqual([
      'queued',
      'dispatched',
      'running',
      'succeeded',
    ]);
    expect((await get('/instances/host%2F0')).data.state).toBe('stopped');
    expect((await get('/actions?status=succeeded&type=stop')).count).toBe(1);
    expect((await get(`/actions?status=queued,running&instance_id=${data.instance_id}`)).count).toBe(0);
    const late = await app.call('POST', `/api/actions/${id}/cancel`, { as: operator, body: { comment: 'no' } });
    expect(late.status).toBe(409);
    expect(late.body.error).toContain('is succeeded');
    expect((await app.call('POST', '/api/instances/host%2F0/stop', { as: operator })).body.error).toContain(
      'already stopped',
    );
  });

  it('says which controller is missing and how to add one', async () => {
    const answer = await app.call('POST', '/api/instances/host%2F1/start', { as: operator });
    expect(answer.status).toBe(409);
    const stop = await app.call('POST', '/api/instances/host%2F1/stop', { as: operator });
    expect(stop.body.error).toMatch(/No connected controller can stop instance host\/1.*command or systemd control/);
  });

  it('answers the idle list, empty without history', async () => {
    const body = await get('/instances/status/idle?below_percent=10&for_minutes=5');
    expect(body).toMatchObject({ data: [], summary: { below_percent: 10, for_minutes: 5 }, pagination: { total: 0 } });
  });
});
