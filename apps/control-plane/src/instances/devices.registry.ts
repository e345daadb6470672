import { Injectable } from '@nestjs/common';
import { InstanceElement } from '@flotilla/contracts';
import { metricById } from '@flotilla/domain';
import type { AgentRef } from '@flotilla/domain';
import { Db, systemActor } from '@flotilla/persistence';
import type { WriteTx } from '@flotilla/persistence';
import { AgentActors, Controllers, FLEET_CHANGES_CHANNEL } from '../actions/index.js';
import { APPLY_DEVICES } from './devices.sql.js';
import type { AppliedDevice } from './devices.sql.js';
import { BoundedCache } from './bounded-cache.js';
import { reportInstance } from './instance-report.js';
import { InstanceRegistry } from './instances.registry.js';
import { MOST_DEVICES, RefusedByRegistry } from './inventory.js';
import type { AgentInventory, InventoryDevice } from './inventory.js';

interface DeviceHints {
  readonly kind?: 'gpu' | 'mig' | 'host';
  readonly gpuIndex?: number | null;
}

/** Devices by uuid. */
@Injectable()
export class DeviceRegistry {
  // ids never change while their row lives, so an hour only bounds what a deleted instance leaves behind
  private readonly ids = new BoundedCache<number>(200_000, 3_600_000);
  private readonly byIndex = new BoundedCache<number>(100_000, 30_000);

  constructor(
    private readonly db: Db,
    private readonly actors: AgentActors,
    private readonly controllers: Controllers,
    private readonly instances: InstanceRegistry,
  ) {}

  /**
   * The device's id; created when it is not known yet. Cached. `uuid` is 'host' for the host itself.
   *
   * @throws RefusedByRegistry when the instance has more devices than a machine can have
   */
  async resolve(tenantId: string, instanceId: number, uuid: string, hints: DeviceHints = {}): Promise<number> {
    const key = `${instanceId} ${uuid}`;
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    if (uuid.length === 0 || uuid.length > 128) throw new RefusedByRegistry('a device uuid has 1 to 128 characters');
    const kind = hints.kind ?? (uuid === 'host' ? 'host' : uuid.startsWith('MIG-') ? 'mig' : 'gpu');
    const values = [tenantId, instanceId, uuid];
    const id = await this.db.write(systemActor(tenantId, 'devices'), async (tx) => {
      tx.withoutAudit('a device that has samples before its inventory came');
      const found = await tx.row<{ id: number }>(FIND, values);
      if (found) return found.id;
      const made = await tx.row<{ id: number }>(
        `INSERT INTO flotilla.devices (tenant_id, instance_id, uuid, kind, gpu_index, last_seen_at)
         SELECT $1, i.id, $3, $4, $5, now() FROM flotilla.instances i
          WHERE i.tenant_id = $1 AND i.id = $2 AND (
            SELECT count(*) FROM flotilla.devices d WHERE d.tenant_id = $1 AND d.instance_id = $2) < ${MOST_DEVICES}
         ON CONFLICT (tenant_id, instance_id, uuid) DO NOTHING RETURNING id`,
        [...values, kind, hints.gpuIndex ?? null],
      );
      return made?.id ?? (await tx.row<{ id: number }>(FIND, values))?.id;
    });
    if (id === undefined) {
      throw new RefusedByRegistry(`instance ${instanceId} is gone, or has ${MOST_DEVICES} devices already`);
    }
    this.ids.set(key, id);
    return id;
  }

  /**
   * The GPU at this index, for sources that give no uuid: the present one that the inventory lists there, otherwise one
   * known by its index alone.
   */
  async resolveIndex(tenantId: string, instanceId: number, gpuIndex: number): Promise<number> {
    const key = `${instanceId} #${gpuIndex}`;
    const known = this.byIndex.get(key);
    if (known !== undefined) return known;
    const row = await this.db.read({ tenantId }, (tx) =>
      tx.row<{ id: number }>(
        `SELECT d.id FROM flotilla.devices d
          WHERE d.tenant_id = $1 AND d.instance_id = $2 AND d.kind = 'gpu' AND d.gpu_index = $3
          ORDER BY d.presence = 'present' DESC, d.uuid LIKE 'index:%', d.last_seen_at DESC NULLS LAST LIMIT 1`,
        [tenantId, instanceId, gpuIndex],
      ),
    );
    const id = row?.id ?? (await this.resolve(tenantId, instanceId, `index:${gpuIndex}`, { kind: 'gpu', gpuIndex }));
    this.byIndex.set(key, id);
    return id;
  }

