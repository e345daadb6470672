import {
  afterClearing,
  afterReboot,
  afterReset,
  assess,
  NEW_GPU,
  noteSxid,
  noteXid,
  setHostTrouble,
  takeReading,
  xidEntry,
  xidSeverity,
} from '@flotilla/domain';
import type { GpuFindings, GpuHealth, GpuHealthState, HostTrouble, SxidReport, XidReport } from '@flotilla/domain';
import type { CollectorEvent } from '../collectors/collector.js';
import { deviceHealth, differsOnlyInCounts } from './device-health.js';
import type { DeviceHealth } from './device-health.js';
import type { Remembered } from './state-file.js';

/** Counts of a flood go out at most this often. */
const COUNTS_EVERY_MS = 30_000;
/** How often it is looked whether readings stopped. */
const LOOK_EVERY_MS = 10_000;

export interface MonitorOptions {
  readonly remembered: Remembered;
  readonly bootId: string;
  readonly nowMs: () => number;
  readonly event: (event: CollectorEvent) => void;
  /** What is shown of a device changed. */
  readonly changed: () => void;
}

/** Keeps the health of every GPU of this host. Everything that it decides is decided in the domain. */
export class HealthMonitor {
  private host: GpuHealthState;
  private readonly gpus: Map<string, GpuHealthState>;
  private readonly shown = new Map<string, DeviceHealth>();
  private readonly toShow = new Set<string>();
  private countsAtMs = 0;
  private lookAtMs = 0;
  /** Something to keep on disk changed since it was last asked for. */
  private unsaved = false;

  constructor(private readonly options: MonitorOptions) {
    const { remembered, bootId } = options;
    const rebooted = remembered.bootId !== '' && bootId !== '' && remembered.bootId !== bootId;
    const taken = (state: GpuHealthState) => (rebooted ? afterReboot(state) : state);
    this.host = taken(remembered.host);
    this.gpus = new Map(Object.entries(remembered.gpus).map(([uuid, state]) => [uuid, taken(state)]));
    for (const uuid of this.gpus.keys()) {
      const known = this.assessed(uuid);
      // that nothing was read yet is no news of a GPU
      if (known.health !== 'unknown') this.shown.set(uuid, known);
    }
    this.unsaved = rebooted;
  }

  of(uuid: string, parentUuid: string | undefined): DeviceHealth | null {
    return this.shown.get(parentUuid ?? uuid) ?? null;
  }

  /** Something to keep on disk changed since `kept` was last read. */
  get isUnsaved(): boolean {
    return this.unsaved;
  }

  kept(): Pick<Remembered, 'host' | 'gpus'> {
    this.unsaved = false;
    return { host: this.host, gpus: Object.fromEntries(this.gpus) };
  }

  reading(uuid: string, findings: GpuFindings, atMs: number): void {
    this.update(uuid, (state) => takeReading(state, findings, atMs));
  }

  /** @param uuid undefined: nobody knows the GPU at this place */
  xid(uuid: string | undefined, busId: string, report: XidReport): void {
    if (uuid === undefined) return this.tellXid('', busId, report);
    let began = false;
    this.update(uuid, (state) => {
      const noted = noteXid(state, report);
      began = noted.began;
      return noted.state;
    });
    if (began) this.tellXid(uuid, busId, report);
  }

  sxid(report: SxidReport): void {
    const noted = noteSxid(this.host, report);
    this.updateHost(noted.state);
    if (!noted.began) return;
    const { code, fatal, busId, line } = report;
    this.options.event({
      kind: 'sxid',
      severity: fatal ? 'critical' : 'medium',
      device: '',
      message: `An NVSwitch${busId ? ` (at ${busId})` : ''} reports ${fatal ? 'the fatal' : 'the'} SXid ${code}.`,
      details: { sxid: code, fatal, bus_id: busId, line },
    });
  }

  trouble(trouble: HostTrouble, evidence: string | null): void {
    this.updateHost(setHostTrouble(this.host, trouble, evidence, this.options.nowMs()));
  }

  driverLoaded(atMs: number): void {
    for (const uuid of [...this.gpus.keys()]) this.update(uuid, (state) => afterReset(state, atMs));
    this.updateHost(afterReset(this.host, atMs));
  }

