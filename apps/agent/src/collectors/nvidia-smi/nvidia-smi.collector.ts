import { join } from 'node:path';
import { metricId } from '@flotilla/domain';
import { systemClock, type Clock } from '../../clock.js';
import type { Collector, CollectorCondition, DeviceFacts, Reading, Sink } from '../collector.js';
import { wordOf } from './cells.js';
import { GpuCensus, type Change } from './census.js';
import { infoRomWarning, lostHandle, xidLine, type Failure } from './failures.js';
import { Incidents } from './incidents.js';
import { KnownGpuFile } from './known-gpus.js';
import { Leftover } from './leftover.js';
import { LoopReader, type LoopObserver } from './loop-reader.js';
import type { parseMigList } from './mig-list.js';
import { allFaults, assessHealth, readMetrics } from './reading.js';
import { busKey, indexOf, uuidOf, type Row } from './rows.js';
import { migValues, pcieValues, ProcessReader } from './slow-values.js';
import type { Snapshot, SnapshotGpu } from './snapshot.js';
import { SnapshotReader } from './snapshot-reader.js';
import { Tool } from './tool.js';

const TOTAL = metricId('memory_total_mib');

export interface NvidiaSmiOptions {
  readonly tool: string;
  readonly intervalS: number;
  readonly stateDir: string;
  /** Told of every change of the devices, for the facts about the machine. */
  readonly onDevices?: (devices: readonly DeviceFacts[]) => void;
}

/** Reads the GPUs of this host: one long-lived nvidia-smi, and a snapshot a minute. */
export class NvidiaSmiCollector implements Collector {
  readonly name = 'nvidia-smi';
  state: CollectorCondition = 'unavailable';
  private message = '';
  private clock: Clock = systemClock;
  private sink!: Sink;
  private tool!: Tool;
  private loop!: LoopReader;
  private snapshots!: SnapshotReader;
  private census!: GpuCensus;
  private incidents!: Incidents;
  private processes!: ProcessReader;
  private readonly file: KnownGpuFile;
  private intervalS: number;
  private started = false;
  private oneShot = false;
  private loopFailure: Failure | null = null;
  private snapshotFailure: Failure | null = null;
  private infoRom: string | null = null;
  /** Rows of errors in the last round that could not be given to a known GPU. */
  private nameless = 0;
  private driverVersion: string | undefined;
  private devicesSent = '';
  /** PCIe throughput of the last snapshot, joined to the next row so that it makes no sample of its own. */
  private readonly extras = new Map<string, Map<number, Reading>>();

  constructor(private readonly options: NvidiaSmiOptions) {
    this.file = new KnownGpuFile(options.stateDir);
    this.intervalS = options.intervalS;
  }

  start(sink: Sink, clock: Clock): void {
    this.sink = sink;
    this.clock = clock;
    this.census = new GpuCensus(this.file.load(clock.nowMs()));
    this.incidents = new Incidents(sink, clock);
    this.processes = new ProcessReader(this.census);
    this.tool = new Tool(this.options.tool, clock, new Leftover(join(this.options.stateDir, 'nvidia-smi.pid')));
    this.snapshots = new SnapshotReader(this.tool, clock, {
      snapshot: (snapshot, migUuids) => this.onSnapshot(snapshot, migUuids),
      snapshotFailed: (failure) => {
        this.snapshotFailure = failure;
        this.judge();
      },
    });
    const observer: LoopObserver = {
      row: (row) => this.onRow(row),
      round: (rows) => this.onRound(rows),
      stray: (line) => this.onStray(line),
      running: (oneShot) => this.onRunning(oneShot),
      failed: (failure) => this.onFailed(failure),
    };
    this.loop = new LoopReader(this.tool, clock, observer, this.intervalS * 1000);
    this.started = true;
    this.loop.start();
  }

  async stop(): Promise<void> {
    if (!this.started) return;
    this.started = false;
    this.snapshots.stop();
    this.loop.stop();
    await this.tool.close(2_000);
  }

  setInterval(seconds: number): void {
    this.intervalS = seconds;
    if (this.started) this.loop.setInterval(seconds * 1000);
  }

