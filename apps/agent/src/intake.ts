import { metricId } from '@flotilla/domain';
import { HOST_DEVICE } from './collectors/collector.js';
import type { CollectorEvent, GpuProcessFacts, Reading, Sink } from './collectors/collector.js';
import type { InventoryBook } from './inventory-book.js';
import type { Log } from './log.js';
import type { Activity } from './minute/activity.js';
import type { MinuteBook } from './minute/minute-book.js';
import type { ServerClock } from './minute/server-clock.js';
import type { Spool } from './spool/spool.js';
import { XidEvents } from './xid-events.js';

export interface IntakeOptions {
  readonly book: MinuteBook;
  readonly activity: Activity;
  readonly inventory: InventoryBook;
  readonly spool: Spool;
  readonly serverClock: ServerClock;
  readonly log: Log;
}

const GPU_UTILIZATION = metricId('gpu_utilization');
/** Bytes of an event's details; more is cut off as a whole. */
const DETAILS_CAP = 8 * 1024;

/** Who looks on: told the same as the sinks, by the name of the collector, before it is kept. Must not throw or wait. */
export type Watcher = {
  readonly [K in keyof Sink]?: (collector: string, ...said: Parameters<Sink[K]>) => void;
};

/** Takes what the collectors read to where it belongs. */
export class Intake {
  private readonly watchers: Watcher[] = [];
  /** Counts up whenever a collector's state or its message is another one. */
  stateChanges = 0;
  private readonly states = new Map<string, { name: string; state: string; message: string }>();
  /** Devices whose utilisation the driver does not have: MIG instances and the GPUs that hold them. */
  private readonly withoutUtilization = new Set<string>();
  private readonly xids = new XidEvents();
  private processesToSend: readonly GpuProcessFacts[] | null = null;

  constructor(private readonly options: IntakeOptions) {}

  get collectorStates(): { name: string; state: string; message: string }[] {
    return [...this.states.values()];
  }

  /** Takes up the open minute of an earlier run, for the history of idleness too. */
  recover(): void {
    const samples = this.options.book.recover();
    for (const { device, minuteS, second, values } of samples) {
      this.noteActivity(device, (minuteS + second) * 1000, values);
    }
    if (samples.length > 0) {
      this.options.log.info({ samples: samples.length }, 'recovered the minute that was open when the agent ended');
    }
  }

  /** GPU processes, when they were read since the last call. */
  takeProcesses(): readonly GpuProcessFacts[] | null {
    const taken = this.processesToSend;
    this.processesToSend = null;
    return taken;
  }

  /** Lets a part look on at everything that is read from now on. */
  watch(watcher: Watcher): void {
    this.watchers.push(watcher);
  }

  /** A sink of its own for each collector. */
  sinkOf(collector: string): Sink {
    const { book, inventory, log, serverClock, spool } = this.options;
    const takeEvent = (event: CollectorEvent) => {
      for (const watcher of this.watchers) watcher.event?.(collector, event);
      const { kind, severity, device, message, details } = event;
      const json = details ? JSON.stringify(details) : '';
      log[severity === 'low' ? 'info' : 'warn']({ kind, device }, message);
      spool.append({
        kind: 'event',
        atMs: serverClock.nowMs(),
        event: kind,
        severity,
        device,
        message: message.slice(0, 4096),
        detailsJson: json.length > DETAILS_CAP ? '{"left_out":"the details were too long"}' : json,
      });
    };
    return {
      sample: (device, atMs, values, intervalS) => {
        for (const watcher of this.watchers) watcher.sample?.(collector, device, atMs, values, intervalS);
        inventory.readings(device, values);
        book.sample(device, atMs, values, intervalS);
        this.noteActivity(device, serverClock.correct(atMs), values);
      },
      inventory: (devices, instance) => {
        for (const watcher of this.watchers) watcher.inventory?.(collector, devices, instance);
        inventory.replace(collector, devices, instance);
      },
      processes: (list) => {
        for (const watcher of this.watchers) watcher.processes?.(collector, list);
        this.processesToSend = list;
        this.noteProcesses(list, serverClock.nowMs());
      },
      event: takeEvent,
      signals: (device, atMs, signals) => {
        for (const watcher of this.watchers) watcher.signals?.(collector, device, atMs, signals);
      },
      xid: (sighting) => {
        for (const watcher of this.watchers) watcher.xid?.(collector, sighting);
        if (this.watchers.some((watcher) => watcher.xid)) return;
        const event = this.xids.of(sighting, performance.now());
        if (event) takeEvent(event);
      },
      state: (name, state, message) => {
        for (const watcher of this.watchers) watcher.state?.(collector, name, state, message);
        const before = this.states.get(name);
        this.states.set(name, { name, state, message });
        if (before?.state !== state || before.message !== message) this.stateChanges++;
        if (before?.state !== state) log[state === 'ok' ? 'info' : 'warn']({ collector: name, state }, message);
      },
    };
  }

  /** How busy a GPU is, for the idle precondition. Where it is not known nothing is noted, and a gap is not idleness. */
  private noteActivity(device: string, atMs: number, values: ReadonlyMap<number, Reading>): void {
    if (device === HOST_DEVICE) return;
    const utilization = values.get(GPU_UTILIZATION);
    if (typeof utilization === 'number') {
      this.withoutUtilization.delete(device);
      this.options.activity.note(device, atMs, utilization);
    } else if (utilization === 'unsupported') this.withoutUtilization.add(device);
  }

  /**
   * Where the driver has no utilisation (MIG), a process is the sign of use, at the moment at which the processes were
   * read: a list that is not read any more vouches for nothing. A GPU is as busy as the instances in it.
   */
  private noteProcesses(list: readonly GpuProcessFacts[], atMs: number): void {
    const used = new Set(list.map(({ device }) => device));
    for (const { uuid, parentUuid } of this.options.inventory.presentGpus) {
      if (parentUuid !== undefined && used.has(uuid)) used.add(parentUuid);
    }
    for (const device of this.withoutUtilization) this.options.activity.note(device, atMs, used.has(device) ? 100 : 0);
  }
}
