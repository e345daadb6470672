import type { AgentRef, Control } from '@flotilla/domain';
import { COMMAND } from '../../../../test/support/actions.js';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import { ActionDispatch } from './actions.dispatch.js';
import { ActionsService } from './actions.service.js';
import { AgentActors } from './agent-actors.js';
import { Controllers } from './controllers.js';

const outside = (kind: string, rest: Partial<Control>): Control => ({
  kind,
  verbs: ['start', 'stop'],
  instanceIds: [],
  scope: {},
  level: 'power',
  ...rest,
});
const ANNOUNCED = [
  COMMAND,
  outside('redfish', { instanceIds: ['bmc-8'] }),
  outside('aws-ec2', { scope: { region: 'x' } }),
];

describe('what an agent may announce', () => {
  let database: TestDatabase;
  let controllers: Controllers;
  let service: ActionsService;
  let dispatch: ActionDispatch;
  let tenant: TestTenant;
  let host: AgentRef;
  let bold: AgentRef;
  beforeAll(async () => {
    database = await createTestDatabase();
    const actors = new AgentActors(database.db);
    controllers = new Controllers(database.db, actors);
    service = new ActionsService(database.db, controllers);
    dispatch = new ActionDispatch(database.db, actors);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    tenant = await createTenant(database.db);
    host = await tenant.agent();
    await controllers.announce(host, [COMMAND]);
    bold = await tenant.agent({ hostname: 'bold' });
    // twice: the same announcement comes with every connection
    for (let i = 0; i < 2; i++) await controllers.announce(bold, ANNOUNCED);
  });

  const stop = (id: number) =>
    database.db.write(tenant.actor, (tx) =>
      // who may act is asked here, not whether the machine is idle
      service.request(tx, tenant.actor, id, { verb: 'stop', reason: 'idle', force: true }),
    );
  const sql = <T>(text: string, values: unknown[]) =>
    database.db.system((tx) => tx.rows<T & Record<string, unknown>>(text, values));
  const grant = (controls: string[]) =>
    sql('UPDATE flotilla.agents SET controls = $2 WHERE id = $1', [bold.agentId, controls]);
  const inCloud = () => tenant.instance({ cloudProvider: 'aws', region: 'x' });

  it('keeps its own host and no other machine without a grant', async () => {
    const id = await tenant.instance({ agent: host, providerId: 'bmc-8' });
    const { action_id } = await stop(id);
    expect(await dispatch.claim([bold], 10)).toEqual([]);
    expect((await dispatch.claim([host], 10))[0]).toMatchObject({ actionId: action_id, controlKind: 'command' });
    await expect(stop(await inCloud())).rejects.toMatchObject({ code: 'CONFLICT' });
    await stop(await tenant.instance({ agent: bold }));
    expect(await dispatch.claim([bold], 10)).toHaveLength(1);
  });

  it('says what was refused, and records it once', async () => {
    const [row] = await sql('SELECT a.refused_controls, a.last_error FROM flotilla.agents a WHERE a.id = $1', [
      bold.agentId,
    ]);
    expect(row).toMatchObject({
      refused_controls: ['aws-ec2', 'redfish'],
      last_error: expect.stringContaining('not granted (aws-ec2, redfish)') as string,
    });
    const recorded = () =>
      sql(
        'SELECT e.event_type FROM flotilla.audit_log e WHERE e.subject_id = $1 AND e.event_type LIKE $2 ORDER BY e.id',
        [bold.agentId, 'agent.controls_%refused'],
      );
    expect(await recorded()).toHaveLength(1);
    await controllers.announce(bold, [COMMAND]);
    expect((await recorded()).map((event) => event['event_type'])).toEqual([
      'agent.controls_refused',
      'agent.controls_no_longer_refused',
    ]);
  });

  it('reaches other machines by a grant, and at once no longer when it is taken back', async () => {
    await grant(['aws']);
    await controllers.announce(bold, ANNOUNCED);
    const { action_id } = await stop(await inCloud());
    expect((await dispatch.claim([bold], 10))[0]).toMatchObject({ actionId: action_id, controlKind: 'aws-ec2' });
    await grant([]);
    await expect(stop(await inCloud())).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('covers by a scope no machine that its own agent runs on, and of an account only what is known to be of it', async () => {
    await grant(['aws']);
    await controllers.announce(bold, [outside('aws-ec2', { scope: { region: 'x', account: '123456789012' } })]);
    const id = await inCloud();
    await expect(stop(id)).rejects.toMatchObject({ code: 'CONFLICT' });
    const know = (instance: number, account: string) =>
      sql(
        `INSERT INTO flotilla.instance_facts (tenant_id, instance_id, fact, source, reporter, value)
         VALUES ($1, $2, 'account', 'cloud', $3, to_jsonb($4::text))
         ON CONFLICT (tenant_id, instance_id, fact, source, reporter) DO UPDATE SET value = excluded.value`,
        [tenant.tenantId, instance, host.agentId, account],
      );
    await know(id, '999999999999');
    await expect(stop(id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await know(id, '123456789012');
    const { action_id } = await stop(id);
    expect((await dispatch.claim([bold], 10))[0]).toMatchObject({ actionId: action_id, controlKind: 'aws-ec2' });
    const own = await tenant.instance({ cloudProvider: 'aws', region: 'x', agent: bold });
    await know(own, '123456789012');
    await expect(stop(own)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('gives no scope to a kind of the own host, which could reach others by it', async () => {
    await controllers.announce(bold, [outside('command', { scope: { region: 'x' } })]);
    await expect(stop(await tenant.instance({ cloudProvider: 'comm', region: 'x' }))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });
});