  /**
   * Stores the agent's own instance and its devices; devices that are not listed any more become missing.
   *
   * @returns the instance's id
   * @throws RefusedByRegistry when the inventory is not valid, or names an instance that is another agent's
   */
  async applyInventory(agent: AgentRef, inventory: AgentInventory): Promise<{ instanceId: number }> {
    const parsed = InstanceElement.safeParse(inventory.instance);
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      throw new RefusedByRegistry(`the inventory's instance is not valid: ${issue.path.join('.')}: ${issue.message}`);
    }
    if (inventory.devices.length > MOST_DEVICES) {
      throw new RefusedByRegistry(
        `the inventory lists ${inventory.devices.length} devices; ${MOST_DEVICES} are the most`,
      );
    }
    const actor = await this.actors.of(agent);
    const stored = await this.db.write(actor, async (tx) => {
      tx.withoutAudit('an inventory; a new instance and a changed state are recorded besides');
      const { id } = await reportInstance(tx, this.controllers, { agent, label: actor.label, own: true }, parsed.data);
      const devices = await storeDevices(tx, agent.tenantId, id, inventory.devices);
      return { id, devices };
    });
    for (const device of stored.devices) this.ids.set(`${stored.id} ${device.uuid}`, device.id);
    this.instances.changed(agent, parsed.data.instance_id, stored.id, true);
    return { instanceId: stored.id };
  }
}

/** Stores what is listed as all devices of this instance; its row must be locked. */
export async function storeDevices(
  tx: WriteTx,
  tenantId: string,
  instanceId: number,
  listed: readonly InventoryDevice[],
): Promise<AppliedDevice[]> {
  const values = [tenantId, instanceId, JSON.stringify(withHost(listed).map(deviceRow))];
  const devices = await tx.rows<AppliedDevice>(APPLY_DEVICES, values);
  if (devices.some((device) => device.health_changed)) {
    await tx.notify(FLEET_CHANGES_CHANNEL, JSON.stringify({ tenant_id: tenantId, kind: 'instance', id: instanceId }));
  }
  return devices;
}

const HOST: InventoryDevice = {
  kind: 'host',
  uuid: 'host',
  gpuIndex: null,
  parentUuid: null,
  model: null,
  memoryTotalMib: null,
  driverVersion: null,
  pciBusId: null,
  serial: null,
  migEnabled: null,
  absences: {},
  presence: 'present',
  health: 'unknown',
  healthReason: null,
  details: {},
};

/** Every machine has itself; of two devices with one uuid the last counts. */
function withHost(devices: readonly InventoryDevice[]): InventoryDevice[] {
  const byUuid = new Map(devices.map((device) => [device.uuid, device]));
  if (!byUuid.has('host')) byUuid.set('host', HOST);
  return [...byUuid.values()].filter((device) => device.uuid.length > 0 && device.uuid.length <= 128);
}

function deviceRow(device: InventoryDevice) {
  return {
    kind: device.kind,
    uuid: device.uuid,
    gpu_index: device.gpuIndex,
    parent_uuid: device.parentUuid,
    model: device.model,
    memory_total_mib: device.memoryTotalMib,
    driver_version: device.driverVersion,
    pci_bus_id: device.pciBusId,
    serial: device.serial,
    mig_enabled: device.migEnabled,
    absences: Object.fromEntries(
      Object.entries(device.absences).flatMap(([id, why]) => {
        const metric = metricById(Number(id));
        return metric ? [[metric.name, why]] : [];
      }),
    ),
    presence: device.presence,
    health: device.health,
    health_reason: device.healthReason,
    health_evidence: device.healthEvidence ?? null,
    advised_action: device.advisedAction ?? 'none',
    health_since: device.healthSince ?? null,
    health_episodes: device.healthEpisodes ?? [],
    details: device.details,
  };
}

const FIND = 'SELECT d.id FROM flotilla.devices d WHERE d.tenant_id = $1 AND d.instance_id = $2 AND d.uuid = $3';
