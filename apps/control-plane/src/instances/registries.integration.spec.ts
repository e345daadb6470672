import type { AgentRef } from '@flotilla/domain';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import { AgentActors, Controllers } from '../actions/index.js';
import { DeviceRegistry } from './devices.registry.js';
import { GpuHealthService } from './gpu-health.service.js';
import { InstanceRegistry } from './instances.registry.js';
import { RefusedByRegistry } from './inventory.js';
import type { AgentInventory, InventoryDevice } from './inventory.js';

const gpu = (uuid: string, gpuIndex: number, more: Partial<InventoryDevice> = {}): InventoryDevice => ({
  kind: 'gpu',
  uuid,
  gpuIndex,
  parentUuid: null,
  model: 'NVIDIA H100 80GB HBM3',
  memoryTotalMib: 81559,
  driverVersion: '550.54.15',
  pciBusId: null,
  serial: null,
  migEnabled: false,
  absences: { 11: 'unsupported' },
  presence: 'present',
  health: 'healthy',
  healthReason: null,
  details: {},
  ...more,
});
const inventory = (
  instance: object,
  devices: InventoryDevice[] = [gpu('GPU-a', 0), gpu('GPU-b', 1)],
): AgentInventory => ({
  hash: 'h',
  instance: { instance_id: 'host-1', cloud_provider: 'on_prem', state: 'running', ...instance },
  devices,
});

