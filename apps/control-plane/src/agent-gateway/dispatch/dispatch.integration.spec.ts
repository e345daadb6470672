import { jest } from '@jest/globals';
import { Db } from '@flotilla/persistence';
import { ActionsService, AgentActors, Controllers } from '../../actions/index.js';
import { startTestGateway } from '../../../../../test/support/agent-gateway.js';
import type { TestGateway } from '../../../../../test/support/agent-gateway.js';
import { createTestDatabase } from '../../../../../test/support/database.js';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { createTenant } from '../../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../../test/support/fleet.js';
import { enrollTestAgent, TestStream } from '../../../../../test/support/test-agent.js';
import type { Credentials } from '../../../../../test/support/test-agent.js';

jest.setTimeout(20_000);

const CONTROLS = [{ kind: 'command', verbs: ['start', 'stop'], instanceIds: ['self'], level: 'power' }];

describe('dispatch to streams', () => {
  let database: TestDatabase;
  let second: Db;
  let one: TestGateway;
  let two: TestGateway;
  let tenant: TestTenant;
  let own: Credentials;
  let instanceId: number;
  let service: ActionsService;
  let stream: TestStream;

  beforeAll(async () => {
    database = await createTestDatabase();
    second = await Db.open({ connectionString: database.url });
    one = await startTestGateway(database.db, { options: { pollMs: 60_000 } });
    two = await startTestGateway(second, { options: { pollMs: 60_000 } });
    service = new ActionsService(database.db, new Controllers(database.db, new AgentActors(database.db)));
  });
  afterAll(async () => {
    await one.stop();
    await two.stop();
    await second.close();
    await database.close();
  });
  beforeEach(async () => {
    tenant = await createTenant(database.db);
    const { token } = await one.tokens.mint(tenant.actor, { name: 't', multiUse: false, expiresInS: 600 });
    own = await enrollTestAgent(one.address, one.authority.certificatePem, token);
    stream = await connect(two);
  });
  afterEach(() => stream.close());

  const connect = async (to: TestGateway, hello: Parameters<TestStream['hello']>[0] = {}) => {
    const made = new TestStream(to.address, own);
    await made.hello({ controls: CONTROLS, ...hello });
    await made.inventory(`host-${own.agentId}`);
    await eventually(async () => {
      const row = await database.db.system((tx) =>
        tx.row<{ id: number }>('SELECT i.id FROM flotilla.instances i WHERE i.agent_id = $1', [own.agentId]),
      );
      expect(row).toBeDefined();
      instanceId = row!.id;
    });
    await eventually(async () => {
      const rows = await database.db.system((tx) =>
        tx.rows('SELECT 1 FROM flotilla.controllers c WHERE c.agent_id = $1', [own.agentId]),
      );
      expect(rows).toHaveLength(1);
    });
    return made;
  };
  const request = () =>
    database.db.write(tenant.actor, (tx) =>
      service.request(tx, tenant.actor, instanceId, { verb: 'stop', reason: 'idle', force: true }),
    );
  const statusOf = async (id: string) =>
    (await database.db.system((tx) =>
      tx.row<{ status: string }>('SELECT a.status FROM flotilla.actions a WHERE a.id = $1', [id]),
    ))!.status;
  const result = (actionId: string, fence: number) => ({
    actionId,
    fence,
    outcome: 'succeeded',
    message: 'stopped',
    exitCode: 0,
    output: 'ok\u0000',
    observedState: 'stopped',
  });

  it('offers, on the replica that holds the stream, what another replica queued; and takes it to its end', async () => {
    const asked = performance.now();
    const { action_id } = await request();
    const { offer } = await stream.next('offer');
    const tookMs = performance.now() - asked;
    expect(offer).toMatchObject({
      actionId: action_id,
      verb: 'stop',
      controlKind: 'command',
      instanceId: `host-${own.agentId}`,
    });
    expect(tookMs).toBeLessThan(20_000); // the poll comes every minute: it was the notification
    stream.send({ actionAccepted: { actionId: action_id, fence: offer!.fence } });
    await eventually(async () => expect(await statusOf(action_id)).toBe('running'));
    stream.send({ heartbeat: { nowMs: Date.now(), runningActionIds: [action_id] } });
    stream.send({ actionResult: result(action_id, offer!.fence) });
    expect((await stream.next('resultAck')).resultAck!.actionId).toBe(action_id);
    expect(await statusOf(action_id)).toBe('succeeded');
    stream.send({ actionResult: result(action_id, offer!.fence) });
    expect((await stream.next('resultAck')).resultAck!.actionId).toBe(action_id);
  });

  it('answers a result even of an action that nobody knows, so that it is not repeated for ever', async () => {
    stream.send({ actionResult: result('act_nobody', 3) });
    expect((await stream.next('resultAck')).resultAck!.actionId).toBe('act_nobody');
  });

  it('takes an acceptance back that comes under an old fence', async () => {
    const { action_id } = await request();
    const { offer } = await stream.next('offer');
    stream.send({ actionAccepted: { actionId: action_id, fence: offer!.fence + 7 } });
    expect((await stream.next('cancelOffer')).cancelOffer!.actionId).toBe(action_id);
  });

  it('offers what was queued while the agent was away, once it is back', async () => {
    stream.close();
    const { action_id } = await request();
    stream = await connect(one);
    expect((await stream.next('offer')).offer!.actionId).toBe(action_id);
  });

  it('asks about what was given to an agent that comes back without a word of it', async () => {
    const { action_id } = await request();
    const { offer } = await stream.next('offer');
    stream.send({ actionAccepted: { actionId: action_id, fence: offer!.fence } });
    await eventually(async () => expect(await statusOf(action_id)).toBe('running'));
    stream.close();
    stream = await connect(one);
    expect((await stream.next('query')).query!.actionId).toBe(action_id);
    const done = { ...result(action_id, offer!.fence), outcome: 'failed', observedState: 'running' };
    stream.send({ queryAnswer: { actionId: action_id, state: 'done', result: done } });
    await stream.next('resultAck');
    expect(await statusOf(action_id)).toBe('failed');
  });

  it("ignores another agent's action", async () => {
    const { action_id } = await request();
    const { offer } = await stream.next('offer');
    const { token } = await one.tokens.mint(tenant.actor, { name: 't', multiUse: false, expiresInS: 600 });
    const stranger = new TestStream(one.address, await enrollTestAgent(one.address, own.caPem, token));
    await stranger.hello({ controls: CONTROLS });
    stranger.send({ actionAccepted: { actionId: action_id, fence: offer!.fence } });
    await stranger.next('cancelOffer');
    stranger.send({ actionResult: result(action_id, offer!.fence) });
    await stranger.next('resultAck');
    expect(await statusOf(action_id)).toBe('dispatched');
    stranger.close();
  });
});

async function eventually(check: () => Promise<void>, withinMs = 30_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
