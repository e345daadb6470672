import { hostname } from 'node:os';
import type { Clock } from '../../clock.js';
import {
  HOST_DEVICE,
  type Collector,
  type CollectorCondition,
  type CollectorOptions,
  type DeviceFacts,
  type InstanceFacts,
  type Sink,
} from '../collector.js';
import { machineIdentity } from './identity.js';
import { readSlowFacts, type SlowFacts } from './slow-facts.js';

export interface MachineOptions {
  readonly instance: CollectorOptions['instance'];
  readonly stateDir: string;
  readonly root?: string;
}

/** Knows the machine: its name, its id, what it is, and how many GPUs of which kind it has. */
export class MachineCollector implements Collector {
  readonly name = 'machine';
  state: CollectorCondition = 'ok';
  private sink: Sink | null = null;
  private gpus: readonly DeviceFacts[] | null = null;
  private slow: SlowFacts | null = null;
  private instanceId = '';
  private stopped = false;

  constructor(private readonly options: MachineOptions) {}

  start(sink: Sink, _clock: Clock): void {
    this.sink = sink;
    this.instanceId =
      this.options.instance.instanceId ?? machineIdentity(this.options.stateDir, this.options.root).instanceId;
    this.publish();
    sink.state(this.name, 'ok', `This machine is ${this.instanceId}.`);
    // Not waited for: a firmware that answers slowly must not hold up the first sample.
    void readSlowFacts(this.options.root).then((slow) => {
      this.slow = slow;
      if (!this.stopped) this.publish();
    });
  }

  stop(): Promise<void> {
    this.stopped = true;
    return Promise.resolve();
  }

  /** The GPUs as their reader knows them; a lost one still belongs to the machine. */
  setDevices(devices: readonly DeviceFacts[]): void {
    this.gpus = devices.filter((device) => device.kind === 'gpu');
    if (!this.stopped) this.publish();
  }

  private publish(): void {
    const host: DeviceFacts = {
      kind: 'host',
      uuid: HOST_DEVICE,
      presence: 'present',
      ...(this.slow?.processor === undefined ? {} : { model: this.slow.processor }),
      ...(this.slow ? { memoryTotalMib: this.slow.memoryTotalMib } : {}),
    };
    this.sink?.inventory([host], instanceFacts(this.options.instance, this.instanceId, this.slow, this.gpus));
  }
}

/**
 * The machine as an element of the `instances` section. What the operator fixed wins; what nobody knows is left out, and
 * `gpu_count` is 0 only where the PCI bus was read and holds no GPU.
 */
export function instanceFacts(
  fixed: CollectorOptions['instance'],
  instanceId: string,
  slow: SlowFacts | null,
  gpus: readonly DeviceFacts[] | null,
): InstanceFacts {
  const instanceType = fixed.instanceType ?? slow?.machineModel;
  const gpuType = commonModel(gpus ?? []);
  const gpuCount = gpus && gpus.length > 0 ? gpus.length : slow?.nvidiaDevices;
  return {
    instance_id: instanceId,
    cloud_provider: fixed.cloudProvider ?? 'on_prem',
    state: 'running',
    name: fixed.name ?? hostname(),
    ...(fixed.region === undefined ? {} : { region: fixed.region }),
    ...(instanceType === undefined ? {} : { instance_type: instanceType }),
    ...(gpuType === undefined ? {} : { gpu_type: gpuType }),
    ...(gpuCount === undefined ? {} : { gpu_count: gpuCount }),
    ...(fixed.hourlyCost === undefined ? {} : { hourly_cost: fixed.hourlyCost }),
    ...(fixed.currency === undefined ? {} : { currency: fixed.currency }),
    ...(fixed.tags === undefined ? {} : { tags: fixed.tags }),
  };
}

/** The model that most of the GPUs are; of equals the first. */
function commonModel(gpus: readonly DeviceFacts[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { model } of gpus) if (model !== undefined) counts.set(model, (counts.get(model) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
