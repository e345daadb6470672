import { tmpdir } from 'node:os';
import { metricId } from '@flotilla/domain';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { aDecider } from '../../../../test/support/decisions.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import { createDevice } from '../../../../test/support/telemetry.js';
import { Log } from '../platform/index.js';
import type { Config } from '../platform/index.js';
import { BuiltInAlertsJob } from './built-in-alerts.job.js';

let database: TestDatabase;
let job: BuiltInAlertsJob;
let tenant: TestTenant;

beforeAll(async () => {
  database = await createTestDatabase();
  const log = Log.to({ write: () => undefined }, 'fatal');
  job = new BuiltInAlertsJob(database.db, aDecider(database.db).desk, undefined as never, log, {} as Config);
});
afterAll(() => database.close());
beforeEach(async () => {
  tenant = await createTenant(database.db);
  await sql(`UPDATE flotilla.alert_watch SET looked_at = now(), hearing_since = now() - interval '1 day'`);
});

const sql = <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
  database.db.system((tx) => tx.rows<Row>(text, values));
const alerts = () =>
  sql<{ built_in: string; status: string; message: string; occurrences: number }>(
    'SELECT a.built_in, a.status, a.message, a.occurrences FROM flotilla.alerts a WHERE a.tenant_id = $1 ORDER BY a.id',
    [tenant.tenantId],
  );
const silence = (agentId: string, seconds: number, reason: string | null = null) =>
  sql(
    `UPDATE flotilla.agents SET last_seen_at = now() - $2 * interval '1 second', connected_until = NULL, disconnect_reason = $3,
       disconnected_at = now() - $2 * interval '1 second' WHERE id = $1`,
    [agentId, seconds, reason],
  );

