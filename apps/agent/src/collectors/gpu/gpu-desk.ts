import { metricId } from '@flotilla/domain';
import type { Clock } from '../../clock.js';
import type { CollectorCondition, DeviceFacts, GpuSignals, Reading, Sink } from '../collector.js';
import { GpuCensus, type Change } from './census.js';
import { CounterBook } from './counters.js';
import { memoryShareOf } from './faults.js';
import { firstLook } from './first-look.js';
import { Incidents } from './incidents.js';
import { KnownGpuFile, type KnownGpu } from './known-gpus.js';
import { ProcessList } from './process-list.js';
import type { GpuInventory, GpuReading, MigDetail } from './shape.js';

const SHARE = metricId('memory_utilization');
const TOTAL = metricId('memory_total_mib');
/** Slow values of MIG instances come with the slow reading. */
const DETAIL_S = 60;

export interface Trouble {
  readonly condition: Exclude<CollectorCondition, 'ok'>;
  /** What is wrong and what mends it. */
  readonly message: string;
}

/** What can be wrong with a reader, worst first; the first of them speaks. GPUs that are missing stand between. */
const BEFORE_MISSING = ['reading'] as const;
const AFTER_MISSING = ['nameless', 'detail', 'mode', 'board'] as const;
export type TroubleKind = (typeof BEFORE_MISSING)[number] | (typeof AFTER_MISSING)[number];

export interface GpuDeskOptions {
  /** The collector's name. */
  readonly name: string;
  /** What it reads with, as sentences say it. */
  readonly through: string;
  readonly stateDir: string;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly intervalS: () => number;
  /** Something came or went: take a slow reading soon. */
  readonly wishDetail: () => void;
  /** The driver changed under the reader: find out anew what it has. */
  readonly driverChanged: () => void;
  /** Told of every change of the devices, for the facts about the machine. */
  readonly onDevices?: ((devices: readonly DeviceFacts[]) => void) | undefined;
  /** Root of the proc file system; tests have their own. */
  readonly procRoot?: string | undefined;
}

/**
 * Where every reader of GPUs hands in what it read: makes samples, inventory, processes, events, signals of health and the
 * collector's condition of it. It knows which GPUs there were, also before the last restart, and misses those that are gone.
 *
 * A reader calls, at every interval, `reading` for each GPU and then `listed` with all that the driver lists; about once a
 * minute `detailed`; `unanswered` for a GPU that gives an error in place of a reading; `xid` for each one that it sees;
 * `trouble` when something is wrong with the reading itself, and again with null when it is mended.
 */
export class GpuDesk {
  condition: CollectorCondition = 'unavailable';
  private message = '';
  private readonly census: GpuCensus;
  private readonly counters = new CounterBook();
  private readonly incidents: Incidents;
  private readonly processes: ProcessList;
  private readonly file: KnownGpuFile;
  private readonly troubles = new Map<TroubleKind, Trouble>();
  private readonly slow = new Map<string, { values: ReadonlyMap<number, Reading> | null; signals: GpuSignals }>();
  private readonly corrupted = new Set<string>();
  private driverVersion: string | undefined;
  private devicesSent = '';
  private closed = false;

  constructor(private readonly options: GpuDeskOptions) {
    const { stateDir, clock, sink, procRoot } = options;
    this.file = new KnownGpuFile(stateDir);
    this.census = new GpuCensus(this.file.load(clock.nowMs()));
    this.incidents = new Incidents(sink);
    this.processes = new ProcessList(this.census, clock, procRoot);
  }

  /** GPUs that the driver listed in this run and still lists. */
  get present(): KnownGpu[] {
    return this.census.present;
  }

  /** The known GPU at a place on the bus, however it is spelled. */
  atBus(busId: string): KnownGpu | undefined {
    return this.census.atBus(busId);
  }

  /** The device key of a MIG instance; undefined before the first `detailed` that has it. */
  migDevice(gpuUuid: string, gpuInstance: number, computeInstance?: number): string | undefined {
    return this.census.migDevice(gpuUuid, gpuInstance, computeInstance);
  }