  private onRunning(oneShot: boolean): void {
    this.oneShot = oneShot;
    this.loopFailure = null;
    this.snapshots.wish();
    this.judge();
  }

  private onFailed(failure: Failure): void {
    this.loopFailure = failure;
    if (failure.name === 'no_devices') {
      this.applyChange(this.census.listed(new Set(), this.clock.nowMs()));
      this.publishDevices();
    }
    this.judge();
  }

  private onRow(row: Row): void {
    const nowMs = this.clock.nowMs();
    const device = this.deviceOf(row);
    // A row of errors without a name belongs to the GPU that the round lacks; `onRound` finds it.
    if (device === undefined) return;
    const values = readMetrics(row);
    const busId = wordOf(row.get('pci.bus_id'));
    const index = indexOf(row);
    const total = values.get(TOTAL);
    const mig = wordOf(row.get('mig.mode.current'));
    this.census.saw(
      {
        uuid: device,
        lastSeenMs: nowMs,
        ...(busId === undefined ? {} : { busId }),
        ...(index === undefined ? {} : { index }),
        ...(typeof total === 'number' ? { memoryTotalMib: total } : {}),
        ...(mig === undefined ? {} : { migEnabled: mig === 'Enabled' }),
      },
      assessHealth(row, values),
    );
    for (const [id, reading] of this.extras.get(device) ?? []) values.set(id, reading);
    this.extras.delete(device);
    this.sink.sample(device, nowMs, values);
    this.incidents.row(device, row, values);
  }

  /** The device key of a row: its uuid, or the known GPU at its place on the bus. */
  private deviceOf(row: Row): string | undefined {
    const uuid = uuidOf(row);
    if (uuid !== undefined) return uuid;
    const busId = wordOf(row.get('pci.bus_id'));
    if (busId === undefined) return undefined;
    // Some vGPU guests have no uuid: the place on the bus is the best name left.
    return this.census.atBus(busId)?.uuid ?? `GPU-at-${busKey(busId)}`;
  }

  private onRound(rows: readonly Row[]): void {
    const uuids = new Set<string>();
    let nameless = 0;
    for (const row of rows) {
      const device = this.deviceOf(row);
      if (device === undefined) nameless += 1;
      else uuids.add(device);
    }
    const absent = this.census.present.filter((gpu) => !uuids.has(gpu.uuid));
    if (absent.length > 0 && nameless >= absent.length) {
      for (const gpu of absent) {
        this.reportDead(gpu.uuid, '[Unknown Error]');
        uuids.add(gpu.uuid);
      }
      nameless = 0;
    }
    this.nameless = nameless;
    this.applyChange(this.census.listed(uuids, this.clock.nowMs()));
    this.publishDevices();
    this.judge();
  }

  private onStray(line: string): void {
    const corrupted = infoRomWarning(line);
    if (corrupted !== null) this.infoRom = corrupted;
    const handle = lostHandle(line);
    if (handle) {
      const gpu = this.census.atBus(handle.busId);
      if (gpu) this.incidents.fault(gpu.uuid, true, handle.why);
    }
    const xid = xidLine(line);
    if (xid) this.incidents.xid(this.census.atBus(xid.busId)?.uuid ?? '', xid.busId, xid.code, line.slice(0, 500));
  }

  private reportDead(uuid: string, words: string): void {
    const nowMs = this.clock.nowMs();
    this.sink.sample(uuid, nowMs, allFaults());
    this.census.saw({ uuid, lastSeenMs: nowMs }, { health: 'unhealthy', reason: `The GPU answers nothing: ${words}.` });
    this.incidents.fault(uuid, true, words);
  }

  private onSnapshot(snapshot: Snapshot, migUuids: ReturnType<typeof parseMigList>): void {
    const nowMs = this.clock.nowMs();
    this.snapshotFailure = null;
    if (snapshot.driverVersion !== undefined && snapshot.driverVersion !== this.driverVersion) {
      if (this.driverVersion !== undefined) {
        const message = `The NVIDIA driver changed from ${this.driverVersion} to ${snapshot.driverVersion}.`;
        this.sink.event({ kind: 'driver_changed', severity: 'medium', device: '', message });
        this.loop.restart();
      }
      this.driverVersion = snapshot.driverVersion;
    }
    this.census.applySnapshot(snapshot, migUuids, nowMs);
    const listed = new Set(snapshot.gpus.map((gpu) => gpu.uuid));
    // A filtered or half answer (the driver counts more than it lists) is no proof of absence.
    if ((snapshot.attachedGpus ?? 0) <= listed.size) this.applyChange(this.census.listed(listed, nowMs));
    for (const gpu of snapshot.gpus) this.takeSlowValues(gpu, nowMs);
    this.publishDevices();
    this.file.save(this.census.known);
    this.judge();
    void this.publishProcesses(snapshot.gpus);
  }

