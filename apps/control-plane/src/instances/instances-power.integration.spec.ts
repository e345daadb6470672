import { COMMAND } from '../../../../test/support/actions.js';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import { Controllers } from '../actions/index.js';

describe('several instances at once', () => {
  let app: TestApp;
  let tenant: TestTenant;
  let operator: string;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    tenant = await createTenant(app.db);
    operator = await app.login('operator', tenant.tenantId);
  });

  const machine = async () => {
    const agent = await tenant.agent();
    const id = await tenant.instance({ agent });
    await app.app.get(Controllers, { strict: false }).announce(agent, [COMMAND]);
    return id;
  };
  const bulk = (body: object, as = operator) => app.call('POST', '/api/instances/bulk', { as, body });
  const stop = (...ids: number[]) => bulk({ operation: 'stop', instance_ids: ids, reason: 'idle' });

  it('queues each that can be stopped, and says of each other why not', async () => {
    const [first, second, uncontrolled] = [await machine(), await machine(), await tenant.instance()];
    const stranger = await (await createTenant(app.db)).instance();
    const { status, body } = await stop(first, uncontrolled, stranger, second, first);
    expect(status).toBe(202);
    expect(body.data).toMatchObject({ requested: 2, refused: 2 });
    expect(body.data.results).toEqual([
      { instance_id: first, action_id: expect.stringMatching(/^act_/), status: 'queued', error: null, code: null },
      expect.objectContaining({ instance_id: uncontrolled, action_id: null, status: null, code: 'CONFLICT' }),
      expect.objectContaining({ instance_id: stranger, action_id: null, code: 'NOT_FOUND' }),
      expect.objectContaining({ instance_id: second, status: 'queued' }),
    ]);
    const again = (await stop(first)).body.data.results[0];
    expect(again).toMatchObject({ code: 'CONFLICT', error: expect.stringContaining(body.data.results[0].action_id) });
    const actions = (await app.call('GET', '/api/actions', { as: operator })).body.data;
    expect(actions.map((one: { reason: string }) => one.reason)).toEqual(['idle', 'idle']);
  });

  it('stops what loses something only when that loss is accepted, with a reason', async () => {
    const id = await machine();
    const lose = `UPDATE flotilla.instances SET placement = '{"auto_scaling_group": "trainers"}' WHERE id = $1`;
    await app.db.system((tx) => tx.rows(lose, [id]));
    expect((await stop(id)).body.data.results[0].error).toContain('"accept": ["auto_scaling"]');
    const accept = { operation: 'stop', instance_ids: [id], accept: ['auto_scaling'] };
    expect((await bulk(accept)).body.data.results[0]).toMatchObject({ code: 'VALIDATION_ERROR' });
    const { results } = (await bulk({ ...accept, reason: 'the group is paused' })).body.data;
    const action = await app.call('GET', `/api/actions/${results[0].action_id}`, { as: operator });
    expect(action.body.data).toMatchObject({ accepted: ['auto_scaling'], force: false, reason: 'the group is paused' });
  });

  it('asks the gate of several, and answers as for one', async () => {
    const ids = [await machine(), await tenant.instance()];
    const { status, body } = await app.call('POST', '/api/instances/stop-gate', {
      as: await app.login('viewer', tenant.tenantId),
      body: { instance_ids: [...ids, 999_999] },
    });
    expect(status).toBe(200);
    expect(body.data.not_found).toEqual([999_999]);
    for (const [i, id] of ids.entries()) {
      const one = await app.call('GET', `/api/instances/${id}/stop-gate`, { as: operator });
      const { judged_at: _, window: __, ...rest } = one.body.data;
      expect(body.data.answers[i]).toMatchObject(rest);
    }
  });

  it('takes no more than a hundred, no force, ten times a minute, and nothing from who only looks', async () => {
    const many = Array.from({ length: 101 }, (_, i) => i + 1);
    expect((await stop(...many)).status).toBe(400);
    expect((await bulk({ operation: 'stop', instance_ids: [1], force: true })).status).toBe(400);
    const viewer = await app.login('viewer', tenant.tenantId);
    expect((await bulk({ operation: 'stop', instance_ids: [1] }, viewer)).status).toBe(403);
    const statuses = [];
    for (let i = 0; i < 11; i++) statuses.push((await stop(999_999)).status);
    expect(statuses).toContain(429);
  });
});
