import { EVENT_KINDS } from '@flotilla/contracts';
import type { EventType } from '@flotilla/contracts';
import { z } from 'zod';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { createTenant } from '../../../../test/support/fleet.js';
import { eventually } from '../../../../test/support/stream-stage.js';
import { Controllers } from '../actions/index.js';
import { Jobs } from '../platform/index.js';
import { EventsJob } from './index.js';

interface Told {
  readonly type: EventType;
  readonly subject: { readonly type: string; readonly id: string };
  readonly data: Record<string, unknown>;
}

describe('what tells events', () => {
  let app: TestApp;
  let viewer: string;

  beforeAll(async () => {
    app = await startTestApp();
    viewer = await app.login('viewer');
  });
  afterAll(() => app.close());

  const sql = (text: string, values: readonly unknown[] = []) => app.db.system((tx) => tx.rows(text, values));
  const told = async (pattern: string): Promise<Told[]> => {
    await app.app.get(EventsJob).seal();
    const events: Told[] = (await app.call('GET', `/api/events?after=0&type=${pattern}&limit=200`, { as: viewer })).body
      .data;
    // what rows tell is what the catalogue says
    for (const { type, data } of events) expect(z.strictObject(EVENT_KINDS[type].data.shape).parse(data)).toEqual(data);
    return events;
  };
  const types = async (pattern: string) => (await told(pattern)).map((one) => one.type);
  const fleet = async () => {
    const [agent] = await sql(
      `INSERT INTO flotilla.agents (tenant_id, hostname, connected_until, last_seen_at) VALUES ($1, 'gpu-1', now() + interval '1 hour', now()) RETURNING id`,
      [app.tenantId],
    );
    const [instance] = await sql(
      `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, state, agent_id) VALUES ($1, 'on_prem', gen_random_uuid()::text, 'running', $2) RETURNING id`,
      [app.tenantId, agent!['id']],
    );
    return { agentId: agent!['id'] as string, instanceId: instance!['id'] as number };
  };

  it('tells every step of an action', async () => {
    const { agentId, instanceId } = await fleet();
    await app.app
      .get(Controllers)
      .announce({ tenantId: app.tenantId, agentId }, [
        { kind: 'command', verbs: ['start', 'stop'], instanceIds: ['self'], scope: {}, level: 'power' },
      ]);
    const operator = await app.login('operator');
    await sql('UPDATE flotilla.tenants SET require_approval = true WHERE tenant_id = $1', [app.tenantId]);
    const stop = await app.call('POST', `/api/instances/${instanceId}/stop`, {
      as: operator,
      body: { reason: 'idle' },
    });
    const id = stop.body.data.action_id as string;
    await app.call('POST', `/api/actions/${id}/approve`, { as: await app.login('operator') });
    await app.call('POST', `/api/actions/${id}/cancel`, { as: operator });
    const of = (await told('action.*')).filter((one) => one.subject.id === id);
    expect(of.map((one) => [one.type, one.data['status']])).toEqual([
      ['action.requested', 'pending_approval'],
      ['action.approved', 'queued'],
      ['action.cancelled', 'cancelled'],
    ]);
    expect(of[0]!.data).toMatchObject({ type: 'stop', instance_id: instanceId, reason: 'idle' });
  });

  it('tells that instances start, stop and end, and nothing where nothing changed', async () => {
    const { instanceId } = await fleet();
    for (const state of ['running', 'stopping', 'stopped', 'stopped', 'running', 'unknown', 'running', 'terminated'])
      await sql('UPDATE flotilla.instances SET state = $2 WHERE id = $1', [instanceId, state]);
    const of = (await told('instance.*')).filter((one) => one.subject.id === String(instanceId));
    expect(of.map((one) => `${one.type} ${one.data['from']} ${one.data['to']}`)).toEqual([
      'instance.state_changed running stopping',
      'instance.stopped stopping stopped',
      'instance.started stopped running',
      'instance.state_changed running unknown',
      'instance.state_changed unknown running',
      'instance.terminated running terminated',
    ]);
  });

  it('tells that GPUs fall ill, get well and go missing', async () => {
    const { instanceId } = await fleet();
    await sql(`INSERT INTO flotilla.devices (tenant_id, instance_id, kind, uuid) VALUES ($1, $2, 'gpu', 'GPU-x')`, [
      app.tenantId,
      instanceId,
    ]);
    const set = (assignment: string) =>
      sql(`UPDATE flotilla.devices SET ${assignment} WHERE instance_id = $1`, [instanceId]);
    await set(`health = 'healthy'`);
    await set(`health = 'unhealthy', health_reason = 'Xid 79'`);
    await set(`health = 'unhealthy'`);
    await set(`health = 'healthy', health_reason = NULL`);
    await set(`presence = 'missing'`);
    const of = await told('gpu.*');
    expect(of.map((one) => one.type)).toEqual(['gpu.unhealthy', 'gpu.healthy', 'gpu.missing']);
    expect(of[0]!.data).toMatchObject({ uuid: 'GPU-x', health: 'unhealthy', before: 'healthy', reason: 'Xid 79' });
  });

  it('tells that an agent enrolled, fell silent, came back and was revoked', async () => {
    const { agentId } = await fleet();
    const look = () => app.app.get(Jobs).runNow('agents.silence');
    await look();
    await sql(`UPDATE flotilla.agents SET connected_until = now() - interval '30 seconds' WHERE id = $1`, [agentId]);
    await look(); // a short cut is no news
    await sql(`UPDATE flotilla.agents SET connected_until = now() - interval '2 minutes' WHERE id = $1`, [agentId]);
    await look();
    await look();
    await sql(`UPDATE flotilla.agents SET connected_until = now() + interval '1 minute' WHERE id = $1`, [agentId]);
    await look();
    await app.call('DELETE', `/api/agents/${agentId}`, { as: await app.login('admin') });
    await look();
    const of = (await told('agent.*')).filter((one) => one.subject.id === agentId);
    expect(of.map((one) => one.type)).toEqual(['agent.enrolled', 'agent.silent', 'agent.connected', 'agent.revoked']);
  });

  it('tells who may do what', async () => {
    const admin = await app.login('owner');
    const user = await app.newUser('viewer');
    const patch = (body: object) => app.call('PATCH', `/api/users/${user.userId}`, { as: admin, body });
    await patch({ role: 'operator' });
    await patch({ name: 'Another' });
    await patch({ status: 'disabled' });
    await patch({ status: 'active' });
    await app.call('POST', '/api/users', { as: admin, body: { email: 'new@example.com', role: 'viewer' } });
    expect(await types('user.*')).toEqual(['user.role_changed', 'user.disabled', 'user.enabled', 'user.invited']);
    const key = await app.call('POST', '/api/api-keys', { as: admin, body: { name: 'ci', role: 'viewer' } });
    await app.call('DELETE', `/api/api-keys/${key.body.data.id}`, { as: admin });
    const keys = await told('api_key.*');
    expect(keys.map((one) => [one.type, one.data['name']])).toEqual([
      ['api_key.created', 'ci'],
      ['api_key.revoked', 'ci'],
    ]);
    expect(JSON.stringify(keys)).not.toContain(key.body.data.key);
  });

  it('tells that a threshold of a budget was reached', async () => {
    await sql(
      `INSERT INTO flotilla.budget_alerts (tenant_id, budget_name, period_start, period_end, basis, percent, amount, currency, actual, figures)
       VALUES ($1, 'All cost', '2026-11-01', '2026-11-30', 'actual', 80, 12000, 'USD', 9700.50, '{}')`,
      [app.tenantId],
    );
    expect((await told('budget.*')).map((one) => one.data)).toEqual([
      expect.objectContaining({
        name: 'All cost',
        basis: 'actual',
        percent: 80,
        actual: '9700.5',
        amount: '12000',
        currency: 'USD',
      }),
    ]);
  });

  it('tells what was there when sealing was asked for, also while an older sealing is under way', async () => {
    const [first, late] = [await createTenant(app.db), await createTenant(app.db)];
    const stop = async ({ instance }: typeof first) =>
      sql(`UPDATE flotilla.instances SET state = 'stopped' WHERE id = $1`, [await instance()]);
    const seal = () => app.app.get(EventsJob).seal();
    const [older, younger] = await app.db.system(async (tx) => {
      // the older one has read what is there, and waits for this head, which is not committed yet
      await tx.rows('INSERT INTO flotilla.event_heads (tenant_id) VALUES ($1)', [first.tenantId]);
      await stop(first);
      const begun = seal();
      await eventually(async () =>
        expect(
          await sql(
            `SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.datname = current_database() AND NOT l.granted`,
          ),
        ).toHaveLength(1),
      );
      await stop(late);
      return [{ done: begun }, { done: seal() }] as const;
    });
    await younger.done;
    const open = await sql('SELECT FROM flotilla.events WHERE tenant_id = $1 AND seq IS NULL', [late.tenantId]);
    expect(open).toEqual([]);
    await older.done;
  });

  it('tells of a simulated instance that it is one', async () => {
    const { tenantId, instance } = await createTenant(app.db);
    const id = await instance();
    await sql(`UPDATE flotilla.instances SET simulated = true, state = 'stopped' WHERE id = $1`, [id]);
    await app.app.get(EventsJob).seal();
    const events = await app.call('GET', '/api/events?type=instance.*', { as: await app.login('viewer', tenantId) });
    expect(events.body.data).toEqual([expect.objectContaining({ type: 'instance.stopped', simulated: true })]);
  });
});