  /** @param target a GPU uuid, or all. @returns how many GPUs were cleared */
  clear(target: string, by: string): number {
    const uuids = [...this.gpus.keys()].filter((uuid) => target === 'all' || uuid === target);
    for (const uuid of uuids) {
      this.update(uuid, (state) => afterClearing(state, this.host.conditions));
      const message = `${by} says that GPU ${uuid} is repaired.`;
      this.options.event({ kind: 'gpu_health_cleared', severity: 'low', device: uuid, message, details: { by } });
    }
    return uuids.length;
  }

  /** These GPUs are there (or are missed), whether anything was read of them or not. */
  listed(uuids: readonly string[]): void {
    for (const uuid of uuids) {
      if (this.gpus.has(uuid)) continue;
      this.gpus.set(uuid, NEW_GPU);
      this.toShow.add(uuid);
    }
  }

  /** Shows what changed, and looks from time to time whether readings stopped. */
  tick(monotonicMs: number): void {
    if (monotonicMs >= this.lookAtMs) {
      this.lookAtMs = monotonicMs + LOOK_EVERY_MS;
      for (const uuid of this.gpus.keys()) this.toShow.add(uuid);
    }
    const withCounts = monotonicMs >= this.countsAtMs;
    let changed = false;
    for (const uuid of this.toShow) {
      const now = this.assessed(uuid);
      const before = this.shown.get(uuid);
      if (before && JSON.stringify(before) === JSON.stringify(now)) {
        this.toShow.delete(uuid);
        continue;
      }
      if (before && !withCounts && differsOnlyInCounts(before, now)) continue;
      this.toShow.delete(uuid);
      this.shown.set(uuid, now);
      this.tellVerdict(uuid, before, now);
      changed = true;
    }
    if (!changed) return;
    if (withCounts) this.countsAtMs = monotonicMs + COUNTS_EVERY_MS;
    this.options.changed();
  }

  private assessed(uuid: string): DeviceHealth {
    const health: GpuHealth = assess(this.gpus.get(uuid) ?? NEW_GPU, this.host, this.options.nowMs());
    return deviceHealth(health);
  }

  private update(uuid: string, next: (state: GpuHealthState) => GpuHealthState): void {
    const before = this.gpus.get(uuid) ?? NEW_GPU;
    const after = next(before);
    if (after === before) return;
    this.gpus.set(uuid, after);
    // that a reading answered is nothing to write down every few seconds, unless it is the first
    const { answeredMs: was, ...kept } = before;
    const { answeredMs: is, ...keeps } = after;
    const same = Object.entries(keeps).every(([key, value]) => kept[key as keyof typeof kept] === value);
    if (!same) this.unsaved = true;
    if (!same || (was === 0 && is > 0)) this.toShow.add(uuid);
  }

  private updateHost(after: GpuHealthState): void {
    if (after === this.host) return;
    this.host = after;
    this.unsaved = true;
    for (const uuid of this.gpus.keys()) this.toShow.add(uuid);
  }

  private tellXid(device: string, busId: string, { code, line, source }: XidReport): void {
    const entry = xidEntry(code);
    const of = device ? `GPU ${device}` : busId ? `the GPU at ${busId}` : 'a GPU';
    this.options.event({
      kind: 'xid',
      severity: xidSeverity(entry),
      device,
      message: `The driver reports Xid ${code} on ${of}: ${entry.sentence}.`,
      details: {
        xid: code,
        name: entry.name,
        class: entry.class,
        advised_action: entry.action,
        bus_id: busId,
        line,
        source,
      },
    });
  }

  private tellVerdict(uuid: string, before: DeviceHealth | undefined, now: DeviceHealth): void {
    const was = before?.health ?? 'unknown';
    if (was === now.health || (isCalm(was) && isCalm(now.health))) return;
    const { health, healthReason, healthEvidence, advisedAction } = now;
    const repaired = isCalm(health);
    this.options.event({
      kind: 'gpu_health',
      severity: repaired ? 'low' : health === 'unhealthy' ? 'critical' : 'high',
      device: uuid,
      message: repaired ? `GPU ${uuid} is ${health} again.` : `GPU ${uuid} is ${health}: ${healthReason}`,
      details: { from: was, to: health, evidence: healthEvidence, advised_action: advisedAction },
    });
  }
}

const isCalm = (health: DeviceHealth['health']): boolean => health === 'healthy' || health === 'unknown';
