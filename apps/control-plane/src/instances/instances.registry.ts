import type { AgentRef } from '@flotilla/domain';

/** A device as an inventory lists it (proto `Device`). Absent facts are null. */
export interface InventoryDevice {
  readonly kind: 'gpu' | 'mig' | 'host';
  readonly uuid: string;
  readonly gpuIndex: number | null;
  /** For MIG instances: the uuid of the GPU that holds it. */
  readonly parentUuid: string | null;
  readonly model: string | null;
  readonly memoryTotalMib: number | null;
  readonly driverVersion: string | null;
  readonly pciBusId: string | null;
  readonly serial: string | null;
  readonly migEnabled: boolean | null;
  /** Catalogue id of a metric → why this device has no value for it: unsupported, forbidden, fault. */
  readonly absences: Readonly<Record<number, string>>;
  readonly presence: 'present' | 'missing';
  readonly health: 'healthy' | 'degraded' | 'unhealthy' | 'unknown';
  readonly healthReason: string | null;
}

/** What an agent says about its own machine (proto `Inventory`). */
export interface AgentInventory {
  readonly hash: string;
  /** Element of the /sync section `instances`, as JSON was parsed; not trusted. */
  readonly instance: unknown;
  readonly devices: readonly InventoryDevice[];
}

/** What an agent sent cannot be used, whoever sends it again: the message says why, in one sentence. */
export class RefusedByRegistry extends Error {}

/** Instances as the agents know them. */
export abstract class InstanceRegistry {
  /** The agent's own instance; null as long as no inventory of it has arrived. Cached. */
  abstract own(agent: AgentRef): Promise<number | null>;
  /**
   * The instance with this provider id, if this agent may write to it: its own, one that it controls, or one that it
   * reported. An empty id means its own. Cached.
   *
   * @throws RefusedByRegistry when there is none, or it is not this agent's to write
   */
  abstract resolve(agent: AgentRef, providerId: string): Promise<number>;
}

/** Devices by uuid. */
export abstract class DeviceRegistry {
  /** The device's id; created when it is not known yet. Cached. `uuid` is 'host' for the host itself. */
  abstract resolve(
    tenantId: string,
    instanceId: number,
    uuid: string,
    hints?: { kind?: 'gpu' | 'mig' | 'host'; gpuIndex?: number | null },
  ): Promise<number>;
  /**
   * Stores the agent's own instance and its devices; devices that are not listed any more become missing.
   *
   * @returns the instance's id
   * @throws RefusedByRegistry when the inventory is not valid, or names an instance that is another agent's
   */
  abstract applyInventory(agent: AgentRef, inventory: AgentInventory): Promise<{ instanceId: number }>;
}
