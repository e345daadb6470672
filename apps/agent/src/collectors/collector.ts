import type { Clock } from '../clock.js';

/**
 * Why a device has no value for a metric: the driver does not have it (`unsupported`), does not let us read it
 * (`forbidden`), or should have it and failed (`fault`). An absence is never turned into a number.
 */
export type Absence = 'unsupported' | 'forbidden' | 'fault';

export type Reading = number | Absence;

export type CollectorCondition = 'ok' | 'degraded' | 'failed' | 'unavailable';

/** The device key of the host's own metrics; every other key is a GPU or MIG uuid as the driver spells it. */
export const HOST_DEVICE = 'host';

/** One device as the inventory knows it; the fields are those of `Device` in agent.proto. */
export interface DeviceFacts {
  readonly kind: 'gpu' | 'mig' | 'host';
  /** The device key of its samples. */
  readonly uuid: string;
  readonly index?: number;
  /** For MIG instances: the uuid of the GPU that holds it. */
  readonly parentUuid?: string;
  readonly model?: string;
  readonly memoryTotalMib?: number;
  readonly driverVersion?: string;
  readonly pciBusId?: string;
  readonly serial?: string;
  readonly migEnabled?: boolean;
  /** missing: known before, not listed by the driver any more. */
  readonly presence: 'present' | 'missing';
  readonly health?: 'healthy' | 'degraded' | 'unhealthy' | 'unknown';
  readonly healthReason?: string;
  /** For MIG instances: the profile in NVIDIA's words ("1g.10gb") and the two ids that tell it apart in its GPU. */
  readonly migProfile?: string;
  readonly gpuInstanceId?: number;
  readonly computeInstanceId?: number;
  /** What the driver advises, in its own words; "None" when it advises nothing. */
  readonly recoveryAction?: string;
  /** Slow facts by the names of ATTRIBUTES in gpu/shape.ts; what the driver does not have is not in it. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly nvlinks?: readonly NvLinkFacts[];
  /** Virtual GPUs that this GPU carries (on the hypervisor's side). */
  readonly vgpus?: readonly VgpuFacts[];
}

/** One NVLink of a GPU. */
export interface NvLinkFacts {
  readonly index: number;
  readonly active: boolean;
  /** Gigabytes per second and direction, as the link runs now. */
  readonly speedGbps?: number;
  readonly version?: string;
  /** PCI address of the other end (another GPU or a switch). */
  readonly remoteBusId?: string;
}

/** A virtual GPU on the host of a hypervisor. */
export interface VgpuFacts {
  readonly uuid: string;
  /** "GRID A100-10C" */
  readonly type: string;
  readonly vmId?: string;
  readonly vmName?: string;
  readonly memoryTotalMib?: number;
  readonly memoryUsedMib?: number;
  readonly licensed?: boolean;
}

/** An element of the `instances` section of POST /sync for the agent's own machine (API.md section 5), wire names. */
export type InstanceFacts = Readonly<Record<string, unknown>> & {
  readonly instance_id: string;
  readonly cloud_provider: string;
  readonly state: string;
};

/** A process that uses a GPU. */
export interface GpuProcessFacts {
  /** GPU or MIG uuid. */
  readonly device: string;
  readonly pid: number;
  readonly name: string;
  readonly type: 'C' | 'G' | 'C+G' | '';
  /** Absent when the driver does not tell. */
  readonly usedMemoryMib?: number;
  /** Who runs it and where, as far as this host can tell for sure (gpu/process-owner). */
  readonly user?: string;
  /** Unix milliseconds of the host's clock. */
  readonly startedAtMs?: number;
  /** The kernel's short name of the program (at most 15 characters). */
  readonly command?: string;
  /** As the container runtime calls it, at most 64 hexadecimal digits. */
  readonly containerId?: string;
  readonly containerName?: string;
  readonly podUid?: string;
  readonly podName?: string;
  readonly podNamespace?: string;
  readonly slurmJobId?: string;
  /** Percent of the time since the last reading in which it kept SMs busy (NVML alone has it). */
  readonly smPercent?: number;
}

/**
 * What a reader saw of a GPU's health that is no metric. Metrics speak of health too (throttle_reasons, ecc_…, remapped_rows_…,
 * retired_pages_…, temperature_margin, readings that are `fault`): those are in the samples and not repeated here.
 * A key that is absent: not known to this reader now.
 */