  /** One GPU at one moment. */
  reading({ uuid, atMs, facts, values, counters, signals }: GpuReading): void {
    const { sink, clock } = this.options;
    const all = new Map(values);
    for (const [id, value] of this.counters.since(uuid, clock.monotonicMs(), counters)) all.set(id, value);
    const share = memoryShareOf(values);
    if (share !== undefined) all.set(SHARE, share);
    const total = values.get(TOTAL);
    const slow = this.slow.get(uuid);
    // What the slow reading found before the GPU fell silent is no reading of now.
    const joining = signals.unanswered === undefined ? (slow?.values ?? []) : [];
    for (const [id, value] of joining) if (!all.has(id)) all.set(id, value);
    if (slow) slow.values = null;
    const told = { ...slow?.signals, ...signals, ...(this.corrupted.has(uuid) ? { infoRomCorrupted: true } : {}) };
    const memory = typeof total === 'number' ? { memoryTotalMib: total } : {};
    this.census.saw({ ...facts, ...memory, uuid, lastSeenMs: atMs }, firstLook(all, told), told.recoveryAction);
    sink.sample(uuid, atMs, all);
    sink.signals(uuid, atMs, told);
    this.incidents.reading(uuid, signals);
  }

  /** One MIG instance at one moment, for readers that can read one by itself. */
  migReading(device: string, atMs: number, values: ReadonlyMap<number, Reading>): void {
    const all = new Map(values);
    const share = memoryShareOf(values);
    if (share !== undefined) all.set(SHARE, share);
    this.options.sink.sample(device, atMs, all);
  }

  /**
   * The driver gives an error in place of this GPU's reading.
   *
   * @param metrics catalogue ids that the reading would have had: all of them are faults
   */
  unanswered(uuid: string, words: string, metrics: readonly number[]): void {
    const { sink, clock } = this.options;
    const atMs = clock.nowMs();
    const values = new Map<number, Reading>(metrics.map((id) => [id, 'fault']));
    const signals: GpuSignals = { unanswered: words };
    sink.sample(uuid, atMs, values);
    sink.signals(uuid, atMs, signals);
    this.census.saw({ uuid, lastSeenMs: atMs }, firstLook(values, signals));
    this.incidents.reading(uuid, signals);
  }

  /** All GPUs that the driver lists now: who was here and is left out twice is missing. */
  listed(uuids: ReadonlySet<string>): void {
    this.applyChange(this.census.listed(uuids, this.options.clock.nowMs()));
    for (const { uuid } of this.census.missing) {
      this.slow.delete(uuid);
      this.counters.forget(uuid);
      this.options.sink.signals(uuid, this.options.clock.nowMs(), { missing: true });
    }
    this.publish();
  }

  /** The slow reading. */
  detailed(inventory: GpuInventory): void {
    const { sink, clock, driverChanged } = this.options;
    const nowMs = clock.nowMs();
    const { driverVersion } = inventory;
    if (driverVersion !== undefined && driverVersion !== this.driverVersion) {
      if (this.driverVersion !== undefined) {
        const message = `The NVIDIA driver changed from ${this.driverVersion} to ${driverVersion}.`;
        sink.event({ kind: 'driver_changed', severity: 'medium', device: '', message });
        driverChanged();
      }
      this.driverVersion = driverVersion;
    }
    this.census.detailed(inventory, nowMs);
    for (const { uuid, values, signals, mig } of inventory.gpus) {
      this.slow.set(uuid, { values, signals });
      for (const instance of mig) this.slowMig(uuid, instance, nowMs);
    }
    const listed = new Set(inventory.gpus.map((gpu) => gpu.uuid));
    // A filtered or half answer (the driver counts more than it lists) is no proof of absence.
    if ((inventory.attachedGpus ?? 0) <= listed.size) this.applyChange(this.census.listed(listed, nowMs));
    this.publish();
    this.file.save(this.census.known);
    void this.publishProcesses(inventory);
  }

  /** The checksum of the board's infoROM is wrong; it stays so until the agent starts anew. */
  infoRomCorrupted(uuid: string): void {
    this.corrupted.add(uuid);
  }

