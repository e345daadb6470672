import { setTimeout as sleep } from 'node:timers/promises';
import type { Device, Inventory } from '@flotilla/contracts/agent';
import type { AgentRef } from '@flotilla/domain';
import { systemActor } from '@flotilla/persistence';
import type { Db } from '@flotilla/persistence';
import { RefusedByRegistry } from '../../instances/index.js';
import type { AgentInventory, DeviceRegistry, InventoryDevice } from '../../instances/index.js';
import { cleanText } from '../grpc/text.js';
import type { GatewayLog } from '../grpc/log.js';
import { detailsOf } from './device-details.js';
import type { Gate } from './gate.js';
import { healthOf } from './inventory-health.js';
import { saveInventoryHash } from './sessions.store.js';

const DEVICES_MAX = 512;
const KINDS = ['gpu', 'mig', 'host'] as const;
const HEALTH = ['healthy', 'degraded', 'unhealthy', 'unknown'] as const;

interface Owner {
  readonly agent: AgentRef;
  readonly epoch: number;
  readonly pulse: { error(message: string): void };
  isClosed(): boolean;
}

/** Takes the inventories of one stream, one after another; of several that wait, the last. */
export class InventoryDesk {
  private waiting: Inventory | undefined;
  private working = false;

  constructor(
    private readonly deps: {
      readonly db: Pick<Db, 'write'>;
      readonly devices: DeviceRegistry;
      readonly writes: Gate;
      readonly log: GatewayLog;
    },
    private readonly owner: Owner,
    private readonly onStored: () => void,
  ) {}

  async take(inventory: Inventory): Promise<void> {
    this.waiting = inventory;
    if (this.working) return;
    this.working = true;
    while (this.waiting && !this.owner.isClosed()) {
      const next: Inventory = this.waiting;
      this.waiting = undefined;
      try {
        await this.deps.writes.run(() => this.store(next));
      } catch (error) {
        this.deps.log.warn({ err: error, ...this.owner.agent }, 'an inventory was not stored, trying again');
        this.waiting ??= next;
        await sleep(2_000);
      }
    }
    this.working = false;
  }

  private async store(wire: Inventory): Promise<void> {
    const { agent } = this.owner;
    try {
      await this.deps.devices.applyInventory(agent, inventoryOf(wire));
    } catch (error) {
      if (!(error instanceof RefusedByRegistry)) throw error;
      this.owner.pulse.error(`inventory: ${error.message}`);
      return this.deps.log.warn({ ...agent, reason: error.message }, 'an inventory was refused');
    }
    const hash = cleanText(wire.hash, 128);
    if (hash) {
      await this.deps.db.write(systemActor(agent.tenantId, 'agent gateway'), async (tx) => {
        tx.withoutAudit('the registry recorded what changed');
        await saveInventoryHash(tx, agent, this.owner.epoch, hash);
      });
    }
    this.onStored();
  }
}

/** @throws RefusedByRegistry when the instance is no JSON */
export function inventoryOf(wire: Inventory): AgentInventory {
  let instance: unknown;
  try {
    instance = JSON.parse(wire.instanceJson.toString('utf8'));
  } catch {
    throw new RefusedByRegistry('instance_json is no JSON');
  }
  return { hash: cleanText(wire.hash, 128) ?? '', instance, devices: wire.devices.slice(0, DEVICES_MAX).map(deviceOf) };
}

const oneOf = <T extends string>(all: readonly T[], text: string, otherwise: T): T =>
  all.find((one) => one === text) ?? otherwise;

function deviceOf(wire: Device): InventoryDevice {
  return {
    kind: oneOf(KINDS, wire.kind, 'gpu'),
    uuid: cleanText(wire.uuid, 128) ?? '',
    gpuIndex: wire.index !== undefined && wire.index <= 32_767 ? wire.index : null,
    parentUuid: cleanText(wire.parentUuid, 128),
    model: cleanText(wire.model, 128),
    memoryTotalMib: wire.memoryTotalMib !== undefined && wire.memoryTotalMib < 2 ** 40 ? wire.memoryTotalMib : null,
    driverVersion: cleanText(wire.driverVersion, 64),
    pciBusId: cleanText(wire.pciBusId, 64),
    serial: cleanText(wire.serial, 128),
    migEnabled: wire.migEnabled ?? null,
    absences: Object.fromEntries(
      Object.entries(wire.absences)
        .slice(0, 256)
        .map(([id, why]) => [Number(id), oneOf(['unsupported', 'forbidden', 'fault'], why, 'fault')]),
    ),
    presence: oneOf(['present', 'missing'] as const, wire.presence, 'present'),
    health: oneOf(HEALTH, wire.health, 'unknown'),
    healthReason: cleanText(wire.healthReason, 500),
    ...healthOf(wire),
    details: detailsOf(wire),
  };
}
