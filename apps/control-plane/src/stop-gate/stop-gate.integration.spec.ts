import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import { aMinute, createDevice, minuteAgo } from '../../../../test/support/telemetry.js';
import type { AgentRef, MetricName, StopCheck } from '@flotilla/domain';
import { MetricsIngest } from '../metrics/index.js';
import { LiveStore } from '../metrics/index.js';
import { StopGateQueries } from './stop-gate.queries.js';
import { StopGateService } from './stop-gate.service.js';
import { StopGate } from './index.js';

describe('the safe-stop gate on what is stored', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let agent: AgentRef;
  let id: number;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    tenant = await createTenant(database.db);
    agent = await tenant.agent();
    id = await tenant.instance({ agent, cloudProvider: 'aws' });
    await sql(
      `UPDATE flotilla.instances SET state_changed_at = now() - interval '5 hours', instance_type = 'p3.2xlarge', gpu_count = 1,
         placement = '{"lifecycle": "on_demand"}' WHERE id = $1`,
      [id],
    );
  });

  const sql = <T = unknown>(text: string, values: unknown[] = []) =>
    database.db.system((tx) => tx.rows<T & Record<string, unknown>>(text, values));
  /** A GPU that showed the same for each of the last minutes. */
  const gpu = async (minutes: number, readings: Partial<Record<MetricName, number>>, gpuIndex = 0) => {
    const deviceId = await createDevice(database.db, tenant.tenantId, id, { gpuIndex });
    const rows = Array.from({ length: minutes }, (_, i) => ({
      deviceId,
      minute: aMinute(minuteAgo(minutes - i), readings),
    }));
    await new MetricsIngest(database.db, new LiveStore(database.db)).storeSamples(tenant.tenantId, agent.agentId, rows);
    return deviceId;
  };
  const processes = (list: object[]) =>
    sql(`INSERT INTO flotilla.gpu_processes (tenant_id, instance_id, at, processes) VALUES ($1, $2, now(), $3)`, [
      tenant.tenantId,
      id,
      JSON.stringify(list),
    ]);
  const judge = () =>
    database.db.read(tenant.actor, (tx) =>
      StopGate.judge(tx, { tenantId: tenant.tenantId, instanceId: id, reason: 'policy' }),
    );
  const found = async (check: StopCheck) => (await judge())!.checks.find((one) => one.check === check)!;
  const idle = { gpu_utilization: 0, memory_used_mib: 3, power_draw: 60, pcie_rx: 10, pcie_tx: 10 };

  it('lets an idle, empty machine pass, by what its agent stored', async () => {
    await gpu(40, idle);
    await processes([{ device: 'GPU-gpu-0', pid: 9, name: 'Xorg', type: 'G' }]);
    const answer = await judge();
    expect(answer!.checks.filter(({ blocks }) => blocks)).toEqual([]);
    expect(answer).toMatchObject({
      allowed: true,
      class: 'empty_idle',
      evidence: ['gpu_utilization', 'memory', 'links', 'processes'],
    });
  });

  it('tells a parked model from an empty machine, and counts the calls that it answered', async () => {
    await gpu(40, { ...idle, memory_used_mib: 70_000 });
    const vllm = { device: 'GPU-gpu-0', pid: 7, name: 'vllm', type: 'C', started_at: '2026-01-01T00:00:00Z' };
    await processes([vllm]);
    expect(await judge()).toMatchObject({ allowed: false, class: 'parked' });
    const dimension = await sql<{ id: number }>(
      `INSERT INTO flotilla.ai_dimensions (tenant_id, digest, source, provider, model, spend_type, instance_id, currency, unpriced_reason)
       VALUES ($1, gen_random_uuid(), 'otlp', 'self_hosted', 'm', 'inference', $2, 'USD', 'own') RETURNING id`,
      [tenant.tenantId, id],
    );
    expect((await found('model_server')).reason).toMatch(/No call was answered/);
    await sql(`SELECT flotilla.make_ai_usage_days(ARRAY[current_date - 1, current_date])`);
    await sql(
      `INSERT INTO flotilla.ai_usage (tenant_id, day, record_key, content, at, until, dimension_id, requests, uncached_input,
         cache_read, cache_write_5m, cache_write_1h, output, input_audio, cache_read_audio, output_audio)
       SELECT $1, (n AT TIME ZONE 'UTC')::date, gen_random_uuid(), gen_random_uuid(), n, n, $2, 5, 1, 0, 0, 0, 1, 0, 0, 0
         FROM (SELECT now() - interval '2 minutes' AS n) x`,
      [tenant.tenantId, dimension[0]!.id],
    );
    expect((await found('model_server')).reason).toMatch(/answered 5 calls/);
  });

  it('takes gaps, silence, a young process and work for what they are', async () => {
    await gpu(20, idle);
    expect(await found('coverage')).toMatchObject({
      verdict: 'refuse',
      reason: expect.stringMatching(/Only 66\.\d %/),
    });
    expect(await found('processes')).toMatchObject({
      verdict: 'pass',
      reason: expect.stringMatching(/memory is empty/),
    });
    await processes([{ device: 'GPU-gpu-0', pid: 7, name: 'train', type: 'C', started_at: new Date().toISOString() }]);
    expect((await found('processes')).reason).toMatch(/train \(pid 7\) began at/);
    await gpu(40, { ...idle, gpu_utilization: 80 }, 1);
    expect(await judge()).toMatchObject({ class: 'busy', allowed: false });
  });

  it('reads reserved and spot capacity from the bill', async () => {
    await gpu(40, idle);
    const charge = (day: number, effective: number, category: string | null, commitment: string | null) =>
      sql(
        `INSERT INTO flotilla.costs (tenant_id, origin, source, record_key, content_digest, charge_start, charge_end, charge_day,
           provider, service, instance_id, billed_cost, effective_cost, currency, pricing_category, commitment_discount_id)
         SELECT $1, 'bill', 'focus', sha256(gen_random_uuid()::text::bytea), sha256(''), d, d + interval '1 day', d::date, 'aws',
           'EC2', $2, $4, $4, 'USD', $5, $6 FROM (SELECT date_trunc('day', now() - $3 * interval '1 day') AS d) x`,
        [tenant.tenantId, id, day, effective, category, commitment],
      );
    expect((await found('commitment')).verdict).toBe('unknown');
    await charge(2, 10, 'Standard', null);
    expect(await found('commitment')).toMatchObject({ verdict: 'pass' });
    await charge(3, 30, 'Committed', 'ri-1');
    // 30 of 40 dollars by the list
    expect(await found('commitment')).toMatchObject({
      verdict: 'refuse',
      reason: expect.stringMatching(/covers 75 %/),
    });
    await sql(
      `UPDATE flotilla.costs SET pricing_category = 'Dynamic', commitment_discount_id = NULL WHERE tenant_id = $1`,
      [tenant.tenantId],
    );
    await sql(`UPDATE flotilla.instances SET placement = '{}' WHERE id = $1`, [id]);
    expect((await found('spot')).verdict).toBe('refuse');
  });

  it('asks maintenance windows, other actions and placement', async () => {
    await gpu(40, idle);
    await sql(
      `INSERT INTO flotilla.maintenance_windows (tenant_id, name, start_time, end_time, timezone, scope, suppress_alerts, suppress_enforcement, created_by)
       VALUES ($1, 'Move', now() - interval '1 hour', now() + interval '1 hour', 'UTC', '{"all": true}', false, true, 'ada')`,
      [tenant.tenantId],
    );
    expect((await found('maintenance')).reason).toMatch(/"Move" holds enforcement back until/);
    await sql(
      `UPDATE flotilla.instances SET placement = '{"local_disks": "erased", "auto_scaling_group": "g"}' WHERE id = $1`,
      [id],
    );
    expect((await found('local_disks')).verdict).toBe('refuse');
    expect((await found('auto_scaling')).verdict).toBe('refuse');
  });

  it('follows the settings of the tenant, and keeps what they were', async () => {
    await gpu(40, { ...idle, memory_used_mib: 70_000 });
    await processes([{ device: 'GPU-gpu-0', pid: 7, name: 'vllm', type: 'C', started_at: '2026-01-01T00:00:00Z' }]);
    const admin = { ...tenant.actor, role: 'admin' } as never;
    await new StopGateService(database.db).update(admin, { parked: 'allow', min_running_minutes: 60 });
    expect(await judge()).toMatchObject({ class: 'parked', allowed: true });
    const shown = await new StopGateQueries(database.db).settings(tenant.actor);
    expect(shown).toMatchObject({ parked: 'allow', min_running_minutes: 60, min_coverage_percent: 90, spot: 'refuse' });
    const [audit] = await sql(
      `SELECT details FROM flotilla.audit_log WHERE tenant_id = $1 AND event_type = 'stop_gate.updated'`,
      [tenant.tenantId],
    );
    expect(audit!['details']).toMatchObject({ before: { parked: 'refuse', min_running_minutes: 30 } });
  });
});
