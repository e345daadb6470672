import type { ActionOutcome, AgentRef } from '@flotilla/domain';
import { COMMAND, DONE } from '../../../../test/support/actions.js';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import type { ActionRequest } from './action-request.js';
import { ActionDispatch } from './actions.dispatch.js';
import { ActionsQueries } from './actions.queries.js';
import { ActionsService } from './actions.service.js';
import { ActionsWatch } from './actions.watch.js';
import { AgentActors } from './agent-actors.js';
import { wireVerb } from './claimed-offer.js';
import { Controllers } from './controllers.js';

describe('what must hold when an action begins', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let agent: AgentRef;
  let instanceId: number;
  let service: ActionsService;
  let dispatch: ActionDispatch;
  let watch: ActionsWatch;
  let queries: ActionsQueries;

  beforeAll(async () => {
    database = await createTestDatabase();
    const actors = new AgentActors(database.db);
    service = new ActionsService(database.db, new Controllers(database.db, actors));
    dispatch = new ActionDispatch(database.db, actors);
    watch = new ActionsWatch(database.db, undefined as never);
    queries = new ActionsQueries(database.db);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    tenant = await createTenant(database.db);
    agent = await tenant.agent();
    instanceId = await tenant.instance({ agent });
    await new Controllers(database.db, new AgentActors(database.db)).announce(agent, [COMMAND]);
  });

  const request = (more: Partial<ActionRequest> = {}) =>
    database.db.write(tenant.actor, (tx) =>
      service.request(tx, tenant.actor, instanceId, { verb: 'stop', reason: 'idle', force: false, ...more }),
    );
  const sql = <T>(text: string, values: unknown[] = []) =>
    database.db.system((tx) => tx.rows<T & Record<string, unknown>>(text, values));
  const action = (id: string) => queries.get(tenant.actor, id);
  const hasGpuWith = async (processes: object[] | null, minutesAgo = 0) => {
    await sql(`INSERT INTO flotilla.devices (tenant_id, instance_id, uuid, kind) VALUES ($1, $2, 'GPU-1', 'gpu')`, [
      tenant.tenantId,
      instanceId,
    ]);
    if (!processes) return;
    await sql(
      `INSERT INTO flotilla.gpu_processes (tenant_id, instance_id, at, processes)
       VALUES ($1, $2, now() - $4 * interval '1 minute', $3)`,
      [tenant.tenantId, instanceId, JSON.stringify(processes), minutesAgo],
    );
  };

  it('says that nobody approved in time, to whom it had asked', async () => {
    await sql('UPDATE flotilla.tenants SET require_approval = true WHERE tenant_id = $1', [tenant.tenantId]);
    await sql(
      `INSERT INTO flotilla.notification_channels (tenant_id, name, channel_type, config, sealed, created_by)
       VALUES ($1, 'on-call', 'webhook', '{}', '\\x00', 'test')`,
      [tenant.tenantId],
    );
    const { action_id } = await request();
    await sql(`UPDATE flotilla.actions SET deadline = now() - interval '1 second' WHERE id = $1`, [action_id]);
    await watch.sweep();
    await watch.sweep();
    expect((await action(action_id)).status).toBe('expired');
    const told = await sql<{ title: string }>(
      'SELECT o.title FROM flotilla.notification_outbox o WHERE o.tenant_id = $1 ORDER BY o.id',
      [tenant.tenantId],
    );
    expect(told.map((row) => row.title)).toEqual([
      expect.stringMatching(/^Approval needed: stop/),
      expect.stringMatching(/^Nobody approved in time: stop/),
    ]);
  });

  describe('the processes that the request knew of', () => {
    const python = { device: 'GPU-1', pid: 7, name: 'python', type: 'C', used_memory_mib: 5, user: 'ada' };

    it('go with the offer, drawing ones left out', async () => {
      const since = { started_at: '2026-01-01T00:00:01.500Z' };
      await hasGpuWith([python, { ...python, ...since, pid: 9 }, { ...python, pid: 8, name: 'Xorg', type: 'G' }]);
      const { action_id } = await request();
      const [offer] = await dispatch.claim([agent], 1);
      const known = { device: 'GPU-1', pid: 7, name: 'python', startedAtMs: 0 };
      expect(offer?.precondition.knownProcesses).toEqual([
        known,
        { ...known, pid: 9, startedAtMs: Date.UTC(2026, 0, 1, 0, 0, 1, 500) },
      ]);
      expect((await action(action_id)).precondition).toMatchObject({ known_processes: 2, generation: 0 });
    });

    it.each<[string, object[] | null, number, Partial<ActionRequest>]>([
      ['none were ever reported', null, 0, {}],
      ['they were reported too long ago', [python], 11, {}],
      ['the request forces it', [python], 0, { force: true }],
    ])('are not asked for where %s', async (_, processes, minutesAgo, more) => {
      await hasGpuWith(processes, minutesAgo);
      await request(more);
      expect((await dispatch.claim([agent], 1))[0]?.precondition.knownProcesses).toBeNull();
    });

    it('are asked for where it is known that there is none', async () => {
      await hasGpuWith([]);
      await request();
      expect((await dispatch.claim([agent], 1))[0]?.precondition.knownProcesses).toEqual([]);
    });
  });

  describe('what happened since the request', () => {
    it.each([
      ['was protected', 'protected = true', /protected before the action could begin/],
      ['was started or stopped', 'generation = generation + 1', /started or stopped since/],
    ])('the instance %s: it is not handed out and cancelled', async (_, change, message) => {
      const { action_id } = await request();
      await sql(`UPDATE flotilla.instances SET ${change} WHERE id = $1`, [instanceId]);
      expect(await dispatch.claim([agent], 1)).toEqual([]);
      await watch.sweep();
      expect(await action(action_id)).toMatchObject({ status: 'cancelled', message: expect.stringMatching(message) });
    });

    it('an offer that is out is taken back', async () => {
      const { action_id } = await request();
      await dispatch.claim([agent], 1);
      await sql('UPDATE flotilla.instances SET protected = true WHERE id = $1', [instanceId]);
      await watch.sweep();
      expect(await dispatch.takeCancellations([agent])).toEqual([{ agent, actionId: action_id }]);
      expect(await dispatch.accepted(agent, action_id, 1)).toBe(false);
    });

    it('an approval comes too late', async () => {
      await sql('UPDATE flotilla.tenants SET require_approval = true WHERE tenant_id = $1', [tenant.tenantId]);
      const { action_id } = await request();
      await sql('UPDATE flotilla.instances SET generation = 9 WHERE id = $1', [instanceId]);
      await expect(service.approve(tenant.actor, action_id, null)).rejects.toThrow(/was started or stopped since/);
    });
  });

  describe('a dry run', () => {
    const would: ActionOutcome = { ...DONE, message: 'it would stop by /bin/x', exitCode: null, observedState: null };

    it('ends with a sentence, changes nothing and proves nothing', async () => {
      const { action_id, status } = await request({ dryRun: true });
      expect(status).toBe('queued');
      const [offer] = await dispatch.claim([agent], 1);
      expect(wireVerb(offer!)).toBe('dry_run_stop');
      await dispatch.accepted(agent, action_id, 1);
      await dispatch.settle(agent, action_id, 1, { ...would, observedState: 'stopped' });
      expect(await action(action_id)).toMatchObject({
        status: 'succeeded',
        dry_run: true,
        message: 'it would stop by /bin/x',
        result: { verified: false },
      });
      const [instance] = await sql('SELECT state, generation FROM flotilla.instances WHERE id = $1', [instanceId]);
      expect(instance).toMatchObject({ state: 'running', generation: 0 });
    });

    it('holds no instance, is not held up by an action, and needs no approval', async () => {
      await sql('UPDATE flotilla.tenants SET require_approval = true WHERE tenant_id = $1', [tenant.tenantId]);
      const dry = [await request({ dryRun: true }), await request({ dryRun: true })];
      const real = await request();
      expect(real.status).toBe('pending_approval');
      dry.push(await request({ dryRun: true }));
      const claimed = await dispatch.claim([agent], 10);
      expect(claimed.map(({ actionId }) => actionId)).toEqual(dry.map(({ action_id }) => action_id));
      await service.cancel(tenant.actor, dry[0]!.action_id, null);
      const list = async (more: object) =>
        (await queries.list(tenant.actor, { page: 1, limit: 10, ...more } as never)).items.map(({ id }) => id);
      expect(await list({ dry_run: false })).toEqual([real.action_id]);
      expect((await list({ dry_run: true })).sort()).toEqual(dry.map(({ action_id }) => action_id).sort());
    });

    it('asks also where there is nothing to do, but not of what is protected', async () => {
      await sql(`UPDATE flotilla.instances SET state = 'stopped' WHERE id = $1`, [instanceId]);
      await expect(request()).rejects.toThrow(/already stopped/);
      expect((await request({ dryRun: true })).status).toBe('queued');
      await sql('UPDATE flotilla.instances SET protected = true WHERE id = $1', [instanceId]);
      await expect(request({ dryRun: true })).rejects.toThrow(/is protected/);
    });

    it('expires when nobody answers, and has failed when its agent is gone', async () => {
      const { action_id } = await request({ dryRun: true });
      await sql(`UPDATE flotilla.actions SET deadline = now() - interval '1 second' WHERE id = $1`, [action_id]);
      await watch.sweep();
      expect((await action(action_id)).status).toBe('expired');
      const second = await request({ dryRun: true });
      await dispatch.claim([agent], 1);
      await dispatch.accepted(agent, second.action_id, 1);
      await sql(`UPDATE flotilla.actions SET lease_until = now() - interval '1 second' WHERE id = $1`, [
        second.action_id,
      ]);
      await watch.sweep();
      expect(await action(second.action_id)).toMatchObject({
        status: 'failed',
        message: expect.stringContaining('nothing was done'),
      });
    });
  });

  it('what a host could not tell and saw later ends the action', async () => {
    const { action_id } = await request();
    await dispatch.claim([agent], 1);
    await dispatch.accepted(agent, action_id, 1);
    const unknown: ActionOutcome = {
      ...DONE,
      outcome: 'unknown',
      message: 'nobody can tell',
      observedState: 'unverified',
    };
    await dispatch.settle(agent, action_id, 1, unknown);
    expect((await action(action_id)).status).toBe('unknown');
    expect(await dispatch.settle(agent, action_id, 1, unknown)).toBe('repeat');
    expect(await dispatch.settle(agent, action_id, 1, { ...DONE, message: 'stopped, seen later' })).toBe('settle');
    expect(await action(action_id)).toMatchObject({ status: 'succeeded', message: 'stopped, seen later' });
    expect(await dispatch.settle(agent, action_id, 1, { ...DONE, outcome: 'failed' })).toBe('repeat');
  });
});
