/** What an agent tells of GPUs beside their readings: what they are made of, and whose processes use them. */
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { aMinute, minuteAgo } from '../../../../test/support/telemetry.js';
import { LiveStore, MetricsIngest } from '../metrics/index.js';
import { DeviceRegistry } from './devices.registry.js';
import { GpuProcesses } from './gpu-processes.js';
import type { InventoryDevice } from './inventory.js';

const device = (uuid: string, more: Partial<InventoryDevice> = {}): InventoryDevice => ({
  kind: 'gpu',
  uuid,
  gpuIndex: 0,
  parentUuid: null,
  model: 'NVIDIA H100 80GB HBM3',
  memoryTotalMib: 81_559,
  driverVersion: '590.48.01',
  pciBusId: null,
  serial: null,
  migEnabled: true,
  absences: { 1: 'unsupported', 29: 'forbidden' },
  presence: 'present',
  health: 'healthy',
  healthReason: null,
  details: {},
  ...more,
});

describe('the GPUs of an instance, beside their readings', () => {
  let app: TestApp;
  let viewer: string;
  let agent: { tenantId: string; agentId: string };
  beforeAll(async () => {
    app = await startTestApp();
    viewer = await app.login('viewer');
    const row = await app.db.system((tx) =>
      tx.row<{ id: string }>(
        `INSERT INTO flotilla.agents (tenant_id, hostname, version, connected_until)
         VALUES ($1, 'gpu-0', '0.1.0', now() + interval '1 hour') RETURNING id`,
        [app.tenantId],
      ),
    );
    agent = { tenantId: app.tenantId, agentId: row!.id };
    await tell([
      device('GPU-a', {
        details: {
          recovery_action: 'None',
          attributes: { architecture: 'Hopper' },
          nvlinks: [{ index: 0, active: true, speed_gbps: 26.562, version: null, remote_bus_id: null }],
        },
      }),
      device('MIG-1', {
        kind: 'mig',
        parentUuid: 'GPU-a',
        details: { mig: { profile: '1g.10gb', gpu_instance_id: 9, compute_instance_id: 0 } },
      }),
    ]);
  });
  afterAll(() => app.close());

  const tell = (devices: InventoryDevice[]) =>
    app.app.get(DeviceRegistry).applyInventory(agent, {
      hash: 'h',
      instance: { instance_id: 'host/0', cloud_provider: 'on_prem', state: 'running', gpu_count: 1, hourly_cost: 6 },
      devices,
    });
  const get = async (path: string) => (await app.call('GET', `/api${path}`, { as: viewer })).body;
  const gpus = async () => (await get('/instances/host%2F0')).data.gpus;

  it('are shown with their slow facts, and with none where the agent told none', async () => {
    const [gpu, mig] = await gpus();
    expect(gpu).toMatchObject({
      recovery_action: 'None',
      attributes: { architecture: 'Hopper' },
      nvlinks: [{ index: 0, active: true, speed_gbps: 26.562 }],
      vgpus: [],
      mig: null,
      absences: { gpu_utilization: 'unsupported', memory_temperature: 'forbidden' },
    });
    expect(gpu).not.toHaveProperty('details');
    expect(mig).toMatchObject({
      mig: { profile: '1g.10gb', gpu_instance_id: 9, compute_instance_id: 0 },
      recovery_action: null,
      attributes: {},
    });
  });

  it('keep what was known of one that is missing', async () => {
    await tell([device('GPU-a', { presence: 'missing' })]);
    expect((await gpus())[0]).toMatchObject({ presence: 'missing', attributes: { architecture: 'Hopper' } });
  });

  it('show processes with their owners, also in the evidence of idleness', async () => {
    const { data } = await get('/instances/host%2F0');
    expect((await get('/instances/host%2F0/processes')).data).toEqual({ read_at: null, processes: [] });
    const told = {
      type: 'C',
      command: 'python3',
      startedAt: new Date('2026-11-22T10:00:00Z'),
      container: { id: 'c0ffee', name: 'worker' },
      pod: { uid: '6d3b1a4e', name: 'trainer-0', namespace: 'ml-team' },
      slurmJobId: null,
      smPercent: 87.5,
    };
    const none = { command: null, startedAt: null, container: null, pod: null, slurmJobId: null, smPercent: null };
    await app.app.get(GpuProcesses).report(app.tenantId, data.id, Date.now(), [
      { device: 'GPU-a', pid: 42, name: 'python3', usedMemoryMib: null, user: 'ada', ...told },
      { device: 'MIG-1', pid: 43, name: 'Xorg', type: 'G', usedMemoryMib: 12, user: 'root', ...none },
      {
        device: 'MIG-1',
        pid: 44,
        name: 'srun',
        type: 'C',
        usedMemoryMib: 12,
        user: 'eve',
        ...none,
        slurmJobId: '4711',
      },
    ]);
    expect((await get('/instances/host%2F0/processes')).data.processes).toEqual([
      {
        device: 'GPU-a',
        gpu_index: 0,
        pid: 42,
        name: 'python3',
        type: 'C',
        used_memory_mib: null,
        user: 'ada',
        command: 'python3',
        started_at: '2026-11-22T10:00:00.000Z',
        container: { id: 'c0ffee', name: 'worker' },
        pod: { uid: '6d3b1a4e', name: 'trainer-0', namespace: 'ml-team' },
        slurm_job_id: null,
        sm_percent: 87.5,
      },
      expect.objectContaining({ device: 'MIG-1', user: 'root', started_at: null, container: null, pod: null }),
      expect.objectContaining({ slurm_job_id: '4711' }),
    ]);
    const devices = await app.db.system((tx) =>
      tx.rows<{ id: number }>(`SELECT id FROM flotilla.devices WHERE tenant_id = $1 AND uuid = 'GPU-a'`, [
        app.tenantId,
      ]),
    );
    const minutes = Array.from({ length: 40 }, (_, i) => ({
      deviceId: devices[0]!.id,
      minute: aMinute(minuteAgo(40 - i), { gpu_utilization: 0 }),
    }));
    await tell([device('GPU-a')]);
    await new MetricsIngest(app.db, new LiveStore(app.db)).storeSamples(app.tenantId, agent.agentId, minutes);
    const [idle] = (await get('/instances/status/idle?below_percent=10&for_minutes=5')).data;
    expect(idle.evidence).toMatchObject({
      processes: 3,
      process_owners: ['ml-team/trainer-0', 'root', 'slurm job 4711'],
    });
  });

  it('answer what an agent of an earlier version told of its processes', async () => {
    await app.db.system((tx) =>
      tx.rows(`UPDATE flotilla.gpu_processes SET processes = $2 WHERE tenant_id = $1`, [
        app.tenantId,
        JSON.stringify([{ device: 'GPU-a', pid: 1, name: 'x', type: 'C', used_memory_mib: null, user: 'ada' }]),
      ]),
    );
    const { status, body } = await app.call('GET', '/api/instances/host%2F0/processes', { as: viewer });
    expect([status, body.data.processes[0]]).toEqual([
      200,
      expect.objectContaining({ user: 'ada', container: null, pod: null, sm_percent: null }),
    ]);
  });
});
