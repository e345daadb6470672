import type { AgentRef } from '@flotilla/domain';
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

const PROVIDER_ID = 'i-0abc';

describe('a stop by an agent that sees nothing of the machine', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let controller: AgentRef;
  let own: AgentRef;
  let instanceId: number;
  let service: ActionsService;
  let dispatch: ActionDispatch;
  let queries: ActionsQueries;
  let gpus = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    const actors = new AgentActors(database.db);
    service = new ActionsService(database.db, new Controllers(database.db, actors));
    dispatch = new ActionDispatch(database.db, actors);
    queries = new ActionsQueries(database.db);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    gpus = 0;
    tenant = await createTenant(database.db);
    own = await tenant.agent({ hostname: 'trainer' });
    controller = await tenant.agent({ hostname: 'keys', controls: ['aws'] });
    instanceId = await tenant.instance({ agent: own, providerId: PROVIDER_ID, cloudProvider: 'aws' });
    const ec2 = { kind: 'aws-ec2', verbs: ['start', 'stop'], instanceIds: [PROVIDER_ID], scope: {}, level: 'power' };
    await new Controllers(database.db, new AgentActors(database.db)).announce(controller, [ec2 as never]);
  });

  const stop = (more: Partial<ActionRequest> = {}) =>
    database.db.write(tenant.actor, (tx) =>
      service.request(tx, tenant.actor, instanceId, { verb: 'stop', reason: 'idle', force: false, ...more }),
    );
  const sql = (text: string, values: unknown[] = []) => database.db.system((tx) => tx.rows(text, values));
  const action = (id: string) => queries.get(tenant.actor, id);
  const claim = () => dispatch.claim([controller], 10);
  /** A GPU with one reading for each of the last minutes. */
  const gpu = async (...percents: (number | null)[]) => {
    const deviceId = await createDevice(database.db, tenant.tenantId, instanceId, { gpuIndex: gpus++ });
    const minutes = percents.flatMap((percent, i) => {
      if (percent === null) return [];
      const at = minuteAgo(percents.length - i);
      return [{ deviceId, minute: aMinute(at, { gpu_utilization: [percent] }, { seconds: [0] }) }];
    });
    await new MetricsIngest(database.db, new LiveStore(database.db)).storeSamples(
      tenant.tenantId,
      own.agentId,
      minutes,
    );
  };
  const processes = (list: object[], secondsAgo = 0) =>
    sql(
      `INSERT INTO flotilla.gpu_processes (tenant_id, instance_id, at, processes)
       VALUES ($1, $2, now() - $4 * interval '1 second', $3)
       ON CONFLICT (tenant_id, instance_id) DO UPDATE SET at = excluded.at, processes = excluded.processes`,
      [tenant.tenantId, instanceId, JSON.stringify(list), secondsAgo],
    );
  const python = { device: 'GPU-1', pid: 7, name: 'python', type: 'C' };

  it('is handed out when the machine is idle, without questions that its agent cannot answer', async () => {
    await gpu(0, 1, 0, 2);
    await processes([python]);
    const { action_id } = await stop();
    const [offer] = await claim();
    expect(offer?.precondition).toEqual({
      force: false,
      idleSinceMs: 0,
      idleBelowPercent: 0,
      generation: 0,
      knownProcesses: null,
    });
    const { timeline, precondition } = await action(action_id);
    expect(precondition).toMatchObject({ idle_below_percent: 5, known_processes: 1 });
    expect(JSON.stringify(timeline)).toMatch(
      /judged by the control plane: idle since 20.*no process that was not known/,
    );
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['the machine is busy', () => gpu(0, 0, 90), /it is not known to be idle: .* was at 90 %/],
    ['one GPU of two is', () => gpu(0, 0, 0).then(() => gpu(0, 0, 30)), /was at 30 %/],
    ['it has been silent', () => gpu(0, 0, 0, 0, null, null, null), /was last heard of/],
    ['nothing was ever measured', () => Promise.resolve(), /nothing was ever measured .* force/],
    ['there is a GPU without readings', () => gpu(), /reports no utilisation/],
  ])('is refused when %s, and its agent never hears of it', async (_, given, because) => {
    await given();
    const { action_id } = await stop();
    expect(await claim()).toEqual([]);
    expect(await action(action_id)).toMatchObject({
      status: 'refused',
      message: expect.stringMatching(because),
      attempts: 0,
    });
    expect((await stop()).status).toBe('queued');
  });

  it('is refused when a process computes that the request did not know of, or nobody can tell', async () => {
    await gpu(0, 0, 0);
    await processes([python]);
    const first = await stop();
    await processes([python, { ...python, pid: 9, name: 'train.py' }]);
    expect(await claim()).toEqual([]);
    expect((await action(first.action_id)).message).toMatch(/did not know of: 9 \(train\.py\) on GPU-1/);
    const second = await stop();
    await processes([python], 200);
    expect(await claim()).toEqual([]);
    expect((await action(second.action_id)).message).toMatch(/cannot be ruled out/);
  });

  it('is handed out with force, and a start, whatever the machine does', async () => {
    await gpu(0, 0, 90);
    const { action_id } = await stop({ force: true });
    expect((await claim())[0]).toMatchObject({ actionId: action_id, precondition: { force: true, idleSinceMs: 0 } });
  });

  it('is judged again before it is offered again', async () => {
    await gpu(0, 0, 0);
    const { action_id } = await stop();
    expect(await claim()).toHaveLength(1);
    await sql(`UPDATE flotilla.actions SET lease_until = now() - interval '1 second' WHERE id = $1`, [action_id]);
    await sql(`UPDATE flotilla.instances SET gpu_count = 8 WHERE id = $1`, [instanceId]);
    expect(await claim()).toEqual([]);
    expect(await action(action_id)).toMatchObject({ status: 'refused', attempts: 1 });
    expect(await dispatch.takeCancellations([controller])).toEqual([{ agent: controller, actionId: action_id }]);
  });

  it('is judged for a dry run as well', async () => {
    await gpu(0, 0, 90);
    const { action_id } = await stop({ dryRun: true });
    expect(await claim()).toEqual([]);
    expect(await action(action_id)).toMatchObject({ status: 'refused', message: expect.stringContaining('90 %') });
  });

  it('is handed out once by two replicas that look at the same moment', async () => {
    await gpu(0, 0, 0);
    await stop();
    expect((await Promise.all([claim(), claim(), claim()])).flat()).toHaveLength(1);
  });
});
