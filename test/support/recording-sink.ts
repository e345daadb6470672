import type {
  CollectorEvent,
  DeviceFacts,
  GpuProcessFacts,
  GpuSignals,
  Reading,
  Sink,
  XidSighting,
} from '../../apps/agent/src/collectors/collector.js';

/** Keeps all that a collector says. */
export class RecordingSink implements Sink {
  samples: { device: string; values: ReadonlyMap<number, Reading> }[] = [];
  devices: readonly DeviceFacts[] = [];
  processList: readonly GpuProcessFacts[] | null = null;
  events: CollectorEvent[] = [];
  states: string[] = [];
  readonly said = new Map<string, GpuSignals>();
  readonly xids: XidSighting[] = [];
  sample(device: string, _atMs: number, values: ReadonlyMap<number, Reading>) {
    this.samples.push({ device, values });
  }
  inventory(devices: readonly DeviceFacts[]) {
    this.devices = devices;
  }
  processes(list: readonly GpuProcessFacts[]) {
    this.processList = list;
  }
  event(event: CollectorEvent) {
    this.events.push(event);
  }
  signals(device: string, _atMs: number, signals: GpuSignals) {
    this.said.set(device, signals);
  }
  xid(sighting: XidSighting) {
    this.xids.push(sighting);
  }
  state(_: string, condition: string, message: string) {
    this.states.push(`${condition}: ${message}`);
  }
  of = (device: string) => this.samples.filter((s) => s.device === device);
  kinds = () => this.events.map((e) => e.kind);
  presence = () => Object.fromEntries(this.devices.map((d) => [d.uuid, d.presence]));
  last = () => this.states.at(-1) ?? '';
}
