import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { metricId } from '@flotilla/domain';
import { systemClock, type Cancel, type Clock } from '../../clock.js';
import { HOST_DEVICE, type Collector, type CollectorCondition, type Reading, type Sink } from '../collector.js';
import {
  cpuPercent,
  diskPercent,
  interfacesToCount,
  memoryPercent,
  networkRates,
  parseCpuTimes,
  parseNetworkBytes,
  type CpuTimes,
  type NetworkBytes,
} from './parse-proc.js';
import { absenceOf, ProcFile } from './proc-files.js';

const CPU = metricId('cpu_utilization');
const MEMORY = metricId('host_memory_utilization');
const DISK = metricId('disk_utilization');
const RX = metricId('network_rx');
const TX = metricId('network_tx');

/** A full disk does not come in seconds, and a hung one must not hold up the rest. */
const DISK_EVERY_MS = 30_000;
const INTERFACES_EVERY_MS = 60_000;

export interface HostOptions {
  readonly intervalS: number;
  /** For tests; default / */
  readonly root?: string;
}

/**
 * The host's own metrics, from /proc and statfs: some 0.1 ms of processor time a sample. `systeminformation` polled at
 * 1 Hz costs 5 % of a core and is kept for facts that do not change (inventory/slow-facts.ts).
 */
export class HostCollector implements Collector {
  readonly name = 'host';
  state: CollectorCondition = 'ok';
  private readonly root: string;
  private readonly stat: ProcFile;
  private readonly meminfo: ProcFile;
  private readonly netDev: ProcFile;
  private intervalS: number;
  private sink: Sink | null = null;
  private clock: Clock = systemClock;
  private cancel: Cancel = () => {};
  private message = '';
  private cpu: CpuTimes | null = null;
  private network: { bytes: Map<string, NetworkBytes>; atMs: number } | null = null;
  private interfaces: { names: string[]; atMs: number } | null = null;
  private disk: { reading: Reading | null; atMs: number; running: boolean } = {
    reading: null,
    atMs: Number.NEGATIVE_INFINITY,
    running: false,
  };

  constructor(options: HostOptions) {
    this.root = options.root ?? '/';
    this.intervalS = options.intervalS;
    const buffer = Buffer.alloc(64 * 1024);
    this.stat = new ProcFile(`${this.root}proc/stat`, buffer.subarray(0, 512));
    this.meminfo = new ProcFile(`${this.root}proc/meminfo`, buffer.subarray(0, 4096));
    this.netDev = new ProcFile(`${this.root}proc/net/dev`, buffer);
  }

  start(sink: Sink, clock: Clock): void {
    this.sink = sink;
    this.clock = clock;
    void this.readDisk();
    // Rates need a reading to start from; the first sample comes one interval later.
    this.readRates();
    this.tell();
    this.schedule();
  }

  stop(): Promise<void> {
    this.cancel();
    this.sink = null;
    for (const file of [this.stat, this.meminfo, this.netDev]) file.close();
    return Promise.resolve();
  }

  setInterval(seconds: number): void {
    this.intervalS = seconds;
    if (!this.sink) return;
    this.cancel();
    this.schedule();
  }

  private schedule(): void {
    this.cancel = this.clock.every(this.intervalS * 1000, () => this.sample());
  }

  private sample(): void {
    if (!this.sink) return;
    const values = this.readRates();
    values.set(
      MEMORY,
      attempt(() => memoryPercent(this.meminfo.read())),
    );
    if (this.disk.reading !== null) values.set(DISK, this.disk.reading);
    this.sink.sample(HOST_DEVICE, this.clock.nowMs(), values);
    if (this.clock.monotonicMs() - this.disk.atMs >= DISK_EVERY_MS) void this.readDisk();
    this.tell();
  }

  /** Processor and network: differences against the reading before; absent in the first. */
  private readRates(): Map<number, Reading> {
    const values = new Map<number, Reading>();
    const cpu = attempt(() => {
      const before = this.cpu;
      this.cpu = parseCpuTimes(this.stat.read());
      return before && this.cpu ? cpuPercent(before, this.cpu) : null;
    });
    values.set(CPU, cpu);
    let rates: NetworkBytes | null = null;
    const rx = attempt(() => {
      const nowMs = this.clock.monotonicMs();
      const bytes = parseNetworkBytes(this.netDev.read());
      const before = this.network;
      this.network = { bytes, atMs: nowMs };
      if (before) rates = networkRates(before.bytes, bytes, this.namesOf(bytes, nowMs), (nowMs - before.atMs) / 1000);
      return (rates as NetworkBytes | null)?.rx ?? null;
    });
    values.set(RX, rx);
    values.set(TX, typeof rx === 'number' ? ((rates as NetworkBytes | null)?.tx ?? 'fault') : rx);
    return values;
  }

  private namesOf(bytes: ReadonlyMap<string, NetworkBytes>, nowMs: number): string[] {
    if (!this.interfaces || nowMs - this.interfaces.atMs > INTERFACES_EVERY_MS) {
      const hasHardware = (name: string) => existsSync(`${this.root}sys/class/net/${name}/device`);
      this.interfaces = { names: interfacesToCount([...bytes.keys()], hasHardware), atMs: nowMs };
    }
    return this.interfaces.names;
  }

  private async readDisk(): Promise<void> {
    if (this.disk.running) return;
    this.disk.running = true;
    try {
      this.disk.reading = diskPercent(await statfs(this.root)) ?? 'unsupported';
    } catch (error) {
      this.disk.reading = absenceOf(error);
    }
    this.disk.running = false;
    this.disk.atMs = this.clock.monotonicMs();
  }

  private tell(): void {
    const [condition, message]: [CollectorCondition, string] = existsSync(`${this.root}proc/stat`)
      ? ['ok', `Reading the host every ${this.intervalS} s.`]
      : ['degraded', 'There is no /proc here, so processor, memory and network of the host are not read.'];
    if (condition === this.state && message === this.message) return;
    this.state = condition;
    this.message = message;
    this.sink?.state(this.name, condition, message);
  }
}

/** A reading, or why there is none: null (nothing to compare with yet, a field the kernel lacks) is unsupported. */
function attempt(read: () => number | null): Reading {
  try {
    return read() ?? 'unsupported';
  } catch (error) {
    return absenceOf(error);
  }
}