describe('the registries of instances and devices', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let agent: AgentRef;
  let instances: InstanceRegistry;
  let devices: DeviceRegistry;
  let controllers: Controllers;

  beforeAll(async () => (database = await createTestDatabase()));
  afterAll(() => database.close());
  beforeEach(async () => {
    const actors = new AgentActors(database.db);
    controllers = new Controllers(database.db, actors);
    instances = new InstanceRegistry(database.db, controllers);
    devices = new DeviceRegistry(database.db, actors, controllers, instances);
    tenant = await createTenant(database.db);
    agent = await tenant.agent();
  });

  const sql = <T>(text: string, values: unknown[]) =>
    database.db.system((tx) => tx.rows<T & Record<string, unknown>>(text, values));
  const device = async (id: number) =>
    (
      await sql<{ presence: string; health: string; absences: object }>(
        'SELECT d.presence, d.health, d.absences FROM flotilla.devices d WHERE d.tenant_id = $1 AND d.id = $2',
        [tenant.tenantId, id],
      )
    )[0]!;

  it('makes the agent its own instance and devices, with names for the absent metrics', async () => {
    expect(await instances.own(agent)).toBeNull();
    const { instanceId } = await devices.applyInventory(
      agent,
      inventory({ gpu_type: 'H100', gpu_count: 2, hourly_cost: 3.06, tags: { team: 'ml' } }),
    );
    expect(await instances.own(agent)).toBe(instanceId);
    expect(await instances.resolve(agent, '')).toBe(instanceId);
    expect(await instances.resolve(agent, 'host-1')).toBe(instanceId);
    const [row] = await sql(
      'SELECT gpu_type, gpu_count, hourly_cost, tags, state FROM flotilla.instances WHERE id = $1',
      [instanceId],
    );
    expect(row).toEqual({
      gpu_type: 'H100',
      gpu_count: 2,
      hourly_cost: '3.0600000000',
      tags: { team: 'ml' },
      state: 'running',
    });
    const id = await devices.resolve(tenant.tenantId, instanceId, 'GPU-a');
    expect(await device(id)).toMatchObject({ presence: 'present', absences: { fan_speed: 'unsupported' } });
    expect(await devices.resolve(tenant.tenantId, instanceId, 'host')).not.toBe(id);
  });

  it('shows a device that the driver does not list any more as missing', async () => {
    const { instanceId } = await devices.applyInventory(agent, inventory({}));
    await devices.applyInventory(agent, inventory({}, [gpu('GPU-a', 0)]));
    expect((await device(await devices.resolve(tenant.tenantId, instanceId, 'GPU-b'))).presence).toBe('missing');
    await devices.applyInventory(agent, inventory({}));
    expect((await device(await devices.resolve(tenant.tenantId, instanceId, 'GPU-b'))).presence).toBe('present');
  });

  it('gives a device one id however many ask for it first', async () => {
    const { instanceId } = await devices.applyInventory(agent, inventory({}, []));
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => devices.resolve(tenant.tenantId, instanceId, 'GPU-new', { gpuIndex: 3 })),
    );
    expect(new Set(ids).size).toBe(1);
  });

  it('refuses a host that claims the instance of another agent, until that one is revoked', async () => {
    await devices.applyInventory(agent, inventory({}));
    const other = await tenant.agent({ hostname: 'impostor' });
    await expect(devices.applyInventory(other, inventory({}))).rejects.toThrow(RefusedByRegistry);
    await expect(instances.resolve(other, 'host-1')).rejects.toThrow(/another agent's/);
    await sql(`UPDATE flotilla.agents SET status = 'revoked' WHERE id = $1`, [agent.agentId]);
    const { instanceId } = await devices.applyInventory(other, inventory({}));
    expect(await instances.own(other)).toBe(instanceId);
  });

  it('lets a controller write to what it controls', async () => {
    const { instanceId } = await devices.applyInventory(agent, inventory({}));
    const bmc = await tenant.agent({ hostname: 'bmc-controller', controls: ['redfish'] });
    await controllers.announce(bmc, [
      { kind: 'redfish', verbs: ['start', 'stop'], instanceIds: ['host-1'], scope: {}, level: 'power' },
    ]);
    expect(await instances.resolve(bmc, 'host-1')).toBe(instanceId);
  });

  it('keeps a repaired device repaired until it reports something else', async () => {
    const sick = gpu('GPU-a', 0, { health: 'unhealthy', healthReason: 'Xid 79' });
    const { instanceId } = await devices.applyInventory(agent, inventory({}, [sick]));
    const id = await devices.resolve(tenant.tenantId, instanceId, 'GPU-a');
    expect((await device(id)).health).toBe('unhealthy');
    await sql(
      `UPDATE flotilla.devices SET health = 'healthy', health_cleared_reason = health_reason, health_reason = NULL WHERE id = $1`,
      [id],
    );
    await devices.applyInventory(agent, inventory({}, [sick]));
    expect((await device(id)).health).toBe('healthy');
    await devices.applyInventory(agent, inventory({}, [{ ...sick, healthReason: 'Xid 48' }]));
    expect((await device(id)).health).toBe('unhealthy');
  });

  it('counts the same reason again when its cause is newer than the clearing', async () => {
    const sick = gpu('GPU-a', 0, {
      health: 'unhealthy',
      healthReason: 'Xid 79',
      healthSince: new Date(Date.now() - 60_000),
    });
    const { instanceId } = await devices.applyInventory(agent, inventory({}, [sick]));
    const id = await devices.resolve(tenant.tenantId, instanceId, 'GPU-a');
    await new GpuHealthService(database.db).clear(tenant.actor as never, 'host-1', 'provider', 'GPU-a', null);
    // what was on its way already
    await devices.applyInventory(agent, inventory({}, [sick]));
    expect((await device(id)).health).toBe('healthy');
    await devices.applyInventory(agent, inventory({}, [{ ...sick, healthSince: new Date(Date.now() + 5_000) }]));
    expect((await device(id)).health).toBe('unhealthy');
  });

  it('refuses an inventory that is not one', async () => {
    await expect(
      devices.applyInventory(agent, { hash: 'h', instance: { state: 'running' }, devices: [] }),
    ).rejects.toThrow(/instance_id/);
    const many = Array.from({ length: 513 }, (_, i) => gpu(`GPU-${i}`, i));
    await expect(devices.applyInventory(agent, inventory({}, many))).rejects.toThrow(/513 devices/);
  });

  it('does not let the same boot contradict a verified stop, and believes a later boot', async () => {
    await sql(`UPDATE flotilla.agents SET boot_id = 'boot-1' WHERE id = $1`, [agent.agentId]);
    const { instanceId } = await devices.applyInventory(agent, inventory({}));
    await sql(
      `UPDATE flotilla.instances SET state = 'stopped', state_source = 'action', state_boot_id = 'boot-1',
         state_changed_at = now() - interval '1 hour' WHERE id = $1`,
      [instanceId],
    );
    const state = async () =>
      (await sql<{ state: string }>('SELECT state FROM flotilla.instances WHERE id = $1', [instanceId]))[0]!.state;
    await devices.applyInventory(agent, inventory({}));
    expect(await state()).toBe('stopped');
    await sql(`UPDATE flotilla.agents SET boot_id = 'boot-2' WHERE id = $1`, [agent.agentId]);
    await devices.applyInventory(agent, inventory({}));
    expect(await state()).toBe('running');
  });
});