  private takeSlowValues(gpu: SnapshotGpu, nowMs: number): void {
    this.extras.set(gpu.uuid, pcieValues(gpu));
    for (const mig of gpu.mig) {
      const key = this.census.migDevice(gpu.uuid, mig.gpuInstance, mig.computeInstance);
      if (key !== undefined) this.sink.sample(key, nowMs, migValues(mig));
    }
  }

  private async publishProcesses(gpus: readonly SnapshotGpu[]): Promise<void> {
    const processes = await this.processes.read(gpus);
    if (processes && this.started) this.sink.processes(processes);
  }

  private applyChange(change: Change): void {
    for (const gpu of change.lost) {
      const at = gpu.busId === undefined ? '' : ` at ${gpu.busId}`;
      this.sink.event({
        kind: 'gpu_lost',
        severity: 'critical',
        device: gpu.uuid,
        message: `GPU ${gpu.uuid}${gpu.model ? ` (${gpu.model})` : ''}${at} was here and is not listed by the driver any more: look for Xid 79 and NVRM lines in the kernel log.`,
      });
    }
    for (const gpu of change.appeared) {
      const message = `GPU ${gpu.uuid}${gpu.model ? ` (${gpu.model})` : ''} is listed by the driver now.`;
      this.sink.event({ kind: 'gpu_appeared', severity: 'low', device: gpu.uuid, message });
    }
    if (change.lost.length > 0 || change.appeared.length > 0) this.snapshots.wish();
  }

  private publishDevices(): void {
    const devices = this.census.devices();
    const text = JSON.stringify(devices);
    if (text === this.devicesSent) return;
    this.devicesSent = text;
    this.sink.inventory(devices);
    this.options.onDevices?.(devices);
  }

  /** One condition out of all that is known; a change between good and bad is an event. */
  private judge(): void {
    const [condition, message] = this.verdict();
    if (condition === this.state && message === this.message) return;
    const wasFailed = this.state === 'failed';
    this.state = condition;
    this.message = message;
    this.sink.state(this.name, condition, message);
    if (condition === 'failed' && !wasFailed) {
      this.sink.event({ kind: 'collector_fault', severity: 'high', device: '', message });
    } else if (wasFailed && condition !== 'failed' && condition !== 'unavailable') {
      this.sink.event({ kind: 'collector_recovered', severity: 'low', device: '', message });
    }
  }

  private verdict(): [CollectorCondition, string] {
    if (this.loopFailure) return [this.loopFailure.condition, this.loopFailure.message];
    const missing = this.census.missing;
    if (missing.length > 0) {
      const names = missing.map((gpu) => gpu.uuid);
      return [
        'degraded',
        `${names.length} GPU(s) that this host had are not listed by the driver: ${names.join(', ')}.`,
      ];
    }
    if (this.nameless > 0) {
      return ['degraded', `nvidia-smi gives nothing but errors for ${this.nameless} GPU(s) and does not say which.`];
    }
    if (this.snapshotFailure) {
      return ['degraded', `The GPUs are read, their inventory is not: ${this.snapshotFailure.message}`];
    }
    if (this.oneShot) {
      return [
        'degraded',
        "This driver's loop mode gives errors after its first round; reading by single calls instead.",
      ];
    }
    if (this.infoRom !== null) {
      return ['degraded', `The infoROM of the GPU at ${this.infoRom} is corrupted; its values are read all the same.`];
    }
    const driver = this.driverVersion === undefined ? '' : ` through driver ${this.driverVersion}`;
    return ['ok', `Reading ${this.census.present.length || 'the'} GPU(s) every ${this.intervalS} s${driver}.`];
  }
}
