import { jest } from '@jest/globals';
import { GpuHealthService } from '../../instances/index.js';
import { startTestGateway } from '../../../../../test/support/agent-gateway.js';
import type { TestGateway } from '../../../../../test/support/agent-gateway.js';
import { createTestDatabase } from '../../../../../test/support/database.js';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { createTenant } from '../../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../../test/support/fleet.js';
import { enrollTestAgent, TestStream } from '../../../../../test/support/test-agent.js';
import type { Credentials } from '../../../../../test/support/test-agent.js';

jest.setTimeout(20_000);

describe("a person's word that a GPU is repaired", () => {
  let database: TestDatabase;
  let gateway: TestGateway;
  let tenant: TestTenant;
  let own: Credentials;
  let service: GpuHealthService;
  let instance: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    gateway = await startTestGateway(database.db, { options: { pollMs: 60_000 } });
    service = new GpuHealthService(database.db);
  });
  afterAll(async () => {
    await gateway.stop();
    await database.close();
  });
  beforeEach(async () => {
    tenant = await createTenant(database.db);
    const { token } = await gateway.tokens.mint(tenant.actor, { name: 't', multiUse: false, expiresInS: 600 });
    own = await enrollTestAgent(gateway.address, gateway.authority.certificatePem, token);
    instance = `host-${own.agentId}`;
    const stream = await connect();
    await stream.inventory(instance, ['GPU-a']);
    await eventually(async () => expect(await waiting()).toEqual([]));
    stream.close();
  });

  const connect = async () => {
    const stream = new TestStream(gateway.address, own);
    await stream.hello({});
    return stream;
  };
  const clear = () => service.clear(tenant.actor as never, instance, 'provider', 'GPU-a', 'reseated');
  const waiting = async () => {
    // the inventory is stored a moment after it was sent
    const stored = await database.db.system((tx) =>
      tx.row('SELECT FROM flotilla.devices d WHERE d.uuid = $1 AND d.tenant_id = $2', ['GPU-a', tenant.tenantId]),
    );
    expect(stored).toBeDefined();
    return service.waitingFor([{ tenantId: tenant.tenantId, agentId: own.agentId }]);
  };

  it('reaches a connected agent at once, and is over when the agent confirms it', async () => {
    const stream = await connect();
    expect(await clear()).toMatchObject({ health: 'healthy', agent_connected: true });
    const { clearHealth } = await stream.next('clearHealth');
    expect(clearHealth).toMatchObject({ device: 'GPU-a', by: tenant.actor.label });
    expect(await waiting()).toHaveLength(1);
    stream.send({ healthCleared: { clearId: clearHealth!.clearId } });
    await eventually(async () => expect(await waiting()).toEqual([]));
    stream.close();
  });

  it('waits for an agent that is away, and comes with every stream until it is confirmed', async () => {
    await eventually(async () => expect((await clear()).agent_connected).toBe(false));
    for (let i = 0; i < 2; i++) {
      const stream = await connect();
      expect((await stream.next('clearHealth')).clearHealth).toMatchObject({ device: 'GPU-a' });
      stream.close();
    }
    expect((await waiting()).length).toBeGreaterThan(0);
  });

  it('is confirmed by its own agent only', async () => {
    await clear();
    const [first] = await waiting();
    await service.taken({ tenantId: tenant.tenantId, agentId: crypto.randomUUID() }, [first!.id]);
    await service.taken({ tenantId: (await createTenant(database.db)).tenantId, agentId: own.agentId }, [first!.id]);
    expect(await waiting()).toHaveLength(1);
  });
});

async function eventually(check: () => Promise<void>): Promise<void> {
  for (const end = performance.now() + 30_000; ;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
