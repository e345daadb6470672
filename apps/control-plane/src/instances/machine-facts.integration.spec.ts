/** What a machine says about itself, what its cloud says, and what the price table makes of it. */
import type { AgentRef } from '@flotilla/domain';
import { PRICE_TABLE_VERSION } from '@flotilla/domain';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import { AgentActors, Controllers } from '../actions/index.js';
import { Jobs, Log } from '../platform/index.js';
import { DeviceRegistry } from './devices.registry.js';
import { InstancesJob } from './instances.job.js';
import { InstanceRegistry } from './instances.registry.js';

describe('the facts of a machine', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let agent: AgentRef;
  let devices: DeviceRegistry;

  beforeAll(async () => (database = await createTestDatabase()));
  afterAll(() => database.close());
  beforeEach(async () => {
    const actors = new AgentActors(database.db);
    const controllers = new Controllers(database.db, actors);
    devices = new DeviceRegistry(database.db, actors, controllers, new InstanceRegistry(database.db, controllers));
    tenant = await createTenant(database.db);
    agent = await tenant.agent();
  });

  const sql = <T>(text: string, values: unknown[]) =>
    database.db.system((tx) => tx.rows<T & Record<string, unknown>>(text, values));
  const report = async (instance: object, by = agent): Promise<number> => {
    const element = { instance_id: 'i-0aa1', cloud_provider: 'aws', state: 'running', ...instance };
    return (await devices.applyInventory(by, { hash: 'h', instance: element, devices: [] })).instanceId;
  };
  const row = async (id: number) =>
    (
      await sql(
        `SELECT i.provider_id, i.cloud_provider, i.name, i.region, i.instance_type, i.state, i.placement, i.tags,
                i.hourly_cost::text AS cost, i.hourly_cost_source AS source
           FROM flotilla.instances i WHERE i.tenant_id = $1 AND i.id = $2`,
        [tenant.tenantId, id],
      )
    )[0]!;
  const audit = async (kind: string) =>
    (
      await sql('SELECT 1 FROM flotilla.audit_log a WHERE a.tenant_id = $1 AND a.event_type = $2', [
        tenant.tenantId,
        kind,
      ])
    ).length;
  const cloud = {
    region: 'us-east-1',
    instance_type: 'p5.48xlarge',
    zone: 'us-east-1a',
    account: '123456789012',
    lifecycle: 'on_demand',
    tags: { Name: 'trainer', team: 'ml' },
    name: 'trainer',
  };

  it('keeps the word of the cloud apart from the word of the agent; the cloud knows better', async () => {
    const id = await report({ name: 'ip-10-0-0-1', region: 'guessed', slurm_node: 'gpu07', cloud });
    expect(await row(id)).toMatchObject({
      name: 'trainer',
      region: 'us-east-1',
      instance_type: 'p5.48xlarge',
      placement: { zone: 'us-east-1a', account: '123456789012', lifecycle: 'on_demand', slurm_node: 'gpu07' },
      tags: { Name: 'trainer', team: 'ml' },
    });
    const said = await sql<{ source: string; value: string }>(
      `SELECT f.source, f.value FROM flotilla.instance_facts f
        WHERE f.tenant_id = $1 AND f.instance_id = $2 AND f.fact = 'region' ORDER BY f.source`,
      [tenant.tenantId, id],
    );
    expect(said).toEqual([
      { source: 'agent', value: 'guessed' },
      { source: 'cloud', value: 'us-east-1' },
    ]);
  });

  it('takes back what the cloud does not say any more, so that what the operator fixed counts', async () => {
    await report({ cloud });
    const { region: _, ...rest } = cloud;
    const id = await report({ region: 'rack-7', cloud: rest });
    expect((await row(id))['region']).toBe('rack-7');
  });

  it('prices it by the table, to the last digit, and says of which list and version', async () => {
    const id = await report({ cloud: { ...cloud, instance_type: 'p4d.24xlarge' } });
    expect(await row(id)).toMatchObject({ cost: '21.9576420000', source: 'price_table' });
    const [fact] = await sql<{ value: object }>(
      `SELECT f.value FROM flotilla.instance_facts f WHERE f.tenant_id = $1 AND f.instance_id = $2 AND f.source = 'price_table'`,
      [tenant.tenantId, id],
    );
    expect(fact!.value).toEqual({
      amount: '21.957642',
      currency: 'USD',
      list: expect.stringContaining('AWS on-demand'),
      as_of: '2026-07-20',
      table: PRICE_TABLE_VERSION,
    });
  });

  it('believes every other source of a price before the table, and goes without one for a spot machine', async () => {
    const id = await report({ cloud });
    expect(await row(id)).toMatchObject({ cost: '55.0400000000', source: 'price_table' });
    await report({ cloud: { ...cloud, lifecycle: 'spot' } });
    expect(await row(id)).toMatchObject({ cost: null, source: null });
    await report({ cloud, hourly_cost: '16.85' });
    expect(await row(id)).toMatchObject({ cost: '16.8500000000', source: 'agent' });
  });

  it('looks the price up again when the program comes with a newer table', async () => {
    const id = await report({ cloud });
    await sql(
      `UPDATE flotilla.instance_facts SET value = '{"amount": "1", "currency": "USD", "table": "2020-01-01"}'
        WHERE tenant_id = $1 AND instance_id = $2 AND source = 'price_table'`,
      [tenant.tenantId, id],
    );
    await sql('UPDATE flotilla.instances SET hourly_cost = 1 WHERE tenant_id = $1 AND id = $2', [tenant.tenantId, id]);
    const log = Log.to({ write: () => undefined });
    const claims = { once: (_: string, __: number, work: () => Promise<void>) => work() };
    const jobs = new Jobs(claims as never, log);
    new InstancesJob(database.db, jobs, log).onModuleInit();
    await jobs.runNow('instances.list-prices');
    expect(await row(id)).toMatchObject({ cost: '55.0400000000', source: 'price_table' });
  });

  it('goes on as the same instance when its provider turns out to know it by another id', async () => {
    const provisional = { instance_id: 'host-0123456789abcdef', cloud_provider: 'on_prem' };
    const first = await report(provisional);
    const own = { instance_id: 'host-0123456789abcdef', provisional_id: 'host-0123456789abcdef' };
    expect(await report(own)).toBe(first); // the firmware says whose machine it is, nobody says its id yet
    expect(await row(first)).toMatchObject({ provider_id: 'host-0123456789abcdef', cloud_provider: 'aws' });
    const second = await report({ provisional_id: 'host-0123456789abcdef', cloud });
    expect(second).toBe(first);
    expect(await row(first)).toMatchObject({ provider_id: 'i-0aa1', cloud_provider: 'aws', state: 'running' });
    expect(await audit('instance.identified')).toBe(2);
    expect(await report({ provisional_id: 'host-0123456789abcdef', cloud })).toBe(first);
    expect(await audit('instance.identified')).toBe(2);
  });

  it('ends the first minutes of a machine that a bill had named already', async () => {
    await sql(
      `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, state) VALUES ($1, 'aws', 'i-0aa1', 'running')`,
      [tenant.tenantId],
    );
    const first = await report({ instance_id: 'host-0123456789abcdef', cloud_provider: 'on_prem' });
    const known = await report({ provisional_id: 'host-0123456789abcdef', cloud });
    expect(known).not.toBe(first);
    expect((await row(first))['state']).toBe('terminated');
    expect(await audit('instance.superseded')).toBe(1);
  });

  it('lets nobody take the history of another machine by naming its first id', async () => {
    const first = await report({ instance_id: 'host-0123456789abcdef', cloud_provider: 'on_prem' });
    const other = await tenant.agent({ hostname: 'impostor' });
    const id = await report({ provisional_id: 'host-0123456789abcdef' }, other);
    expect(id).not.toBe(first);
    expect(await row(first)).toMatchObject({ provider_id: 'host-0123456789abcdef', state: 'running' });
  });
});
