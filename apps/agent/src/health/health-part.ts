import { readFabricLine, readKernelMessage } from '@flotilla/domain';
import type { Clock } from '../clock.js';
import type { Reading, Sink } from '../collectors/collector.js';
import type { Watcher } from '../intake.js';
import type { Log } from '../log.js';
import type { Boot } from './boot.js';
import { ClearRequests } from './clear-requests.js';
import type { DeviceHealth, HealthJudge } from './device-health.js';
import { findingsOf } from './findings-of.js';
import { GpuPlaces } from './gpu-places.js';
import { HealthMonitor } from './health-monitor.js';
import { troubleOf } from './host-trouble.js';
import { LogFollower } from './logs/follower.js';
import { readRecord } from './logs/record.js';
import { loadHealth, saveHealth } from './state-file.js';
import type { Remembered } from './state-file.js';

export interface HealthOptions {
  readonly stateDir: string;
  /** /dev/kmsg or a file; null: nothing is read. */
  readonly kernelLog: string | null;
  /** Null: nothing is read. */
  readonly fabricLog: string | null;
  readonly boot: Boot;
  readonly clock: Clock;
  readonly log: Log;
  readonly sink: Pick<Sink, 'event' | 'state'>;
  readonly changed: () => void;
}

const READERS = ['nvidia-smi', 'nvml'];
const TROUBLES_OF_READERS = ['driver_mismatch', 'driver_not_loaded', 'tool_hung', 'no_reading'] as const;
/** How long the first listing of the GPUs is waited for. */
const LISTING_MS = 30_000;
const SAVE_EVERY_MS = 2_000;
const FABRIC_EVERY_MS = 10_000;
/** Polls of a log in one tick: a ring that was never read has some ten thousand records. */
const MOST_POLLS = 8;
/** Errors that came before anybody listed the GPUs wait for it. */
const MOST_WAITING = 5_000;

const KMSG_MENDS = {
  ENOENT:
    'There is no /dev/kmsg here, so errors of the driver (Xid) are not seen: in a container, mount it (--device /dev/kmsg).',
  EPERM:
    'The kernel log may not be read, so errors of the driver (Xid) are not seen: give the agent CAP_SYSLOG (AmbientCapabilities=CAP_SYSLOG), or set kernel.dmesg_restrict to 0.',
  EACCES:
    'The kernel log may not be read, so errors of the driver (Xid) are not seen: give the agent CAP_SYSLOG and let its user read the file.',
  '': 'Errors of the driver (Xid) are not seen until it can.',
};

/** The health of this host's GPUs: logs, readings and people's words in, verdicts out. */
export class HealthPart implements HealthJudge {
  readonly name = 'health';
  private readonly judge: HealthMonitor;
  private readonly places: GpuPlaces;
  private readonly values = new Map<string, ReadonlyMap<number, Reading>>();
  private readonly requests: ClearRequests;
  private readonly kernel: LogFollower | null;
  private readonly fabric: LogFollower | null;
  private waiting: (() => void)[] = [];
  private readonly startedAtMs: number;
  private fabricAtMs = 0;
  private savedAtMs = 0;
  private lastFabricLine = '';

  constructor(private readonly options: HealthOptions) {
    const { boot, clock, sink, stateDir } = options;
    const remembered = loadHealth(stateDir);
    this.judge = new HealthMonitor({
      remembered,
      bootId: boot.id,
      nowMs: () => clock.nowMs(),
      event: (event) => sink.event(event),
      changed: options.changed,
    });
    this.startedAtMs = clock.monotonicMs();
    this.places = new GpuPlaces(remembered.places);
    this.requests = new ClearRequests(stateDir);
    this.kernel = options.kernelLog === null ? null : this.followKernel(options.kernelLog, remembered);
    this.fabric = options.fabricLog === null ? null : this.followFabric(options.fabricLog, remembered);
  }

  /** What the collectors say, for `intake.watch`. */
  get watcher(): Watcher {
    return {
      inventory: (collector, devices) => {
        this.places.list(collector, devices);
        this.judge.listed(this.places.gpus.map(({ uuid }) => uuid));
        for (const { uuid, presence } of this.places.gpus) {
          if (presence === 'missing') this.judge.reading(uuid, { missing: true }, this.options.clock.nowMs());
        }
        this.release();
      },
      sample: (_collector, device, _atMs, values) => void this.values.set(device, values),
      signals: (_collector, device, atMs, signals) => {
        if (device.startsWith('MIG-')) return;
        this.judge.reading(device, findingsOf(this.values.get(device) ?? new Map(), signals), atMs);
      },
      xid: (_collector, { code, device, busId, line, source }) => {
        const report = { code, line, source, atMs: this.options.clock.nowMs() };
        this.whenListed(() => this.judge.xid(device || this.places.at(busId), busId, report));
      },
      state: (_collector, name, condition, message) => {
        if (!READERS.includes(name)) return;
        const found = troubleOf(condition, message);
        for (const trouble of TROUBLES_OF_READERS) this.judge.trouble(trouble, trouble === found ? message : null);
      },
    };
  }

  of(uuid: string, parentUuid: string | undefined): DeviceHealth | null {
    return this.judge.of(uuid, parentUuid);
  }

