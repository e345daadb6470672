import type { AgentRef } from '@flotilla/domain';
import type { Actor } from '@flotilla/persistence';
import { COMMAND } from '../../../../test/support/actions.js';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import { aMinute, createDevice, minuteAgo } from '../../../../test/support/telemetry.js';
import { LiveStore, MetricsIngest } from '../metrics/index.js';
import type { ActionRequest } from './action-request.js';
import { ActionDispatch } from './actions.dispatch.js';
import { ActionsQueries } from './actions.queries.js';
import { ActionsService } from './actions.service.js';
import { AgentActors } from './agent-actors.js';
import { Controllers } from './controllers.js';

describe('stops that the gate stands before', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let agent: AgentRef;
  let id: number;
  let service: ActionsService;
  let dispatch: ActionDispatch;
  let queries: ActionsQueries;
  let device: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    const actors = new AgentActors(database.db);
    service = new ActionsService(database.db, new Controllers(database.db, actors));
    dispatch = new ActionDispatch(database.db, actors);
    queries = new ActionsQueries(database.db);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    tenant = await createTenant(database.db);
    agent = await tenant.agent();
    id = await tenant.instance({ agent, cloudProvider: 'aws' });
    await sql(
      `UPDATE flotilla.instances SET state_changed_at = now() - interval '5 hours', instance_type = 'p3.2xlarge', gpu_count = 1
        WHERE id = $1`,
      [id],
    );
    device = await createDevice(database.db, tenant.tenantId, id);
    await new Controllers(database.db, new AgentActors(database.db)).announce(agent, [COMMAND]);
  });

  const sql = <T = unknown>(text: string, values: unknown[] = []) =>
    database.db.system((tx) => tx.rows<T & Record<string, unknown>>(text, values));
  const idle = (utilization = 0) =>
    new MetricsIngest(database.db, new LiveStore(database.db)).storeSamples(
      tenant.tenantId,
      agent.agentId,
      Array.from({ length: 40 }, (_, i) => ({
        deviceId: device,
        minute: aMinute(minuteAgo(40 - i), { gpu_utilization: i > 37 ? utilization : 0, memory_used_mib: 3 }),
      })),
    );
  const person = (id_: string): Actor => ({
    tenantId: tenant.tenantId,
    type: 'user',
    id: id_,
    label: `${id_}@example.com`,
  });
  const request = (more: Partial<ActionRequest> = {}, actor: Actor = person('1')) =>
    database.db.write(actor, (tx) =>
      service.request(tx, actor, id, { verb: 'stop', reason: 'idle', force: false, ...more }),
    );
  const action = (actionId: string) => queries.get(tenant.actor, actionId);
  const byPolicy = { policy: { id: 4, version: 2 } };

  it('lets the stop of a policy out when all is well, and keeps the answer with it', async () => {
    await idle();
    const { action_id } = await request(byPolicy);
    expect((await dispatch.claim([agent], 1)).map(({ actionId }) => actionId)).toEqual([action_id]);
    const { gate, timeline } = await action(action_id);
    expect(gate).toMatchObject({ allowed: true, class: 'empty_idle' });
    expect(JSON.stringify(timeline)).toMatch(/the safe-stop gate let it pass \(empty_idle\)/);
  });

  it('refuses it in the moment of its release, however well things stood when it was asked for; force or not', async () => {
    await idle();
    for (const force of [false, true]) {
      const { action_id } = await request({ ...byPolicy, force });
      await sql(`UPDATE flotilla.instances SET placement = '{"auto_scaling_group": "web"}' WHERE id = $1`, [id]);
      expect(await dispatch.claim([agent], 1)).toEqual([]);
      expect(await action(action_id)).toMatchObject({
        status: 'refused',
        message: expect.stringMatching(/scaling group web.*Nothing was done/),
        gate: { allowed: false },
        attempts: 0,
      });
    }
  });

  it('judges an approved stop anew, not by what its approver saw', async () => {
    await sql('UPDATE flotilla.tenants SET require_approval = true WHERE tenant_id = $1', [tenant.tenantId]);
    await idle(95);
    const { action_id } = await request();
    await service.approve(person('2'), action_id, null);
    expect(await dispatch.claim([agent], 1)).toEqual([]);
    expect(await action(action_id)).toMatchObject({ status: 'refused', message: expect.stringMatching(/works/) });
    // a person's force is a word about idleness, and somebody agreed to it
    const forced = await request({ force: true });
    await service.approve(person('2'), forced.action_id, null);
    expect(await dispatch.claim([agent], 1)).toHaveLength(1);
  });

  it('does not ask where the policy says that working machines are meant', async () => {
    await idle(95);
    await request({ ...byPolicy, evenBusy: true });
    expect((await dispatch.claim([agent], 1))[0]?.precondition.idleSinceMs).toBe(0);
  });

  it('warns a person, and asks for a name and a reason where something would be lost', async () => {
    await idle();
    expect((await request()).warnings?.map(({ check }) => check)).toEqual(['spot', 'commitment']);
    await sql(`UPDATE flotilla.actions SET status = 'cancelled', open = false WHERE tenant_id = $1`, [tenant.tenantId]);
    await sql(`UPDATE flotilla.instances SET instance_type = 'g5.xlarge' WHERE id = $1`, [id]);
    await expect(request()).rejects.toThrow(/gone for good.*"accept": \["local_disks"\]/);
    await expect(request({ accept: ['local_disks'], reason: null })).rejects.toThrow(/Say why/);
    await expect(request({ force: true, reason: null })).rejects.toThrow(/Say why/);
    const { action_id } = await request({ accept: ['local_disks'] });
    expect(await action(action_id)).toMatchObject({ status: 'queued', accepted: ['local_disks'] });
  });

  it('keeps what was accepted when the stop is released', async () => {
    await idle();
    await sql('UPDATE flotilla.tenants SET require_approval = true WHERE tenant_id = $1', [tenant.tenantId]);
    await sql(`UPDATE flotilla.instances SET instance_type = 'g5.xlarge' WHERE id = $1`, [id]);
    const { action_id } = await request({ accept: ['local_disks'] });
    await service.approve(person('2'), action_id, null);
    expect(await dispatch.claim([agent], 1)).toHaveLength(1);
  });

  describe('approvals', () => {
    beforeEach(async () => {
      await sql(
        'UPDATE flotilla.tenants SET require_approval = true, require_second_person = true WHERE tenant_id = $1',
        [tenant.tenantId],
      );
      await sql(
        `INSERT INTO flotilla.notification_channels (tenant_id, name, channel_type, enabled, alert_types, min_priority, config, created_by)
         VALUES ($1, 'ops', 'slack', true, '{}', 'low', '{}', 'ada')`,
        [tenant.tenantId],
      );
    });
    const key = async (keyId: string, createdBy: number | null): Promise<Actor> => {
      await sql(
        `INSERT INTO flotilla.api_keys (tenant_id, id, name, role, secret_hash, last4, created_by) VALUES ($1, $2, 'k', 'operator', '', 'abcd', $3)`,
        [tenant.tenantId, keyId, createdBy],
      );
      return { tenantId: tenant.tenantId, type: 'api_key', id: keyId, label: 'k' };
    };

    it('needs a reason, and tells the channels that somebody is waited for', async () => {
      await expect(request({ reason: null })).rejects.toThrow(/somebody has to approve this/);
      const { action_id } = await request();
      const told = await sql(
        'SELECT title, link, alert_type, kind FROM flotilla.notification_outbox WHERE tenant_id = $1',
        [tenant.tenantId],
      );
      expect(told).toEqual([
        {
          title: expect.stringMatching(/^Approval needed: stop i-/),
          link: `/actions/${action_id}`,
          alert_type: 'approval_needed',
          kind: 'message',
        },
      ]);
      const waiting = await queries.list(tenant.actor, { page: 1, limit: 10, status: ['pending_approval'] } as never);
      expect(waiting.items.map((one) => one.id)).toEqual([action_id]);
    });

    it('are not given by the requester through a key, nor by a key of nobody', async () => {
      const suffix = Date.now().toString(36).padStart(11, '0').slice(-11);
      const own = await key(`a${suffix}`, 1);
      const others = await key(`b${suffix}`, 2);
      const nobodys = await key(`c${suffix}`, null);
      const { action_id } = await request();
      await expect(service.approve(own, action_id, null)).rejects.toThrow(/same person behind different keys/);
      await expect(service.approve(nobodys, action_id, null)).rejects.toThrow(/whose this key is/);
      await service.approve(others, action_id, null);
      await sql(`UPDATE flotilla.actions SET status = 'cancelled', open = false WHERE tenant_id = $1`, [
        tenant.tenantId,
      ]);
      const second = await request({}, own);
      await expect(service.approve(person('1'), second.action_id, null)).rejects.toThrow(/same person/);
    });

    it('have one winner among 100 approvers, and leave one row of approval in the audit', async () => {
      const { action_id } = await request();
      const all = await Promise.allSettled(
        Array.from({ length: 100 }, (_, i) => service.approve(person(String(2 + i)), action_id, null)),
      );
      expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const audit = await sql(
        `SELECT id FROM flotilla.audit_log WHERE tenant_id = $1 AND event_type = 'action.approved'`,
        [tenant.tenantId],
      );
      expect(audit).toHaveLength(1);
    });

    it('come too late after a day', async () => {
      const { action_id } = await request();
      await sql(`UPDATE flotilla.actions SET deadline = now() - interval '1 second' WHERE id = $1`, [action_id]);
      await expect(service.approve(person('2'), action_id, null)).rejects.toThrow(/waited for approval too long/);
    });
  });
});
