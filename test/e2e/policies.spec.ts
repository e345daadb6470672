import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Db } from '@flotilla/persistence';
import { LiveStore, MetricsIngest } from '../../apps/control-plane/src/metrics/index.js';
import { FIXTURE } from '../support/nvidia-smi-replay/index.js';
import { startTestServer } from '../support/postgres-server.mjs';
import type { TestServer } from '../support/postgres-server.mjs';
import { aMinute, minuteAgo } from '../support/telemetry.js';
import type { Api, Json } from './support/api.js';
import { Host } from './support/host.js';
import { System } from './support/system.js';
import { until } from './support/until.js';

const IDLE = { gpu_utilization: 0, memory_used_mib: 3, power_draw: 60, pcie_rx: 10, pcie_tx: 10 };
const WITHIN = { withinMs: 300_000 };

/**
 * Policies on whole processes: agents with a replayed nvidia-smi, whose past is stored for them, and a control plane that is
 * killed before the policies come to act.
 */
describe('enforcement policies', () => {
  let folder: string;
  let server: TestServer;
  let db: Db;
  let system: System;
  let api: Api;
  const hosts: Host[] = [];

  beforeAll(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'flotilla-policies-'));
    const key = join(folder, 'master.key');
    writeFileSync(key, randomBytes(32).toString('base64'), { mode: 0o600 });
    const outside = { FLOTILLA_DATABASE_URL: server.access.owner, FLOTILLA_MASTER_KEY_FILE: key };
    system = await System.start(outside, ['--no-agent']);
    db = await Db.open({ connectionString: server.access.owner });
    api = await system.login();
    for (const [i, name] of ['stopped-host', 'asking-host', 'young-host'].entries()) {
      const gpus = [{ capture: FIXTURE, state: 'idle' as const, uuid: `GPU-0000000${i}-0000-0000-0000-000000000000` }];
      hosts.push(new Host(system, name, { scenario: { gpus } }));
    }
    await Promise.all(hosts.map((host) => host.start(api)));
  }, 240_000);
  afterAll(async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    await db?.close();
    await system?.stop();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  /** As if it had run and idled for an hour: what the gate wants to have seen before anything is stopped. */
  const hasIdled = async (instance: Json) => {
    const device = await db.system((tx) =>
      tx.row<{ tenant_id: string; id: number; agent_id: string }>(
        `SELECT d.tenant_id, d.id, i.agent_id FROM flotilla.devices d JOIN flotilla.instances i ON i.tenant_id = d.tenant_id AND i.id = d.instance_id
          WHERE d.instance_id = $1 AND d.kind = 'gpu'`,
        [instance.id],
      ),
    );
    await db.system((tx) =>
      tx.rows(`UPDATE flotilla.instances SET state_changed_at = now() - interval '9 hours' WHERE id = $1`, [
        instance.id,
      ]),
    );
    const rows = Array.from({ length: 60 }, (_, i) => ({
      deviceId: device!.id,
      minute: aMinute(minuteAgo(60 - i), IDLE),
    }));
    await new MetricsIngest(db, new LiveStore(db)).storeSamples(device!.tenant_id, device!.agent_id, rows);
  };
  const make = async (name: string, instance: Json, more: object) =>
    (
      await api.post('/enforcement-policies', {
        policy_name: name,
        conditions: { metric: 'gpu_utilization', operator: 'lt', threshold: 50, duration: 2 },
        actions: [{ type: 'stop_instances' }],
        scope: 'specific_instance',
        scope_filter: { instance_ids: [instance.id] },
        execution_mode: 'automatic',
        cap_per_run_percent: 100,
        cap_per_day_percent: 100,
        cooldown_minutes: 600,
        ...more,
      })
    ).data.id as number;
  const runs = async (policy: number): Promise<Json[]> =>
    (await (await system.login()).get(`/enforcement-policies/${policy}/history?kind=triggered`)).data;
  const outcome = (policy: number, what: string, fits: (one: Json) => boolean) =>
    until(
      what,
      async () => {
        const found = (await runs(policy).catch(() => [])).flatMap((run) => run.outcomes);
        return found.find(fits) ?? null;
      },
      WITHIN,
    );

  it('stop what idles once, ask where a person has to agree, and leave alone what the gate refuses', async () => {
    const [stopped, asking, young] = (await Promise.all(hosts.map((host) => host.instance(api)))) as [Json, Json, Json];
    await hasIdled(stopped);
    await hasIdled(asking);
    const policies = [
      await make('Stops', stopped, {}),
      await make('Asks', asking, { execution_mode: 'approval_required' }),
      // it is refused with the first minute that is known of it
      await make('Is refused', young, {
        conditions: { metric: 'gpu_utilization', operator: 'lt', threshold: 50, duration: 1 },
      }),
    ] as const;
    await system.killControlPlane();

    const done = await outcome(policies[0], 'the idle machine was stopped', (one) => one.action_status === 'succeeded');
    expect(done).toMatchObject({ action_type: 'stop_instances', outcome: 'requested', blocked_by: null });
    expect([hosts[0]!.workload, hosts[0]!.commandsRun()]).toEqual(['stopped', ['stop']]);
    const [run, ...others] = await runs(policies[0]);
    expect(others).toEqual([]);
    expect(run!.triggers[0].conditions_met[0]).toMatchObject({ metric: 'gpu_utilization', threshold: 50, duration: 2 });

    const asked = await outcome(policies[1], 'a person is asked', (one) => one.outcome === 'awaits_approval');
    expect(hosts[1]!.commandsRun()).toEqual([]);
    api = await system.login();
    await api.post(`/actions/${asked.action_id}/approve`, { comment: 'it may go' });
    await outcome(policies[1], 'it was stopped after a person agreed', (one) => one.action_status === 'succeeded');
    expect([hosts[1]!.workload, hosts[1]!.commandsRun()]).toEqual(['stopped', ['stop']]);

    const refused = await outcome(policies[2], 'the gate refused', (one) => one.blocked_by === 'gate');
    expect(refused.reason).toMatch(/minutes|measured/);
    expect(hosts[2]!.commandsRun()).toEqual([]);
    expect((await runs(policies[2])).length).toBe(1);
  }, 900_000);
});
