import type { AdvisedAction, FaultClass } from '@flotilla/domain';

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
  readonly healthEvidence?: string | null;
  readonly advisedAction?: AdvisedAction;
  /** When its cause was first seen, by the agent's clock. */
  readonly healthSince?: Date | null;
  readonly healthEpisodes?: readonly HealthEpisode[];
  readonly details: DeviceDetails;
}

/** One code of the driver again and again, as it is stored and shown. */
export interface HealthEpisode {
  readonly kind: 'xid' | 'sxid';
  readonly code: number;
  readonly class: FaultClass;
  readonly count: number;
  readonly first_seen: Date;
  readonly last_seen: Date;
}

/** Slow facts of a device, as they are stored and shown: wire names, what is not known is left out. */
export interface DeviceDetails {
  readonly mig?: {
    readonly profile: string | null;
    readonly gpu_instance_id: number | null;
    readonly compute_instance_id: number | null;
  };
  /** The driver's word. */
  readonly recovery_action?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly nvlinks?: readonly {
    readonly index: number;
    readonly active: boolean;
    /** Gigabytes per second and direction. */
    readonly speed_gbps: number | null;
    readonly version: string | null;
    readonly remote_bus_id: string | null;
  }[];
  readonly vgpus?: readonly {
    readonly uuid: string;
    readonly type: string;
    readonly vm_id: string | null;
    readonly vm_name: string | null;
    readonly memory_total_mib: number | null;
    readonly memory_used_mib: number | null;
    readonly licensed: boolean | null;
  }[];
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

/** Devices of one instance at most: 16 GPUs of 7 MIG instances are 128. More is a fault, or an attack on the series. */
export const MOST_DEVICES = 512;