  /** Is on disk when this returns, as far as the disk takes it: who said so is told that it is done. */
  clear(gpu: string, by: string): number {
    const cleared = this.judge.clear(gpu, by);
    this.options.log.info({ gpu, by, cleared }, 'a person says that GPUs are repaired');
    this.save(this.options.clock.monotonicMs());
    return cleared;
  }

  tick(): void {
    const nowMs = this.options.clock.monotonicMs();
    for (let i = 0; i < MOST_POLLS && this.kernel?.poll(nowMs); i++);
    if (nowMs >= this.fabricAtMs) {
      this.fabricAtMs = nowMs + FABRIC_EVERY_MS;
      for (let i = 0; i < MOST_POLLS && this.fabric?.poll(nowMs); i++);
    }
    if (this.waiting.length > 0) this.release();
    for (const { gpu, by } of this.requests.take()) this.clear(gpu, by);
    this.judge.tick(nowMs);
    if (this.judge.isUnsaved && nowMs - this.savedAtMs >= SAVE_EVERY_MS) this.save(nowMs);
  }

  stop(): void {
    this.judge.tick(this.options.clock.monotonicMs());
    this.save(this.options.clock.monotonicMs());
    this.kernel?.close();
    this.fabric?.close();
  }

  /** Errors that come before the first listing wait for it, in order: only it tells whose place is whose now. */
  private whenListed(use: () => void): void {
    if (this.isSettled && this.waiting.length === 0) use();
    else if (this.waiting.length < MOST_WAITING) this.waiting.push(use);
  }

  /** A reader that hangs lists nothing: then what an earlier run knew has to do. */
  private get isSettled(): boolean {
    return this.places.isListed || this.options.clock.monotonicMs() - this.startedAtMs > LISTING_MS;
  }

  private release(): void {
    if (!this.isSettled) return;
    const waiting = this.waiting;
    this.waiting = [];
    for (const use of waiting) use();
  }

  private followKernel(path: string, { kernelLog, bootId }: Remembered): LogFollower {
    return new LogFollower({
      path,
      after: kernelLog,
      sameBoot: bootId === this.options.boot.id,
      reading: `Reading ${path} for errors of the driver.`,
      mends: KMSG_MENDS,
      line: (line) => this.kernelLine(line),
      state: (condition, message) => this.options.sink.state('kernel-log', condition, message),
    });
  }

  private kernelLine(line: string): void {
    const { boot, clock } = this.options;
    const record = readRecord(line, boot.atMs);
    const report = readKernelMessage(record.message);
    if (!report) return;
    // the kernel's clock drifts from the host's over weeks: what is read as it comes is from now
    const isNew = record.seq !== null && this.kernel?.isCaughtUp === true;
    const atMs = (isNew ? null : record.atMs) ?? clock.nowMs();
    // what a file tells of an earlier boot ended with it
    if (atMs < boot.atMs - 1_000) return;
    const told = { line: record.message, atMs, source: 'kernel' };
    if (report.kind === 'gpu_at') this.places.mention(report.busId, report.uuid);
    else if (report.kind === 'sxid') this.judge.sxid({ ...report, ...told });
    else if (report.kind === 'driver_loaded') this.whenListed(() => this.judge.driverLoaded(atMs));
    else {
      const { kind: _, busId, ...xid } = report;
      this.whenListed(() => this.judge.xid(this.places.at(busId), busId, { ...xid, ...told }));
    }
  }

  private followFabric(path: string, { fabricLog }: Remembered): LogFollower {
    return new LogFollower({
      path,
      after: fabricLog,
      sameBoot: true,
      reading: `Reading ${path} for errors of the NVSwitches.`,
      mends: { '': 'Errors of the NVSwitches are seen in the kernel log only.' },
      optional: true,
      line: (line) => this.fabricLine(line),
      state: (condition, message) => this.options.sink.state('fabric-manager-log', condition, message),
    });
  }

  private fabricLine(line: string): void {
    // it writes every error twice
    const again = line === this.lastFabricLine;
    this.lastFabricLine = line;
    const report = again ? null : readFabricLine(line);
    if (!report) return;
    const { boot, clock } = this.options;
    const said = Date.parse(report.time);
    const atMs = Number.isFinite(said) ? said : clock.nowMs();
    if (atMs < boot.atMs - 1_000) return;
    if (report.kind === 'sxid') {
      const { code = 0, fatal, busId = '' } = report;
      this.judge.sxid({ code, fatal, busId, line, atMs, source: 'fabric-manager' });
    } else if (report.kind === 'started') this.judge.trouble('fabric_manager', null);
    else if (report.kind === 'failed') this.judge.trouble('fabric_manager', line);
  }

  private save(nowMs: number): void {
    // errors that wait are in no state yet: after a crash they must be read again
    if (this.waiting.length > 0) return;
    this.savedAtMs = nowMs;
    const { boot, log, stateDir } = this.options;
    const positions = { kernelLog: this.kernel?.position ?? null, fabricLog: this.fabric?.position ?? null };
    try {
      saveHealth(stateDir, { bootId: boot.id, ...positions, places: this.places.remembered, ...this.judge.kept() });
    } catch (error) {
      log.debug({ err: error }, 'the health of the GPUs could not be written down; a restart forgets what is new');
    }
  }
}
