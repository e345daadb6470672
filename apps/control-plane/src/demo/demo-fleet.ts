import { Injectable } from '@nestjs/common';
import { metricId, simulatedFleet, simulatedHealth } from '@flotilla/domain';
import type { AgentRef, SimulatedGpu, SimulatedInstance } from '@flotilla/domain';
import { Db, systemActor } from '@flotilla/persistence';
import { Controllers } from '../actions/index.js';
import { DeviceRegistry } from '../instances/index.js';
import type { InventoryDevice } from '../instances/index.js';
import { DemoPower } from './demo-power.js';
import { DEMO_INTERVAL_S, DEMO_SEED } from './demo.types.js';
import type { DemoFleet, DemoMachine } from './demo.types.js';

/** What the controller of each provider is called when it announces itself. */
export const CONTROL_KINDS: Readonly<Record<string, string>> = {
  aws: 'aws-ec2',
  gcp: 'gcp-compute',
  azure: 'azure-vm',
  lambda: 'lambda-cloud',
  on_prem: 'redfish',
};
const VERSION = 'simulated';
const DRIVER = '570.86.15';

/** Brings the simulated fleet into the database, the way agents would: enrolled, announced, with an inventory each. */
@Injectable()
export class DemoFleets {
  constructor(
    private readonly db: Db,
    private readonly controllers: Controllers,
    private readonly devices: DeviceRegistry,
    private readonly power: DemoPower,
  ) {}

  /** Makes what is not there yet, and finds what is. Marks the tenant as simulated. */
  async enlist(tenantId: string, nowMs: number): Promise<DemoFleet> {
    const fleet = simulatedFleet(DEMO_SEED);
    const providers = [...new Set(fleet.map((instance) => instance.cloudProvider))];
    const agents = await this.enrol(tenantId, [
      ...fleet.map((instance) => ({
        hostname: instance.name,
        fingerprint: `simulated:${instance.providerId}`,
        controls: [],
      })),
      ...providers.map((provider) => ({
        hostname: `controller-${provider}`,
        fingerprint: `simulated:${provider}`,
        controls: [CONTROL_KINDS[provider] ?? provider],
      })),
    ]);
    const agentOf = (name: string): AgentRef => ({ tenantId, agentId: agents.get(`simulated:${name}`) ?? '' });
    const machines: DemoMachine[] = [];
    for (const instance of fleet) machines.push(await this.register(agentOf(instance.providerId), instance, nowMs));
    const controllers = providers.map((cloudProvider) => ({ agent: agentOf(cloudProvider), cloudProvider }));
    for (const { agent, cloudProvider } of controllers) {
      const instanceIds = fleet.filter((one) => one.cloudProvider === cloudProvider).map((one) => one.providerId);
      await this.controllers.announce(agent, [
        {
          kind: CONTROL_KINDS[cloudProvider] ?? cloudProvider,
          verbs: ['start', 'stop'],
          instanceIds,
          scope: {},
          level: 'power',
        },
      ]);
    }
    return { tenantId, machines, controllers };
  }

  /** Agents by fingerprint. */
  private async enrol(
    tenantId: string,
    wanted: readonly { hostname: string; fingerprint: string; controls: readonly string[] }[],
  ): Promise<Map<string, string>> {
    return this.db.write(systemActor(tenantId, 'demo'), async (tx) => {
      await tx.rows(`UPDATE flotilla.tenants SET simulated = true, name = 'Demo (simulated)' WHERE tenant_id = $1`, [
        tenantId,
      ]);
      const made = await tx.rows(
        `INSERT INTO flotilla.agents (tenant_id, hostname, machine_fingerprint, version, os, arch, simulated, interval_s,
           controls)
         SELECT $1, w.hostname, w.fingerprint, $3, 'linux', 'x64', true, $4,
                ARRAY(SELECT jsonb_array_elements_text(w.controls))
           FROM jsonb_to_recordset($2::jsonb) AS w (hostname text, fingerprint text, controls jsonb)
          WHERE NOT EXISTS (SELECT FROM flotilla.agents a WHERE a.tenant_id = $1 AND a.machine_fingerprint = w.fingerprint)
         RETURNING id`,
        [tenantId, JSON.stringify(wanted), VERSION, DEMO_INTERVAL_S],
      );
      if (made.length === 0) tx.withoutAudit('the simulated fleet is enrolled already');
      else await tx.record('demo.fleet_enrolled', null, { agents: made.length, simulated: true });
      // a fleet that was made before there were grants
      await tx.rows(
        `UPDATE flotilla.agents a SET controls = ARRAY(SELECT jsonb_array_elements_text(w.controls))
           FROM jsonb_to_recordset($2::jsonb) AS w (fingerprint text, controls jsonb)
          WHERE a.tenant_id = $1 AND a.machine_fingerprint = w.fingerprint AND a.controls = '{}'
            AND w.controls <> '[]'`,
        [tenantId, JSON.stringify(wanted)],
      );
      const known = await tx.rows<{ id: string; machine_fingerprint: string }>(
        `SELECT a.id, a.machine_fingerprint FROM flotilla.agents a WHERE a.tenant_id = $1 AND a.simulated`,
        [tenantId],
      );
      return new Map(known.map((row) => [row.machine_fingerprint, row.id]));
    });
  }

