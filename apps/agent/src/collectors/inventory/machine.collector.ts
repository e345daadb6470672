import { hostname } from 'node:os';
import type { Cancel, Clock } from '../../clock.js';
import {
  HOST_DEVICE,
  type Collector,
  type CollectorCondition,
  type CollectorOptions,
  type DeviceFacts,
  type Sink,
} from '../collector.js';
import { CloudWatch } from './cloud-watch.js';
import type { Cloud } from './cloud/cloud-identity.js';
import { readFirmware } from './dmi.js';
import type { Firmware } from './dmi.js';
import { machineIdentity } from './identity.js';
import { instanceFacts } from './instance-facts.js';
import { kubernetesNode } from './kubernetes-node.js';
import { readSlowFacts, type SlowFacts } from './slow-facts.js';
import { slurmNode } from './slurm-node.js';
import type { SlurmNode } from './slurm-node.js';

export interface MachineOptions {
  readonly instance: CollectorOptions['instance'];
  readonly stateDir: string;
  /** How the machine finds out who it is; without it the firmware decides, and no scheduler is known. */
  readonly metadata?: CollectorOptions['metadata'];
  readonly root?: string;
}

/**
 * How long the machine waits for its cloud before it names itself, the first time that it runs. Samples do not wait:
 * they belong to the agent's own machine, whatever its name will be.
 */
const PATIENCE_MS = 1_500;

/** Knows the machine: its name, its id, what it is, where it stands, and how many GPUs of which kind it has. */
export class MachineCollector implements Collector {
  readonly name = 'machine';
  state: CollectorCondition = 'ok';
  private sink: Sink | null = null;
  private gpus: readonly DeviceFacts[] | null = null;
  private slow: SlowFacts | null = null;
  private hostId = '';
  private firmware: Firmware = { cloud: null, provider: null };
  private watch: CloudWatch | null = null;
  private kubernetes: string | null = null;
  private slurm: SlurmNode | null = null;
  private waiting: Cancel | null = null;
  private announced = '';
  private stopped = false;

  constructor(private readonly options: MachineOptions) {}

  start(sink: Sink, clock: Clock): void {
    const { instance, metadata, stateDir, root } = this.options;
    this.sink = sink;
    const { instanceId, fingerprint } = machineIdentity(stateDir, root);
    this.hostId = instanceId;
    if (metadata?.cloud !== 'none') this.firmware = readFirmware(root);
    this.kubernetes = kubernetesNode(metadata?.kubernetesNode ?? null, root);
    this.slurm = slurmNode(hostname(), metadata?.slurmNode ?? null, root);
    const cloud = this.cloudToAsk();
    if (cloud) {
      this.watch = new CloudWatch({
        cloud,
        address: metadata?.address ?? null,
        stateDir,
        fingerprint,
        clock,
        onIdentity: () => this.identified(),
        onTrouble: (sentence) => this.unidentified(sentence),
      });
    }
    const isKnown = instance.instanceId !== undefined || this.watch?.identity || this.firmware.instanceId !== undefined;
    if (!this.watch || isKnown) this.announce();
    else this.waiting = clock.after(PATIENCE_MS, () => this.announce());
    void this.watch?.ask();
    // Not waited for: a firmware that answers slowly must not hold up the first sample.
    void readSlowFacts(root).then((slow) => {
      this.slow = slow;
      this.publish();
    });
  }

  stop(): Promise<void> {
    this.stopped = true;
    this.waiting?.();
    this.watch?.stop();
    return Promise.resolve();
  }

  /** The GPUs as their reader knows them; a lost one still belongs to the machine. */
  setDevices(devices: readonly DeviceFacts[]): void {
    this.gpus = devices.filter((device) => device.kind === 'gpu');
    this.publish();
  }

  private cloudToAsk(): Cloud | null {
    const asked = this.options.metadata?.cloud ?? 'auto';
    if (asked === 'none') return null;
    return asked === 'auto' ? this.firmware.cloud : asked;
  }

  private identified(): void {
    this.announce();
    this.say('ok', `This machine is ${this.announced}.`);
  }

  private unidentified(sentence: string): void {
    const before = this.watch?.identity || this.firmware.instanceId !== undefined;
    this.announce();
    const meanwhile = before
      ? `It is shown as ${this.announced}, as it was known before; what changed since is not seen.`
      : `It is shown as ${this.announced} until it does; with instance.instance_id in the configuration nobody needs to be asked.`;
    this.say('degraded', `${sentence} ${meanwhile}`);
  }

  private announce(): void {
    this.waiting?.();
    this.waiting = null;
    if (this.stopped) return;
    const isFirst = this.announced === '';
    this.announced = this.facts().instance_id;
    this.publish();
    if (isFirst) this.say('ok', `This machine is ${this.announced}.`);
  }

  private say(state: CollectorCondition, message: string): void {
    this.state = state;
    this.sink?.state(this.name, state, message);
  }

  private facts() {
    return instanceFacts(this.options.instance, {
      hostId: this.hostId,
      slow: this.slow,
      gpus: this.gpus,
      firmware: this.firmware,
      cloud: this.watch?.identity ?? null,
      kubernetesNode: this.kubernetes,
      slurm: this.slurm,
    });
  }

  /** Nothing before the machine has a name, and nothing after its end. */
  private publish(): void {
    if (this.announced === '' || this.stopped) return;
    const host: DeviceFacts = {
      kind: 'host',
      uuid: HOST_DEVICE,
      presence: 'present',
      ...(this.slow?.processor === undefined ? {} : { model: this.slow.processor }),
      ...(this.slow ? { memoryTotalMib: this.slow.memoryTotalMib } : {}),
    };
    this.sink?.inventory([host], this.facts());
  }
}
