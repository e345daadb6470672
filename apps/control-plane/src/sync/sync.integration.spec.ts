import { startTestApp } from '../../../../test/support/app.js';
import type { Answer, TestApp } from '../../../../test/support/app.js';
import { ActionsWatch } from '../actions/index.js';

const NOW_S = Math.floor(Date.now() / 1000) - 120;
const at = (second: number) => new Date((NOW_S + second) * 1000).toISOString();
const instance = (id: string, more: object = {}) => ({
  instance_id: id,
  cloud_provider: 'aws',
  state: 'running',
  region: 'us-east-1',
  gpu_type: 'V100',
  hourly_cost: '3.06',
  ...more,
});

describe('POST /sync', () => {
  let app: TestApp;
  let key: string;
  let operator: string;

  beforeAll(async () => {
    app = await startTestApp();
    operator = await app.login('operator');
  });
  afterAll(() => app.close());
  beforeEach(async () => (key = await app.apiKey(['agent'])));

  const sync = (body: unknown, as = key): Promise<Answer> => app.call('POST', '/api/sync', { as, body });
  const count = async (table: string, where = '') =>
    (await app.db.system((tx) => tx.row<{ n: number }>(`SELECT count(*) AS n FROM flotilla.${table} ${where}`)))!.n;

  it('stores a body once, however often it is sent', async () => {
    const body = {
      instances: [instance('i-once')],
      metrics: [
        {
          instance_id: 'i-once',
          timestamp: at(1),
          gpu_index: 0,
          gpu_utilization: 97.5,
          temperature: 64,
          colour: 'red',
        },
        { instance_id: 'i-once', timestamp: at(2), gpu_index: 0, gpu_utilization: 3 },
        { instance_id: 'i-once', timestamp: at(2), cpu_utilization: 12 },
      ],
      errors: [{ timestamp: at(3), message: 'nvidia-smi did not answer', instance_id: 'i-once' }],
    };
    const first = await sync(body);
    expect(first.status).toBe(200);
    expect(first.body.data).toMatchObject({
      instances: { accepted: 1, duplicates: 0, rejected: [] },
      metrics: { accepted: 3, duplicates: 0, conflicts: 0, rejected: [], ignored_fields: 1 },
      errors: { accepted: 1, duplicates: 0, rejected: [] },
      actions: [],
    });
    const second = await sync(body);
    expect(second.body.data).toMatchObject({
      instances: { accepted: 0, duplicates: 1 },
      metrics: { accepted: 0, duplicates: 3, conflicts: 0 },
      errors: { accepted: 0, duplicates: 1 },
    });
    expect(await count('agent_errors')).toBe(1);
    const [agent] = (await app.call('GET', '/api/agents', { as: operator })).body.data;
    expect((await app.call('GET', `/api/agents/${agent.id}`, { as: operator })).body.data.errors).toEqual([
      expect.objectContaining({ message: 'nvidia-smi did not answer', severity: 'medium', at: at(3) }),
    ]);
  });

  it('keeps the first value of a second, in one body and across bodies', async () => {
    await sync({ instances: [instance('i-second')] });
    const sample = (value: number) => ({
      instance_id: 'i-second',
      timestamp: at(5),
      gpu_uuid: 'GPU-x',
      gpu_utilization: value,
    });
    const answer = await sync({ metrics: [sample(10), sample(20), sample(10)] });
    expect(answer.body.data.metrics).toMatchObject({ accepted: 1, duplicates: 1, conflicts: 1 });
    expect((await sync({ metrics: [sample(30)] })).body.data.metrics).toMatchObject({ accepted: 0, conflicts: 1 });
  });

  it('rejects bad elements one by one and stores their neighbours', async () => {
    const answer = await sync({
      instances: [instance('i-good'), { instance_id: 'i-bad' }, 'nonsense', instance('i-odd', { state: 'asleep' })],
      metrics: [
        { instance_id: 'i-good', timestamp: at(1), gpu_index: 0, gpu_utilization: 50 },
        { instance_id: 'i-good', timestamp: at(1), gpu_index: 0 },
        { instance_id: 'i-good', timestamp: at(1), gpu_utilization: 50 },
        { instance_id: 'i-nobody', timestamp: at(1), gpu_index: 0, gpu_utilization: 50 },
        {
          instance_id: 'i-good',
          timestamp: new Date(Date.now() + 3_600_000).toISOString(),
          gpu_index: 0,
          gpu_utilization: 50,
        },
        { instance_id: 'i-good', timestamp: at(1), gpu_index: 1, gpu_utilization: 5000 },
      ],
    });
    const { instances, metrics } = answer.body.data;
    expect(instances).toMatchObject({ accepted: 1, duplicates: 0 });
    expect(instances.rejected).toEqual([
      { index: 1, error: 'cloud_provider is required' },
      { index: 2, error: 'an element must be an object' },
      expect.objectContaining({ index: 3, error: expect.stringContaining('state') }),
    ]);
    expect(metrics.accepted).toBe(1);
    expect(metrics.rejected.map((r: { index: number }) => r.index)).toEqual([1, 2, 3, 4, 5]);
    expect(metrics.rejected[1].error).toContain('gpu_index or gpu_uuid is required');
    expect(metrics.rejected[2].error).toContain('report it in the section instances first');
  });

  it('says of sections that it does not know that nothing was stored', async () => {
    const { data } = (await sync({ planets: [1] })).body;
    expect(data.unknown_sections.planets.error).toContain('there is no section planets');
  });

  it('refuses an instance that another agent reported', async () => {
    await sync({ instances: [instance('i-theirs')] });
    const other = await app.apiKey(['agent']);
    const answer = await sync(
      {
        instances: [instance('i-theirs', { state: 'stopped' })],
        metrics: [{ instance_id: 'i-theirs', timestamp: at(1), gpu_index: 0, gpu_utilization: 1 }],
      },
      other,
    );
    expect(answer.body.data.instances.rejected[0].error).toContain('known from another agent');
    expect(answer.body.data.metrics.rejected).toHaveLength(1);
  });

  it('is for API keys of the scope agent, which reach nothing else', async () => {
    expect((await sync({}, await app.login('viewer'))).status).toBe(403);
    expect((await sync({}, operator)).status).toBe(403);
    expect((await app.call('GET', '/api/instances', { as: key })).status).toBe(403);
    expect((await sync('[]')).status).toBe(400);
    expect(
      (
        await sync({
          metrics: Array.from({ length: 60_000 }, () => 1),
          errors: Array.from({ length: 60_000 }, () => 1),
        })
      ).status,
    ).toBe(413);
  });

  it('gives out a stop with the next call and takes its outcome, once', async () => {
    await sync({ instances: [instance('i-stop')] });
    const stop = await app.call('POST', '/api/instances/i-stop/stop', { as: operator, body: { reason: 'idle' } });
    expect(stop.status).toBe(202);
    const { data } = (await sync({ instances: [instance('i-stop')] })).body;
    expect(data.actions).toHaveLength(1);
    expect(data.actions[0]).toMatchObject({ verb: 'stop', instance_id: 'i-stop', fence: 1, reason: 'idle' });
    expect((await sync({})).body.data.actions).toEqual([]);
    const { action_id, fence } = data.actions[0];
    const results = {
      results: [
        { action_id, fence, outcome: 'succeeded', message: 'stopped by the provider', observed_state: 'stopped' },
        { action_id: 'act_00000000000000000000000000', fence: 1, outcome: 'failed' },
        { outcome: 'succeeded' },
      ],
    };
    const answered = await app.call('POST', '/api/sync/action-results', { as: key, body: results });
    expect(answered.body.data).toEqual({
      accepted: 1,
      duplicates: 0,
      rejected: [
        { index: 1, error: 'this agent has no such action' },
        { index: 2, error: 'action_id is required' },
      ],
    });
    const again = await app.call('POST', '/api/sync/action-results', { as: key, body: results });
    expect(again.body.data).toMatchObject({ accepted: 0, duplicates: 1 });
    const action = await app.call('GET', `/api/actions/${action_id}`, { as: operator });
    expect(action.body.data).toMatchObject({
      status: 'succeeded',
      controller: { kind: 'sync' },
      result: { verified: true },
    });
    expect((await app.call('GET', '/api/instances/i-stop', { as: operator })).body.data.state).toBe('stopped');
  });

  it('gives an action out again whose answer was lost', async () => {
    await sync({ instances: [instance('i-lost')] });
    const stop = await app.call('POST', '/api/instances/i-lost/stop', { as: operator });
    const id = stop.body.data.action_id as string;
    expect((await sync({})).body.data.actions).toHaveLength(1);
    await app.db.system((tx) =>
      tx.rows(`UPDATE flotilla.actions SET lease_until = now() - interval '1 second' WHERE id = $1`, [id]),
    );
    const { data } = (await sync({})).body;
    expect(data.actions[0]).toMatchObject({ action_id: id, fence: 2 });
    await sync({ running_actions: [{ action_id: id, fence: 2 }] });
    await app.app.get(ActionsWatch).sweep();
    const action = await app.call('GET', `/api/actions/${id}`, { as: operator });
    expect(action.body.data.status).toBe('running');
  });

  it('controls nothing that it reports when it says so', async () => {
    await sync({ instances: [instance('i-readonly')], controls: [] });
    const stop = await app.call('POST', '/api/instances/i-readonly/stop', { as: operator });
    expect(stop.status).toBe(409);
    expect(stop.body.error).toContain('No connected controller can stop instance i-readonly');
  });

  it('gives out that a GPU is repaired with every call until it is confirmed', async () => {
    const sample = { instance_id: 'i-sick', timestamp: at(1), gpu_uuid: 'GPU-sick', gpu_utilization: 1 };
    await sync({ instances: [instance('i-sick')], metrics: [sample] });
    const path = '/api/instances/i-sick/gpus/GPU-sick/clear-health';
    const cleared = await app.call('POST', path, { as: operator, body: { comment: 'reseated' } });
    expect(cleared.body.data).toMatchObject({ health: 'healthy', agent_connected: false });
    await sync({ instances: [] });
    const [told] = (await sync({ instances: [] })).body.data.clear_health;
    expect(told).toMatchObject({ gpu_uuid: 'GPU-sick', requested_by: expect.any(String) });
    // another agent's confirmation confirms nothing
    await sync({ cleared_health: [told.id] }, await app.apiKey(['agent']));
    expect((await sync({ instances: [] })).body.data.clear_health).toHaveLength(1);
    expect((await sync({ cleared_health: [told.id] })).body.data.clear_health).toEqual([]);
  });

  it('takes the health of listed GPUs, and misses one that is listed no more', async () => {
    const gpus = [
      {
        uuid: 'GPU-1',
        index: 0,
        health: 'unhealthy',
        health_reason: 'Xid 79',
        health_evidence: 'NVRM: Xid 79',
        advised_action: 'reboot',
        health_since: at(1),
        episodes: [{ kind: 'xid', code: 79, class: 'hardware', count: 1, first_seen: at(1), last_seen: at(1) }],
      },
      { uuid: 'GPU-2', index: 1, health: 'healthy' },
    ];
    expect((await sync({ instances: [{ ...instance('i-gpus'), gpus }] })).body.data.instances).toMatchObject({
      accepted: 1,
    });
    const shown = async () => (await app.call('GET', '/api/instances/i-gpus', { as: operator })).body.data.gpus;
    expect(await shown()).toMatchObject([
      { uuid: 'GPU-1', health: 'unhealthy', advised_action: 'reboot', health_since: at(1), episodes: [{ code: 79 }] },
      { uuid: 'GPU-2', health: 'healthy', presence: 'present' },
    ]);
    await sync({ instances: [{ ...instance('i-gpus'), gpus: [gpus[0]] }] });
    expect(await shown()).toMatchObject([{ presence: 'present' }, { uuid: 'GPU-2', presence: 'missing' }]);
    const bad = await sync({ instances: [{ ...instance('i-gpus'), gpus: [{ uuid: 'GPU-1', health: 'fine' }] }] });
    expect(bad.body.data.instances.rejected).toMatchObject([{ index: 0, error: expect.stringContaining('health') }]);
  });

  it('takes a large body in one piece', async () => {
    await sync({ instances: [instance('i-large')] });
    const metrics = Array.from({ length: 20_000 }, (_, i) => ({
      instance_id: 'i-large',
      timestamp: new Date((NOW_S - 4000 + (i % 2500)) * 1000).toISOString(),
      gpu_index: Math.floor(i / 2500),
      gpu_utilization: i % 100,
    }));
    const started = Date.now();
    const answer = await sync({ metrics });
    expect(answer.body.data.metrics).toMatchObject({ accepted: 20_000, duplicates: 0, conflicts: 0, rejected: [] });
    expect((await sync({ metrics })).body.data.metrics).toMatchObject({ accepted: 0, duplicates: 20_000 });
    expect(Date.now() - started).toBeLessThan(30_000);
  });

  it('counts all of it in /stats', async () => {
    const { data } = (await app.call('GET', '/api/stats', { as: operator })).body;
    expect(data.resources.instances.total).toBe(await count('instances', `WHERE tenant_id = '${app.tenantId}'`));
    expect(data.actions.succeeded).toBe(1);
    expect(data.actions.total).toBe(await count('actions', `WHERE tenant_id = '${app.tenantId}'`));
  });
});