describe('what nobody has to write a rule for', () => {
  it('tells of an agent that fell silent, once, and that it is back', async () => {
    const { agentId } = await tenant.agent({ hostname: 'gpu-7' });
    await job.look();
    expect(await alerts()).toEqual([]);
    await silence(agentId, 50);
    await job.look();
    // its lease has not ended
    expect(await alerts()).toEqual([]);
    await silence(agentId, 60, 'the connection broke');
    await job.look();
    await job.look();
    expect(await alerts()).toMatchObject([{ built_in: 'agent_silent', status: 'active', occurrences: 1 }]);
    expect((await alerts())[0]!.message).toContain('gpu-7 for 00:01:0');
    await sql(
      `UPDATE flotilla.agents SET last_seen_at = now(), connected_until = now() + interval '1 minute' WHERE id = $1`,
      [agentId],
    );
    await job.look();
    expect(await alerts()).toMatchObject([{ status: 'resolved' }]);
  });

  it('raises no storm when the house itself was away, nor for hosts whose replica died', async () => {
    for (let n = 0; n < 20; n++) await silence((await tenant.agent()).agentId, 600);
    await sql(`UPDATE flotilla.alert_watch SET looked_at = now() - interval '10 minutes'`);
    await job.look();
    expect(await alerts()).toEqual([]);
    // heard again for long enough: those that did not come back are silent
    await sql(`UPDATE flotilla.alert_watch SET hearing_since = now() - interval '3 minutes'`);
    const { agentId } = await tenant.agent();
    await silence(agentId, 70, 'nothing was heard of it, nor of the replica that held its stream');
    await job.look();
    expect(await alerts()).toHaveLength(20);
    await silence(agentId, 200, 'nothing was heard of it, nor of the replica that held its stream');
    await job.look();
    expect(await alerts()).toHaveLength(21);
  });

  it('does not call a machine silent that is off, nor one that was revoked', async () => {
    const off = await tenant.agent();
    await tenant.instance({ agent: off, state: 'stopped' });
    const revoked = await tenant.agent();
    await sql(`UPDATE flotilla.agents SET status = 'revoked' WHERE id = $1`, [revoked.agentId]);
    for (const { agentId } of [off, revoked]) await silence(agentId, 600);
    await job.look();
    expect(await alerts()).toEqual([]);
  });

  it('tells of GPUs that are missing or sick, of wrong clocks and of spools without a disk', async () => {
    const agent = await tenant.agent();
    const instance = await tenant.instance({ agent });
    await createDevice(database.db, tenant.tenantId, instance, { gpuIndex: 0, presence: 'missing' });
    const sick = await createDevice(database.db, tenant.tenantId, instance, { gpuIndex: 1 });
    await sql(
      `UPDATE flotilla.devices SET health = 'unhealthy', health_reason = 'Xid 79: fallen off the bus', advised_action = 'reboot' WHERE tenant_id = $1 AND id = $2`,
      [tenant.tenantId, sick],
    );
    await sql('UPDATE flotilla.agents SET clock_skew_ms = -45000, degraded = true WHERE id = $1', [agent.agentId]);
    await job.look();
    const messages = new Map((await alerts()).map((one) => [one.built_in, one.message]));
    expect([...messages.keys()].sort()).toEqual(['clock_skew', 'gpu_missing', 'gpu_unhealthy', 'storage_full']);
    expect(messages.get('gpu_unhealthy')).toContain('Xid 79: fallen off the bus. Advised: reboot.');
    expect(messages.get('clock_skew')).toContain('45 s behind');
    await sql('UPDATE flotilla.agents SET clock_skew_ms = 25000, degraded = false WHERE id = $1', [agent.agentId]);
    await sql(`UPDATE flotilla.devices SET health = 'healthy', presence = 'present' WHERE tenant_id = $1`, [
      tenant.tenantId,
    ]);
    await job.look();
    const open = async () => (await alerts()).filter((one) => one.status === 'active').map((one) => one.built_in);
    // not yet below the lower limit
    expect(await open()).toEqual(['clock_skew']);
    await sql('UPDATE flotilla.agents SET clock_skew_ms = 3 WHERE id = $1', [agent.agentId]);
    await job.look();
    expect(await open()).toEqual([]);
  });

  it('counts each Xid of a GPU once, and lets it be over after half an hour', async () => {
    const agent = await tenant.agent();
    const instance = await tenant.instance({ agent });
    await createDevice(database.db, tenant.tenantId, instance, { gpuIndex: 2, uuid: 'GPU-x' });
    const xid = (seq: number) =>
      sql(
        `INSERT INTO flotilla.agent_events (tenant_id, agent_id, wal_epoch, seq, at, kind, severity, device, message, details)
         VALUES ($1, $2, 1, $3, now(), 'xid', 'high', 'GPU-x', 'The driver reports Xid 48.', '{"xid": 48}')`,
        [tenant.tenantId, agent.agentId, seq],
      );
    await xid(1);
    await job.look();
    await job.look();
    expect(await alerts()).toMatchObject([
      { built_in: 'gpu_error', occurrences: 1, message: 'The driver reports Xid 48.' },
    ]);
    await xid(2);
    await job.look();
    await job.look();
    expect(await alerts()).toMatchObject([{ occurrences: 2, status: 'active' }]);
    await sql(`UPDATE flotilla.alerts SET last_fired_at = now() - interval '31 minutes' WHERE tenant_id = $1`, [
      tenant.tenantId,
    ]);
    await job.look();
    expect(await alerts()).toMatchObject([{ occurrences: 2, status: 'resolved' }]);
  });

  it('says nothing of a rule that the tenant switched off', async () => {
    await sql(`INSERT INTO flotilla.built_in_rules (tenant_id, key, enabled) VALUES ($1, 'agent_silent', false)`, [
      tenant.tenantId,
    ]);
    await silence((await tenant.agent()).agentId, 600);
    await job.look();
    expect(await alerts()).toEqual([]);
  });

  it('tells of what costs money and has no price, until it has one', async () => {
    const priced = await tenant.instance();
    const unpriced = await tenant.instance();
    for (const id of [priced, unpriced]) await createDevice(database.db, tenant.tenantId, id);
    await sql(`UPDATE flotilla.instances SET state = 'running', hourly_cost = 2, name = 'paid' WHERE id = $1`, [
      priced,
    ]);
    await sql(`UPDATE flotilla.instances SET state = 'running', hourly_cost = NULL, name = 'free?' WHERE id = $1`, [
      unpriced,
    ]);
    await job.lookAtPrices();
    // a price may yet come with the first inventory
    expect(await alerts()).toEqual([]);
    await sql(`UPDATE flotilla.instances SET state_changed_at = now() - interval '16 minutes' WHERE tenant_id = $1`, [
      tenant.tenantId,
    ]);
    await sql(
      `WITH d AS (INSERT INTO flotilla.ai_dimensions (tenant_id, digest, source, provider, model, spend_type, currency, unpriced_reason)
                  VALUES ($1, gen_random_uuid(), 'otlp', 'openai', 'gpt-unheard-of', 'inference', 'USD', 'unknown_model') RETURNING id)
       INSERT INTO flotilla.ai_usage_hours SELECT $1, date_trunc('hour', now()), d.id, 7, 7, 0, 900, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM d`,
      [tenant.tenantId],
    );
    // no price is right for what own machines serve
    await sql(
      `WITH d AS (INSERT INTO flotilla.ai_dimensions (tenant_id, digest, source, provider, model, spend_type, currency, unpriced_reason)
                  VALUES ($1, gen_random_uuid(), 'otlp', 'self_hosted', 'our-70b', 'inference', 'USD', 'own machines') RETURNING id)
       INSERT INTO flotilla.ai_usage_hours SELECT $1, date_trunc('hour', now()), d.id, 7, 7, 0, 900, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM d`,
      [tenant.tenantId],
    );
    await job.lookAtPrices();
    await job.lookAtPrices();
    expect(await alerts()).toMatchObject([
      { built_in: 'spend_unpriced', status: 'active', occurrences: 1, message: expect.stringContaining('free? runs') },
      {
        built_in: 'spend_unpriced',
        status: 'active',
        message: expect.stringMatching(/^7 records .*openai\/gpt-unheard-of/),
      },
    ]);
    await sql('UPDATE flotilla.instances SET hourly_cost = 3 WHERE id = $1', [unpriced]);
    await job.lookAtPrices();
    expect((await alerts()).map(({ status }) => status)).toEqual(['resolved', 'active']);
  });

  it('tells of a host whose disk is nearly full, until there is room again', async () => {
    const agent = await tenant.agent();
    const instance = await tenant.instance({ agent });
    const [row] = await sql<{ id: number }>(
      `INSERT INTO flotilla.devices (tenant_id, instance_id, kind, uuid) VALUES ($1, $2, 'host', 'host-1') RETURNING id::integer`,
      [tenant.tenantId, instance],
    );
    const diskIs = (percent: number, agoSeconds = 1) =>
      database.db.ingest((tx) =>
        tx.rows(
          `INSERT INTO flotilla.gpu_live (at, tenant_id, device_id, metrics, readings)
           VALUES (now() - $4 * interval '1 second', $1, $2, ARRAY[${metricId('cpu_utilization')}, ${metricId('disk_utilization')}]::smallint[], ARRAY[50, $3]::real[])
           ON CONFLICT (tenant_id, device_id) DO UPDATE SET at = excluded.at, readings = excluded.readings`,
          [tenant.tenantId, row!.id, percent, agoSeconds],
        ),
      );
    const look = async () => {
      await job.lookAtHosts();
      // the other round of built-in rules leaves it alone
      await job.look();
      return (await alerts()).filter(({ built_in }) => built_in === 'storage_full');
    };
    await diskIs(94.9);
    expect(await look()).toEqual([]);
    await diskIs(99, 600);
    // a reading of ten minutes ago is none
    expect(await look()).toEqual([]);
    await diskIs(97.3);
    await look();
    expect(await look()).toMatchObject([
      { status: 'active', occurrences: 1, message: expect.stringContaining('is 97.3 % full') },
    ]);
    await diskIs(93);
    expect(await look()).toMatchObject([{ status: 'active' }]);
    await diskIs(50, 600);
    expect(await look()).toMatchObject([{ status: 'active' }]);
    await diskIs(91.5);
    expect(await look()).toMatchObject([{ status: 'resolved' }]);
  });

  it("tells whoever runs the house of its own disk, and of nobody else's", async () => {
    const guest = await createTenant(database.db);
    await sql(
      `INSERT INTO flotilla.users (tenant_id, email, name, role, platform_operator, status) VALUES ($1, $2, 'Op', 'owner', true, 'active')`,
      [tenant.tenantId, `op-${tenant.tenantId}@example.com`],
    );
    const used = (percent: number) =>
      job.lookAtDisk(() => Promise.resolve({ blocks: 1000, bavail: 1000 - percent * 10, bsize: 2 ** 20 }));
    await used(94);
    expect(await alerts()).toEqual([]);
    await used(96.5);
    await used(97);
    expect(await alerts()).toMatchObject([
      { built_in: 'storage_full', status: 'active', occurrences: 1, message: expect.stringContaining('35 MiB left') },
    ]);
    expect(await sql('SELECT FROM flotilla.alerts WHERE tenant_id = $1', [guest.tenantId])).toEqual([]);
    await used(93);
    // the round of the agents' disks does not end it
    await job.look();
    await job.lookAtHosts();
    expect(await alerts()).toMatchObject([{ status: 'active' }]);
    await used(91);
    expect(await alerts()).toMatchObject([{ status: 'resolved' }]);
    await sql('UPDATE flotilla.users SET platform_operator = false WHERE tenant_id = $1', [tenant.tenantId]);
  });

  it('reads the disk that its data folder lies on', async () => {
    const there = new BuiltInAlertsJob(
      database.db,
      undefined as never,
      undefined as never,
      Log.to({ write: () => undefined }, 'fatal'),
      {
        dataDir: tmpdir(),
      } as Config,
    );
    await expect(there.lookAtDisk()).resolves.toBeUndefined();
  });
});
