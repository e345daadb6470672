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
  readonly user?: string;
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
   */
  sample(deviceKey: string, atMs: number, values: ReadonlyMap<number, Reading>): void;
  /**
   * Everything that this collector knows now: a full replacement of what it said before. The agent sends it only when
   * it changed. `instance` comes from the one collector that knows the machine.
   */
  inventory(devices: readonly DeviceFacts[], instance?: InstanceFacts): void;
  /** All GPU processes as read last; an empty list means that there are none. */
  processes(list: readonly GpuProcessFacts[]): void;
  event(event: CollectorEvent): void;
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
  /** Path or name of nvidia-smi. */
  readonly nvidiaSmi: string;
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
  /** Folder that the agent may write, for what must outlive a restart (for example the known GPUs). */
  readonly stateDir: string;
}
