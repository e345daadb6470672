import { connect } from 'node:net';
import type { AgentRef } from '@flotilla/domain';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { StreamReader } from '../../../../test/support/stream-reader.js';
import { createTenant } from '../../../../test/support/fleet.js';
import { Controllers } from '../actions/index.js';
import { DeviceRegistry } from '../instances/index.js';
import { MetricsIngest } from '../metrics/index.js';
import { StreamChannel } from './stream.channel.js';

describe('GET /stream', () => {
  let app: TestApp;
  let replica: TestApp;
  let agent: AgentRef;
  let instanceId: number;
  let operator: string;
  const readers: StreamReader[] = [];

  beforeAll(async () => {
    app = await startTestApp();
    replica = await startTestApp({ beside: app });
    operator = await app.login('operator');
    const row = await app.db.system((tx) =>
      tx.row<{ id: string }>(
        `INSERT INTO flotilla.agents (tenant_id, hostname, connected_until) VALUES ($1, 'gpu-1', now() + interval '1 hour') RETURNING id`,
        [app.tenantId],
      ),
    );
    agent = { tenantId: app.tenantId, agentId: row!.id };
    const inventory = {
      hash: 'h',
      instance: { instance_id: 'host-1', cloud_provider: 'on_prem', state: 'running' },
      devices: [],
    };
    ({ instanceId } = await app.app.get(DeviceRegistry).applyInventory(agent, inventory));
    await app.app
      .get(Controllers)
      .announce(agent, [
        { kind: 'command', verbs: ['start', 'stop'], instanceIds: ['self'], scope: {}, level: 'power' },
      ]);
  });
  afterEach(() => readers.splice(0).forEach((reader) => reader.close()));
  afterAll(async () => {
    await replica.close();
    await app.close();
  });
  const open = async (on: TestApp, as: string, options = {}) => {
    const reader = await StreamReader.open(on, as, options);
    readers.push(reader);
    await reader.find('ready');
    return reader;
  };

  it('tells readers on both replicas about an action, and no other tenant', async () => {
    const other = await createTenant(app.db);
    const here = await open(app, operator);
    const there = await open(replica, operator);
    const stranger = await open(app, await app.login('owner', other.tenantId));
    const only = await open(app, operator, { query: '?events=metrics' });
    const stop = await app.call('POST', `/api/instances/${instanceId}/stop`, { as: operator });
    const id = stop.body.data.action_id;
    for (const reader of [here, there]) {
      expect((await reader.find('action', (e) => e.data.id === id)).data).toMatchObject({
        type: 'stop',
        instance_id: instanceId,
      });
    }
    await app.call('POST', `/api/actions/${id}/cancel`, { as: operator });
    await here.find('action', (e) => e.data.status === 'cancelled');
    expect(stranger.events.map((e) => e.name)).toEqual(['ready']);
    expect(only.events.map((e) => e.name)).toEqual(['ready']);
  });

  it('resumes after the last event that a reader saw, and says when it cannot', async () => {
    const first = await open(app, operator);
    await app.call('PATCH', `/api/instances/${instanceId}`, { as: operator, body: { name: 'one' } });
    const seen = await first.find('instance', (e) => e.data.name === 'one');
    first.close();
    const between = await open(app, operator);
    await app.call('PATCH', `/api/instances/${instanceId}`, { as: operator, body: { name: 'two' } });
    await between.find('instance', (e) => e.data.name === 'two');
    const back = await open(app, operator, { lastEventId: seen.id! });
    expect((await back.find('instance')).data.name).toBe('two');
    expect(back.events.some((e) => e.name === 'reset')).toBe(false);
    const elsewhere = await open(replica, operator, { lastEventId: seen.id! });
    await elsewhere.find('reset');
  });

  it('sends newest values as they come in, each once', async () => {
    const reader = await open(replica, operator);
    const deviceId = await app.app.get(DeviceRegistry).resolve(app.tenantId, instanceId, 'GPU-1', { gpuIndex: 0 });
    app.app
      .get(MetricsIngest)
      .storeLive([
        { tenantId: app.tenantId, deviceId, atMs: Date.now(), metrics: [1, 6], values: Float32Array.of(88.5, NaN) },
      ]);
    const event = await reader.find('metrics');
    expect(event.data.devices).toEqual([
      expect.objectContaining({ instance_id: instanceId, device: 'GPU-1', metrics: { gpu_utilization: 88.5 } }),
    ]);
  });

  it('tells of an alert on both replicas: that it opened, is acknowledged, is over', async () => {
    const here = await open(app, operator);
    const there = await open(replica, operator, { query: '?events=alert' });
    const alert = {
      alert_type: 'raid_degraded',
      severity: 'high',
      instance_id: 'i-raid',
      message: 'md0 lost a disk',
      timestamp: new Date().toISOString(),
    };
    const body = {
      instances: [{ instance_id: 'i-raid', cloud_provider: 'on_prem', state: 'running' }],
      alerts: [alert],
    };
    const sent = await app.call('POST', '/api/sync', { as: await app.apiKey(['agent']), body });
    expect(sent.body.data.alerts).toMatchObject({ accepted: 1, rejected: [] });
    const opened = await there.find('alert', (e) => e.data.alert_type === 'raid_degraded');
    expect(opened.data).toMatchObject({ status: 'active', acknowledged: false, severity: 'high' });
    const path = `/api/alerts/${opened.data.id}`;
    await app.call('POST', `${path}/acknowledge`, { as: operator });
    await there.find('alert', (e) => e.data.id === opened.data.id && e.data.acknowledged);
    await replica.call('PATCH', `${path}/resolve`, { as: operator });
    for (const reader of [here, there]) {
      await reader.find('alert', (e) => e.data.id === opened.data.id && e.data.status === 'resolved');
    }
  });

  it('refuses strangers and unknown events', async () => {
    expect((await app.call('GET', '/api/stream')).status).toBe(401);
    expect((await app.call('GET', '/api/stream?events=weather', { as: operator })).status).toBe(400);
  });

  it('drops a reader that does not read, and nobody else notices', async () => {
    const { port } = new URL(app.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.pause();
    socket.write(`GET /api/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${operator}\r\n\r\n`);
    const good = await open(app, operator);
    const hub = (await import('./stream.hub.js')).StreamHub;
    const channels = (app.app.get(hub, { strict: false }) as unknown as { channels: Map<string, StreamChannel> })
      .channels;
    const channel = channels.get(app.tenantId)!;
    for (let i = 0; channel.subscribers.size < 2 && i < 100; i++) await new Promise((r) => setTimeout(r, 20));
    expect(channel.subscribers.size).toBe(2);
    for (let i = 0; channel.subscribers.size > 1 && i < 400; i++) {
      channel.send('metrics', { devices: [], filler: 'x'.repeat(100_000) }, false);
      await new Promise((r) => setTimeout(r, 20));
    }
    expect(channel.subscribers.size).toBe(1);
    expect(good.events.some((e) => e.name === 'dropped')).toBe(false);
    socket.destroy();
  });

  it('tells what an agent told, and that a GPU fell ill', async () => {
    const reader = await open(replica, operator);
    const own = { tenant_id: app.tenantId, agent_id: agent.agentId };
    await app.db.system(async (tx) => {
      await tx.rows(
        `INSERT INTO flotilla.agent_events (tenant_id, agent_id, wal_epoch, seq, at, kind, severity, device, message)
         VALUES ($1, $2, 7, 1, now(), 'xid', 'critical', 'GPU-a', 'Xid 79')`,
        [own.tenant_id, own.agent_id],
      );
      const change = { tenant_id: own.tenant_id, kind: 'event', id: `${own.agent_id}:7:1` };
      await tx.rows(`SELECT pg_notify('flotilla_fleet', $1)`, [JSON.stringify(change)]);
    });
    const told = await reader.find('event');
    expect(told.data).toMatchObject({ instance_id: instanceId, kind: 'xid', device: 'GPU-a', message: 'Xid 79' });
    const device = { kind: 'gpu', uuid: 'GPU-a', presence: 'present', health: 'unhealthy', healthReason: 'Xid 79' };
    const nothing = { gpuIndex: 0, parentUuid: null, model: null, memoryTotalMib: null, driverVersion: null };
    await app.app.get(DeviceRegistry).applyInventory(agent, {
      hash: 'sick',
      instance: { instance_id: 'host-1', cloud_provider: 'on_prem', state: 'running' },
      devices: [
        { ...nothing, pciBusId: null, serial: null, migEnabled: null, absences: {}, details: {}, ...device },
      ] as never,
    });
    const sick = await reader.find(
      'instance',
      ({ data }) => (data as { gpus_by_health?: { unhealthy: number } }).gpus_by_health?.unhealthy === 1,
    );
    expect(sick.data).toMatchObject({ id: instanceId });
  });
});