export interface GpuSignals {
  /** The driver's own words where it answers nothing for this GPU ("[GPU is lost]"); absent while it answers anything. */
  readonly unanswered?: string;
  /** Its words for the first reading that failed, while others succeed. */
  readonly fault?: string;
  /** Known from before and not listed by the driver any more. */
  readonly missing?: boolean;
  /** The driver's word, "None" included. The words are not pinned between drivers. */
  readonly recoveryAction?: string;
  /** The infoROM's checksum is wrong. */
  readonly infoRomCorrupted?: boolean;
  /** More uncorrectable SRAM errors than the maker's limit. */
  readonly sramThresholdExceeded?: boolean;
  /** A memory channel or a TPC waits for repair at the next reset; memory that cannot be repaired. */
  readonly repairPending?: boolean;
  readonly unrepairableMemory?: boolean;
  /** The driver says that only a reset helps (or that jobs should be drained first). */
  readonly resetRequired?: boolean;
  readonly drainAndResetRecommended?: boolean;
  /** Registration with Fabric Manager: "Completed", "In Progress", … and its status. "N/A" is not told. */
  readonly fabricState?: string;
  readonly fabricStatus?: string;
  /** Links that are down although the board has them. */
  readonly inactiveNvlinks?: readonly number[];
}

/** An Xid as a reader saw it; every sighting, floods included: making one episode of them is the listener's work. */
export interface XidSighting {
  readonly code: number;
  /** Device key; empty when only the place on the bus is known, or not even that. */
  readonly device: string;
  readonly busId: string;
  /** The line as it stood there, at most 500 characters; empty where there was none (NVML). */
  readonly line: string;
  /** Who saw it: nvidia-smi, nvml, kernel */
  readonly source: string;
}

export interface CollectorEvent {
  /** gpu_lost, gpu_appeared, xid, driver_changed, collector_fault, collector_recovered, ... */
  readonly kind: string;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  /** Device key; empty when it concerns no single device. */
  readonly device: string;
  /** One sentence for a person. */
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * Where a collector hands its readings. Every call returns at once, never throws and keeps what it is given: hand over
 * fresh objects. The agent gives each collector a sink of its own, so what one reports never replaces another's.
 */
export interface Sink {
  /**
   * One reading of one device.
   *
   * @param atMs Unix milliseconds of the host's own clock at the reading; the agent corrects it
   * @param values by catalogue id (libs/domain, telemetry/catalogue); what was not asked for is simply not in the map
   * @param intervalS seconds between two readings of this device where that is not the agent's interval
   */
  sample(deviceKey: string, atMs: number, values: ReadonlyMap<number, Reading>, intervalS?: number): void;
  /**
   * Everything that this collector knows now: a full replacement of what it said before. The agent sends it only when
   * it changed. `instance` comes from the one collector that knows the machine.
   */
  inventory(devices: readonly DeviceFacts[], instance?: InstanceFacts): void;
  /** All GPU processes as read last; an empty list means that there are none. */
  processes(list: readonly GpuProcessFacts[]): void;
  event(event: CollectorEvent): void;
  /** With every reading of a GPU, changed or not: silence means that nobody reads it. Replaces what was said before. */
  signals(deviceKey: string, atMs: number, signals: GpuSignals): void;
  xid(sighting: XidSighting): void;
  /** Call it when the condition changes; `message` is a sentence that says what is wrong and what mends it. */
  state(collector: string, condition: CollectorCondition, message: string): void;
}

/** A reader of something on the host. It must never throw out of a timer: trouble becomes a state and an event. */
export interface Collector {
  readonly name: string;
  /** The last condition given to `sink.state`. */
  readonly state: CollectorCondition;
  /** Starts reading; resolves at once, also where there is nothing to read. */
  start(sink: Sink, clock: Clock): void | Promise<void>;
  /** Stops every timer and child process; resolves when they are gone. Safe to call twice. */
  stop(): Promise<void>;
  /** The server asked for another interval between two samples of the hot fields. */
  setInterval?(seconds: number): void;
}

/** What the agent's settings say to the collectors; `createCollectors` in index.ts takes it. */
export interface CollectorOptions {
  /** What reads the GPUs. */
  readonly reader: 'nvidia-smi' | 'nvml';
  /** Path or name of nvidia-smi. */
  readonly nvidiaSmi: string;
  /** Path or name of libnvidia-ml. */
  readonly nvmlLibrary: string;
  /** Seconds between two samples of the hot fields. */
  readonly intervalS: number;
  /** Facts that the operator fixed in the configuration; they win over what is detected. */
  readonly instance: {
    readonly instanceId?: string;
    readonly cloudProvider?: string;
    readonly region?: string;
    readonly instanceType?: string;
    readonly name?: string;
    readonly hourlyCost?: number;
    readonly currency?: string;
    readonly tags?: Readonly<Record<string, string>>;
  };
  /** How the machine finds out who it is. */
  readonly metadata?: {
    /** auto: the firmware says which cloud, if any. */
    readonly cloud: 'auto' | 'none' | 'aws' | 'gcp' | 'azure';
    /** Of the metadata service; null: where the clouds have it. */
    readonly address: string | null;
    /** As the pod was told; null: nobody said. */
    readonly kubernetesNode: string | null;
    /** As slurmd was told; null: slurm.conf tells. */
    readonly slurmNode: string | null;
  };
  /** Folder that the agent may write, for what must outlive a restart (for example the known GPUs). */
  readonly stateDir: string;
}