  /** An Xid that the reader saw, each time that it sees one. `busId` may be empty. */
  xid(code: number, busId: string, line: string, source: string): void {
    const device = busId === '' ? '' : (this.census.atBus(busId)?.uuid ?? '');
    this.options.sink.xid({ code, device, busId, line: line.slice(0, 500), source });
  }

  /** Something is wrong with the reading (or is not any more: null). */
  trouble(kind: TroubleKind, trouble: Trouble | null): void {
    if (trouble) this.troubles.set(kind, trouble);
    else this.troubles.delete(kind);
    this.judge();
  }

  /** The reader stops: nothing is said any more, not by a look-up that is under way either. */
  close(): void {
    this.closed = true;
  }

  private slowMig(gpuUuid: string, mig: MigDetail, atMs: number): void {
    const key = this.census.migDevice(gpuUuid, mig.gpuInstance, mig.computeInstance);
    if (key === undefined || mig.values.size === 0) return;
    const all = new Map(mig.values);
    const share = memoryShareOf(mig.values);
    if (share !== undefined) all.set(SHARE, share);
    this.options.sink.sample(key, atMs, all, DETAIL_S);
  }

  private async publishProcesses({ gpus }: GpuInventory): Promise<void> {
    const processes = await this.processes.read(gpus);
    if (processes && !this.closed) this.options.sink.processes(processes);
  }

  private applyChange(change: Change): void {
    const { sink, wishDetail } = this.options;
    for (const gpu of change.lost) {
      const at = gpu.busId === undefined ? '' : ` at ${gpu.busId}`;
      sink.event({
        kind: 'gpu_lost',
        severity: 'critical',
        device: gpu.uuid,
        message: `GPU ${gpu.uuid}${gpu.model ? ` (${gpu.model})` : ''}${at} was here and is not listed by the driver any more: look for Xid 79 and NVRM lines in the kernel log.`,
      });
    }
    for (const gpu of change.appeared) {
      const message = `GPU ${gpu.uuid}${gpu.model ? ` (${gpu.model})` : ''} is listed by the driver now.`;
      sink.event({ kind: 'gpu_appeared', severity: 'low', device: gpu.uuid, message });
    }
    if (change.lost.length > 0 || change.appeared.length > 0) wishDetail();
  }

  /** Hands the devices on when anything about them changed, and judges anew. */
  private publish(): void {
    this.judge();
    if (!this.census.takeChanged()) return;
    const devices = this.census.devices();
    const text = JSON.stringify(devices);
    if (text === this.devicesSent) return;
    this.devicesSent = text;
    this.options.sink.inventory(devices);
    this.options.onDevices?.(devices);
  }

  /** One condition out of all that is known; a change between good and bad is an event. */
  private judge(): void {
    const { sink, name } = this.options;
    const { condition, message } = this.verdict();
    if (condition === this.condition && message === this.message) return;
    const wasFailed = this.condition === 'failed';
    this.condition = condition;
    this.message = message;
    sink.state(name, condition, message);
    if (condition === 'failed' && !wasFailed) {
      sink.event({ kind: 'collector_fault', severity: 'high', device: '', message });
    } else if (wasFailed && condition !== 'failed' && condition !== 'unavailable') {
      sink.event({ kind: 'collector_recovered', severity: 'low', device: '', message });
    }
  }

  private verdict(): { condition: CollectorCondition; message: string } {
    for (const kind of BEFORE_MISSING) if (this.troubles.has(kind)) return this.troubles.get(kind) as Trouble;
    const missing = this.census.missing;
    if (missing.length > 0) {
      const names = missing.map((gpu) => gpu.uuid).join(', ');
      const message = `${missing.length} GPU(s) that this host had are not listed by the driver: ${names}.`;
      return { condition: 'degraded', message };
    }
    for (const kind of AFTER_MISSING) if (this.troubles.has(kind)) return this.troubles.get(kind) as Trouble;
    const driver = this.driverVersion === undefined ? '' : ` through driver ${this.driverVersion}`;
    const count = this.census.present.length || 'the';
    return {
      condition: 'ok',
      message: `Reading ${count} GPU(s) every ${this.options.intervalS()} s${driver} with ${this.options.through}.`,
    };
  }
}
