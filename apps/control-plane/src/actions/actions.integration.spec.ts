import type { AgentRef } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { Actor } from '@flotilla/persistence';
import { COMMAND, DONE } from '../../../../test/support/actions.js';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import { ActionDispatch } from './actions.dispatch.js';
import { ActionsService } from './actions.service.js';
import { ActionsWatch } from './actions.watch.js';
import { AgentActors } from './agent-actors.js';
import { Controllers } from './controllers.js';

describe('the action queue on a real PostgreSQL', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let agent: AgentRef;
  let instanceId: number;
  let service: ActionsService;
  let controllers: Controllers;
  let replicas: ActionDispatch[];
  let second: Db;
  let watch: ActionsWatch;

  beforeAll(async () => {
    database = await createTestDatabase();
    second = await Db.open({ connectionString: database.url });
    const actors = new AgentActors(database.db);
    controllers = new Controllers(database.db, actors);
    service = new ActionsService(database.db, controllers);
    replicas = [new ActionDispatch(database.db, actors), new ActionDispatch(second, new AgentActors(second))];
    watch = new ActionsWatch(database.db, undefined as never);
  });
  afterAll(async () => {
    await second.close();
    await database.close();
  });
  beforeEach(async () => {
    tenant = await createTenant(database.db);
    agent = await tenant.agent();
    instanceId = await tenant.instance({ agent });
    await controllers.announce(agent, [COMMAND]);
  });

  const request = (actor: Actor = tenant.actor, verb: 'start' | 'stop' = 'stop', id = instanceId, force = false) =>
    database.db.write(actor, (tx) => service.request(tx, actor, id, { verb, reason: 'idle', force }));
  const sql = <T>(text: string, values: unknown[] = []) =>
    database.db.system((tx) => tx.rows<T & Record<string, unknown>>(text, values));
  const statusOf = async (id: string) =>
    (await sql<{ status: string }>('SELECT status FROM flotilla.actions WHERE id = $1', [id]))[0]!.status;
  const timeline = async (id: string) =>
    (
      await sql<{ to_status: string }>(
        'SELECT t.to_status FROM flotilla.action_transitions t WHERE t.action_id = $1 ORDER BY t.seq',
        [id],
      )
    ).map((row) => row.to_status);
  const instance = async () =>
    (
      await sql<{ state: string; generation: number }>(
        'SELECT state, generation FROM flotilla.instances WHERE id = $1',
        [instanceId],
      )
    )[0]!;
  const lapse = (id: string) =>
    sql(`UPDATE flotilla.actions SET lease_until = now() - interval '1 second' WHERE id = $1`, [id]);
  const passDeadline = (id: string) =>
    sql(`UPDATE flotilla.actions SET deadline = now() - interval '1 second' WHERE id = $1`, [id]);

  it('takes one stop the whole way and moves the instance after verification', async () => {
    const { action_id, status } = await request();
    expect(status).toBe('queued');
    const [offer] = await replicas[0]!.claim([agent], 10);
    expect(offer).toMatchObject({ actionId: action_id, fence: 1, verb: 'stop', controlKind: 'command' });
    expect(await replicas[1]!.accepted(agent, action_id, 1)).toBe(true);
    for (const replica of replicas) await replica.settle(agent, action_id, 1, DONE);
    expect(await timeline(action_id)).toEqual(['queued', 'dispatched', 'running', 'succeeded']);
    expect(await instance()).toEqual({ state: 'stopped', generation: 1 });
    await expect(request()).rejects.toThrow(/already stopped/);
  });

  it('lets one of many racing requests win, and names the first to the others', async () => {
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => request()));
    const won = results.filter((r) => r.status === 'fulfilled');
    expect(won.length).toBe(1);
    const id = (won[0] as PromiseFulfilledResult<{ action_id: string }>).value.action_id;
    for (const r of results) if (r.status === 'rejected') expect(String(r.reason)).toContain(id);
  });

  it('gives each queued action to exactly one of racing claimers on two replicas', async () => {
    const instances = await Promise.all(Array.from({ length: 30 }, () => tenant.instance({ agent })));
    const ids = [];
    for (const id of instances) ids.push((await request(tenant.actor, 'stop', id)).action_id);
    const claims = await Promise.all(Array.from({ length: 12 }, (_, i) => replicas[i % 2]!.claim([agent], 7)));
    const claimed = claims.flat().map((offer) => offer.actionId);
    expect(new Set(claimed).size).toBe(claimed.length);
    const rest = (await replicas[0]!.claim([agent], 100)).map((offer) => offer.actionId);
    expect([...claimed, ...rest].sort()).toEqual([...ids].sort());
  });

  it('has one winner among 100 approvers', async () => {
    await sql('UPDATE flotilla.tenants SET require_approval = true WHERE tenant_id = $1', [tenant.tenantId]);
    const { action_id, status } = await request();
    expect(status).toBe('pending_approval');
    const approvals = await Promise.allSettled(
      Array.from({ length: 100 }, () => service.approve(tenant.actor, action_id, null)),
    );
    expect(approvals.filter((r) => r.status === 'fulfilled')).toHaveLength(1);
    for (const r of approvals) if (r.status === 'rejected') expect(String(r.reason)).toContain('is queued');
    expect(await timeline(action_id)).toEqual(['pending_approval', 'queued']);
  });

  it('asks for a second person where the tenant wants one, and force does not help', async () => {
    await sql(
      'UPDATE flotilla.tenants SET require_approval = true, require_second_person = true WHERE tenant_id = $1',
      [tenant.tenantId],
    );
    const alice: Actor = { tenantId: tenant.tenantId, type: 'user', id: '1', label: 'alice@example.com' };
    const { action_id, status } = await request(alice, 'stop', instanceId, true);
    expect(status).toBe('pending_approval');
    await expect(service.approve(alice, action_id, null)).rejects.toThrow(/second person/);
    await service.approve({ ...alice, id: '2', label: 'bob@example.com' }, action_id, 'fine');
    expect(await statusOf(action_id)).toBe('queued');
  });

  it.each([
    ['protected', /is protected/],
    ['terminated', /is terminated/],
  ])('refuses a stop of a %s instance, forced or not', async (what, message) => {
    const id = await tenant.instance({
      agent,
      protected: what === 'protected',
      state: what === 'terminated' ? 'terminated' : 'running',
    });
    await expect(request(tenant.actor, 'stop', id)).rejects.toThrow(message);
    await expect(request(tenant.actor, 'stop', id, true)).rejects.toThrow(message);
  });

  it('names the controller that is missing', async () => {
    const alone = await tenant.instance({ cloudProvider: 'aws', providerId: 'i-0alone' });
    await expect(request(tenant.actor, 'stop', alone)).rejects.toThrow(
      /No connected controller can stop instance i-0alone.*control for aws/,
    );
    await sql(
      `UPDATE flotilla.agents SET connected_until = NULL, last_seen_at = clock_timestamp() - interval '20 minutes' WHERE tenant_id = $1`,
      [tenant.tenantId],
    );
    await expect(request()).rejects.toThrow(/Known but not connected: gpu-1 \(command, last seen/);
  });

  it('queues for an agent that was here lately, and hands over when it is back', async () => {
    await sql(
      `UPDATE flotilla.agents SET connected_until = NULL, last_seen_at = clock_timestamp() - interval '2 minutes' WHERE tenant_id = $1`,
      [tenant.tenantId],
    );
    const { action_id, status } = await request();
    expect(status).toBe('queued');
    expect((await replicas[0]!.claim([agent], 10)).map((offer) => offer.actionId)).toEqual([action_id]);
  });

  it('prefers the power switch outside to the agent inside', async () => {
    const cloud = await tenant.agent({ hostname: 'cloud-controller', controls: ['redfish'] });
    await controllers.announce(cloud, [
      { kind: 'redfish', verbs: ['start', 'stop'], instanceIds: ['bmc-7'], scope: {}, level: 'power' },
    ]);
    const id = await tenant.instance({ agent, providerId: 'bmc-7' });
    const { action_id } = await request(tenant.actor, 'stop', id, true);
    expect(await replicas[0]!.claim([agent], 10)).toEqual([]);
    expect((await replicas[0]!.claim([cloud], 10))[0]).toMatchObject({ actionId: action_id, controlKind: 'redfish' });
  });

  it('lets no host announce itself as the controller of another host', async () => {
    const thief = await tenant.agent({ hostname: 'thief' });
    const id = await tenant.instance({ agent, providerId: 'victim' });
    await controllers.announce(thief, [{ ...COMMAND, instanceIds: ['victim'] }]);
    await request(tenant.actor, 'stop', id);
    expect(await replicas[0]!.claim([thief], 10)).toEqual([]);
  });

  it('offers again under a new fence, three times, and then queues it; a stale acceptance is refused', async () => {
    const { action_id } = await request();
    for (const fence of [1, 2, 3]) {
      expect((await replicas[fence % 2]!.claim([agent], 1))[0]?.fence).toBe(fence);
      expect(await replicas[0]!.claim([agent], 1)).toEqual([]);
      await lapse(action_id);
    }
    expect(await replicas[0]!.claim([agent], 1)).toEqual([]);
    await watch.sweep();
    expect(await statusOf(action_id)).toBe('queued');
    expect(await replicas[0]!.accepted(agent, action_id, 2)).toBe(false);
    expect(await replicas[0]!.accepted(agent, action_id, 3)).toBe(true);
    expect(await statusOf(action_id)).toBe('running');
  });

  it('reconciles a lost lease: asks the host, and believes its journal', async () => {
    const { action_id } = await request();
    await replicas[0]!.claim([agent], 1);
    await replicas[0]!.accepted(agent, action_id, 1);
    await lapse(action_id);
    await watch.sweep();
    expect(await statusOf(action_id)).toBe('unknown');
    await expect(request()).rejects.toThrow(action_id);
    expect(await replicas[1]!.takeQueries([agent])).toEqual([{ agent, actionId: action_id }]);
    expect(await replicas[0]!.takeQueries([agent])).toEqual([]);
    expect(await replicas[0]!.onHello(agent, [], [])).toEqual({ query: [action_id] });
    await replicas[0]!.answerQuery(agent, { actionId: action_id, state: 'done', result: { ...DONE, fence: 1 } });
    expect(await timeline(action_id)).toEqual(['queued', 'dispatched', 'running', 'unknown', 'succeeded']);
  });

  it('issues an action again only when the host never accepted it', async () => {
    const first = await request();
    await replicas[0]!.claim([agent], 1);
    await replicas[0]!.answerQuery(agent, { actionId: first.action_id, state: 'never_accepted', result: null });
    expect((await replicas[1]!.claim([agent], 1))[0]).toMatchObject({ actionId: first.action_id, fence: 2 });
    await replicas[0]!.accepted(agent, first.action_id, 2);
    await lapse(first.action_id);
    await watch.sweep();
    await replicas[0]!.answerQuery(agent, { actionId: first.action_id, state: 'never_accepted', result: null });
    expect(await statusOf(first.action_id)).toBe('unknown');
    expect(await replicas[0]!.claim([agent], 1)).toEqual([]);
  });

  it('refuses a result under a stale fence once a newer offer was accepted', async () => {
    const { action_id } = await request();
    await replicas[0]!.claim([agent], 1);
    await lapse(action_id);
    await replicas[0]!.claim([agent], 1);
    await replicas[0]!.accepted(agent, action_id, 2);
    await replicas[0]!.settle(agent, action_id, 1, DONE);
    expect(await statusOf(action_id)).toBe('running');
    await replicas[0]!.settle(agent, action_id, 2, DONE);
    expect(await statusOf(action_id)).toBe('succeeded');
  });

  it('expires what nobody took, says so, and still keeps a result that comes later', async () => {
    const { action_id } = await request();
    await replicas[0]!.claim([agent], 1);
    await passDeadline(action_id);
    await watch.sweep();
    expect(await statusOf(action_id)).toBe('expired');
    expect(await replicas[0]!.takeCancellations([agent])).toEqual([{ agent, actionId: action_id }]);
    expect(await replicas[0]!.accepted(agent, action_id, 1)).toBe(false);
    await replicas[0]!.settle(agent, action_id, 1, DONE);
    const [row] = await sql<{ status: string; result_outcome: string; message: string }>(
      'SELECT status, result_outcome, message FROM flotilla.actions WHERE id = $1',
      [action_id],
    );
    expect(row).toEqual({
      status: 'expired',
      result_outcome: 'succeeded',
      message: 'a result came after the action was expired: succeeded: stopped',
    });
    expect((await instance()).state).toBe('stopped');
  });

  it('frees the instance of an action whose outcome stays unknown after the deadline', async () => {
    const { action_id } = await request();
    await replicas[0]!.claim([agent], 1);
    await replicas[0]!.accepted(agent, action_id, 1);
    await lapse(action_id);
    await watch.sweep();
    await passDeadline(action_id);
    await watch.sweep();
    expect(await statusOf(action_id)).toBe('unknown');
    expect((await request()).action_id).not.toBe(action_id);
    await replicas[0]!.settle(agent, action_id, 1, { ...DONE, outcome: 'failed', observedState: null });
    expect(await statusOf(action_id)).toBe('failed');
  });

  it('does not believe a host that says it stopped itself', async () => {
    await controllers.announce(agent, [{ ...COMMAND, kind: 'self' }]);
    const { action_id } = await request();
    await replicas[0]!.claim([agent], 1);
    await replicas[0]!.settle(agent, action_id, 1, DONE);
    expect(await statusOf(action_id)).toBe('unknown');
    expect((await instance()).state).toBe('running');
  });

  it('answers another agent and another tenant as if the action did not exist', async () => {
    const { action_id } = await request();
    await replicas[0]!.claim([agent], 1);
    const other = await tenant.agent({ hostname: 'other' });
    const stranger = await (await createTenant(database.db)).agent();
    for (const wrong of [other, stranger]) {
      expect(await replicas[0]!.accepted(wrong, action_id, 1)).toBe(false);
      await replicas[0]!.settle(wrong, action_id, 1, DONE);
    }
    expect(await statusOf(action_id)).toBe('dispatched');
  });

  it('cancels an offer that is out; its result, if it raced, is kept', async () => {
    const { action_id } = await request();
    await replicas[0]!.claim([agent], 1);
    await service.cancel(tenant.actor, action_id, 'changed my mind');
    expect(await replicas[0]!.accepted(agent, action_id, 1)).toBe(false);
    expect(await replicas[0]!.takeCancellations([agent])).toHaveLength(1);
    await expect(service.cancel(tenant.actor, action_id, null)).rejects.toThrow(/is cancelled/);
  });
});