  private async register(agent: AgentRef, simulated: SimulatedInstance, nowMs: number): Promise<DemoMachine> {
    await this.rememberSwitch(agent, simulated);
    const inventory = simulated.gpus.map(inventoryOf);
    const { instanceId } = await this.devices.applyInventory(agent, {
      hash: `${VERSION}-${simulated.providerId}`,
      instance: elementOf(simulated, this.power.isOnAt(simulated, Math.floor(nowMs / 1000)), nowMs),
      devices: inventory,
    });
    const idOf = (uuid: string) => this.devices.resolve(agent.tenantId, instanceId, uuid);
    const devices = [];
    for (const gpu of simulated.gpus) devices.push({ gpu, deviceId: await idOf(gpu.uuid) });
    return { simulated, agent, instanceId, hostDeviceId: await idOf('host'), bornS: bornS(simulated, nowMs), devices };
  }

  /** What somebody did to the machine before the process was started anew. */
  private async rememberSwitch(agent: AgentRef, simulated: SimulatedInstance): Promise<void> {
    const row = await this.db.read(agent, (tx) =>
      tx.row<{ state: string; state_changed_at: Date }>(
        `SELECT i.state, i.state_changed_at FROM flotilla.instances i
          WHERE i.tenant_id = $1 AND i.cloud_provider = $2 AND i.provider_id = $3 AND i.state_source = 'action'`,
        [agent.tenantId, simulated.cloudProvider, simulated.providerId],
      ),
    );
    if (row) this.power.switch(simulated.providerId, row.state === 'running', row.state_changed_at.getTime() / 1000);
  }
}

/** Projects that began lately, days ago: what a month costs changes because of something. */
const NEW_PROJECTS: Readonly<Record<string, number>> = { 'scene-segmentation': 19, 'video-captions': 9 };

/** When a machine was bought or rented, Unix seconds; most are older than the past that is told. */
function bornS({ number, tags }: SimulatedInstance, nowMs: number): number {
  const today = Math.floor(nowMs / 86_400_000);
  return (today - (NEW_PROJECTS[tags['project'] ?? ''] ?? 90 + number)) * 86_400;
}

/** The element of a /sync section `instances` for this machine. */
export function elementOf(simulated: SimulatedInstance, isOn: boolean, nowMs: number) {
  return {
    instance_id: simulated.providerId,
    cloud_provider: simulated.cloudProvider,
    state: isOn ? 'running' : 'stopped',
    region: simulated.region,
    instance_type: simulated.instanceType,
    gpu_type: simulated.gpuType,
    gpu_count: simulated.gpuCount,
    tags: simulated.tags,
    hourly_cost: simulated.hourlyCostUsd,
    currency: 'USD',
    // made-up disks hold nothing that a stop could lose, whatever the real type has
    local_disks: 'disposable',
    name: simulated.name,
    created_at: new Date(bornS(simulated, nowMs) * 1000).toISOString(),
  } as const;
}

function inventoryOf(gpu: SimulatedGpu, index: number): InventoryDevice {
  const { health, reason } = simulatedHealth(gpu);
  const absent = gpu.kind === 'mig' || gpu.migEnabled ? ['gpu_utilization', 'memory_controller_utilization'] : [];
  const absences = Object.fromEntries(
    ['fan_speed', ...absent].map((name) => [metricId(name as Parameters<typeof metricId>[0]), 'unsupported']),
  );
  return {
    kind: gpu.kind,
    uuid: gpu.uuid,
    gpuIndex: gpu.gpuIndex,
    parentUuid: gpu.parentUuid,
    model: gpu.kind === 'mig' ? `${gpu.model.name} MIG 3g.40gb` : gpu.model.name,
    memoryTotalMib: gpu.memoryTotalMib,
    driverVersion: DRIVER,
    pciBusId:
      gpu.kind === 'gpu' ? `00000000:${(0x10 + index * 0x0b).toString(16).padStart(2, '0').toUpperCase()}:00.0` : null,
    serial: null,
    migEnabled: gpu.kind === 'gpu' ? gpu.migEnabled : null,
    absences,
    presence: 'present',
    health,
    healthReason: reason,
    details: {},
  };
}
