import { join } from 'node:path';
import { systemClock, type Clock } from '../../clock.js';
import type { Collector, CollectorCondition, DeviceFacts, Sink } from '../collector.js';
import { busKey } from '../gpu/bus-key.js';
import { GpuDesk } from '../gpu/gpu-desk.js';
import type { GpuInventory } from '../gpu/shape.js';
import { wordOf } from './cells.js';
import { infoRomWarning, lostHandle, xidLine, type Failure } from './failures.js';
import { Leftover } from './leftover.js';
import { LoopReader, type LoopObserver } from './loop-reader.js';
import { readRow } from './reading.js';
import { uuidOf, type Row } from './rows.js';
import { ROW_METRICS } from './signals.js';
import { SnapshotReader } from './snapshot-reader.js';
import { Tool } from './tool.js';

export interface NvidiaSmiOptions {
  readonly tool: string;
  readonly intervalS: number;
  readonly stateDir: string;
  /** Told of every change of the devices, for the facts about the machine. */
  readonly onDevices?: (devices: readonly DeviceFacts[]) => void;
  /** Root of the proc file system; tests have their own. */
  readonly procRoot?: string;
}

/** Reads the GPUs of this host: one long-lived nvidia-smi, and a snapshot a minute. What it reads goes to the desk. */
export class NvidiaSmiCollector implements Collector {
  readonly name = 'nvidia-smi';
  private clock: Clock = systemClock;
  private tool!: Tool;
  private loop!: LoopReader;
  private snapshots!: SnapshotReader;
  private desk: GpuDesk | null = null;
  private intervalS: number;
  private started = false;

  constructor(private readonly options: NvidiaSmiOptions) {
    this.intervalS = options.intervalS;
  }

  get state(): CollectorCondition {
    return this.desk?.condition ?? 'unavailable';
  }

  start(sink: Sink, clock: Clock): void {
    const { stateDir, onDevices, procRoot } = this.options;
    this.clock = clock;
    const desk = new GpuDesk({
      name: this.name,
      through: 'nvidia-smi',
      stateDir,
      sink,
      clock,
      intervalS: () => this.intervalS,
      wishDetail: () => this.snapshots.wish(),
      driverChanged: () => this.loop.restart(),
      onDevices,
      procRoot,
    });
    this.desk = desk;
    this.tool = new Tool(this.options.tool, clock, new Leftover(join(stateDir, 'nvidia-smi.pid')));
    this.snapshots = new SnapshotReader(this.tool, clock, {
      snapshot: (inventory) => this.onSnapshot(desk, inventory),
      snapshotFailed: ({ message }) => {
        const told = `The GPUs are read, their inventory is not: ${message}`;
        desk.trouble('detail', { condition: 'degraded', message: told });
      },
    });
    const observer: LoopObserver = {
      row: (row) => this.onRow(desk, row),
      round: (rows) => this.onRound(desk, rows),
      stray: (line) => this.onStray(desk, line),
      running: (oneShot) => this.onRunning(desk, oneShot),
      failed: (failure) => this.onFailed(desk, failure),
    };
    this.loop = new LoopReader(this.tool, clock, observer, this.intervalS * 1000);
    this.started = true;
    this.loop.start();
  }

  async stop(): Promise<void> {
    if (!this.started) return;
    this.started = false;
    this.desk?.close();
    this.snapshots.stop();
    this.loop.stop();
    await this.tool.close(2_000);
  }

  setInterval(seconds: number): void {
    this.intervalS = seconds;
    if (this.started) this.loop.setInterval(seconds * 1000);
  }

  private onRunning(desk: GpuDesk, oneShot: boolean): void {
    const message = "This driver's loop mode gives errors after its first round; reading by single calls instead.";
    desk.trouble('reading', null);
    desk.trouble('mode', oneShot ? { condition: 'degraded', message } : null);
    this.snapshots.wish();
  }

  private onFailed(desk: GpuDesk, failure: Failure): void {
    desk.trouble('reading', failure);
    if (failure.name === 'no_devices') desk.listed(new Set());
  }

  private onRow(desk: GpuDesk, row: Row): void {
    const device = this.deviceOf(desk, row);
    // A row of errors without a name belongs to the GPU that the round lacks; `onRound` finds it.
    if (device !== undefined) desk.reading(readRow(row, device, this.clock.nowMs()));
  }

  /** The device key of a row: its uuid, or the known GPU at its place on the bus. */
  private deviceOf(desk: GpuDesk, row: Row): string | undefined {
    const uuid = uuidOf(row);
    if (uuid !== undefined) return uuid;
    const busId = wordOf(row.get('pci.bus_id'));
    if (busId === undefined) return undefined;
    // Some vGPU guests have no uuid: the place on the bus is the best name left.
    return desk.atBus(busId)?.uuid ?? `GPU-at-${busKey(busId)}`;
  }

  private onRound(desk: GpuDesk, rows: readonly Row[]): void {
    const uuids = new Set<string>();
    let nameless = 0;
    for (const row of rows) {
      const device = this.deviceOf(desk, row);
      if (device === undefined) nameless += 1;
      else uuids.add(device);
    }
    const absent = desk.present.filter((gpu) => !uuids.has(gpu.uuid));
    if (absent.length > 0 && nameless >= absent.length) {
      for (const gpu of absent) {
        desk.unanswered(gpu.uuid, '[Unknown Error]', ROW_METRICS);
        uuids.add(gpu.uuid);
      }
      nameless = 0;
    }
    const message = `nvidia-smi gives nothing but errors for ${nameless} GPU(s) and does not say which.`;
    desk.trouble('nameless', nameless > 0 ? { condition: 'degraded', message } : null);
    desk.listed(uuids);
  }

  private onStray(desk: GpuDesk, line: string): void {
    const corrupted = infoRomWarning(line);
    if (corrupted !== null) {
      const message = `The infoROM of the GPU at ${corrupted} is corrupted; its values are read all the same.`;
      desk.trouble('board', { condition: 'degraded', message });
      const gpu = desk.atBus(corrupted);
      if (gpu) desk.infoRomCorrupted(gpu.uuid);
    }
    const handle = lostHandle(line);
    const lost = handle && desk.atBus(handle.busId);
    if (handle && lost) desk.unanswered(lost.uuid, handle.why, ROW_METRICS);
    const xid = xidLine(line);
    if (xid) desk.xid(xid.code, xid.busId, line, this.name);
  }

  private onSnapshot(desk: GpuDesk, inventory: GpuInventory): void {
    desk.trouble('detail', null);
    desk.detailed(inventory);
  }
}
