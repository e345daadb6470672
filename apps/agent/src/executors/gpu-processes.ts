import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { KnownProcess } from '@flotilla/domain';
import type { Clock } from '../clock.js';
import type { GpuProcessFacts } from '../collectors/collector.js';
import { within } from './act-context.js';

/** A list that is older says nothing of now; the slow round reads it once a minute. */
const FRESH_MS = 3 * 60_000;
/** An agent that has just started has not read it yet. */
const FIRST_READING_MS = 15_000;
/** CUDA opens it in every process that computes; what only watches GPUs or draws does not. */
const CUDA_DEVICE = '/dev/nvidia-uvm';
const TICKS_PER_S = 100;

export interface GpuProcessesOptions {
  readonly clock: Clock;
  /** For tests. */
  readonly proc?: string;
  readonly isRoot?: boolean;
}

/**
 * Which processes compute on this host's GPUs at this moment: what the driver listed last, without those that have ended,
 * and what began since, found by the CUDA device that it holds open. An unprivileged agent sees that only of its own
 * user's processes; there a process that is younger than the newest list (a minute) can be missed, which the precondition
 * of idleness covers as soon as it computes.
 */
export class GpuProcesses {
  private listed: { readonly atMs: number; readonly list: readonly GpuProcessFacts[] } | null = null;
  private told: () => void = () => {};
  private readonly first = new Promise<void>((resolve) => (this.told = resolve));
  private readonly proc: string;
  private readonly isRoot: boolean;

  constructor(private readonly options: GpuProcessesOptions) {
    this.proc = options.proc ?? '/proc';
    this.isRoot = options.isRoot ?? process.getuid?.() === 0;
  }

  /** The driver's list, whenever it was read. */
  note(list: readonly GpuProcessFacts[]): void {
    this.listed = { atMs: this.options.clock.monotonicMs(), list };
    this.told();
  }

  /** @returns null when nobody can tell */
  async now(): Promise<readonly KnownProcess[] | null> {
    const { clock } = this.options;
    if (!this.listed) await within(clock, FIRST_READING_MS, this.first, () => undefined);
    const fresh = this.listed && clock.monotonicMs() - this.listed.atMs <= FRESH_MS ? this.listed.list : null;
    if (!fresh && !this.isRoot) return null;
    const computing = (fresh ?? []).filter(({ pid, type }) => type !== 'G' && exists(pid));
    const listed = computing.map(({ device, pid, name, startedAtMs }) => ({
      device,
      pid,
      name,
      startedAtMs: startedAtMs ?? startOf(this.proc, pid),
    }));
    const known = new Set(listed.map(({ pid }) => pid));
    return [...listed, ...cudaProcesses(this.proc).filter(({ pid }) => !known.has(pid))];
  }
}

/** Processes that hold CUDA's device open, as far as this user may see. */
export function cudaProcesses(proc = '/proc'): KnownProcess[] {
  const found: KnownProcess[] = [];
  for (const name of namesIn(proc)) {
    if (!/^\d+$/.test(name)) continue;
    const pid = Number(name);
    const holds = namesIn(join(proc, name, 'fd')).some((fd) => linkOf(join(proc, name, 'fd', fd)) === CUDA_DEVICE);
    if (holds) found.push({ device: '', pid, name: linkOf(join(proc, name, 'exe')), startedAtMs: startOf(proc, pid) });
  }
  return found;
}

/** Unix milliseconds at which a process began; 0: it cannot be told. */
function startOf(proc: string, pid: number): number {
  try {
    const boot = /^btime (\d+)$/m.exec(readFileSync(join(proc, 'stat'), 'utf8'));
    const stat = readFileSync(join(proc, String(pid), 'stat'), 'latin1');
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    return boot && Number.isFinite(ticks) ? Number(boot[1]) * 1000 + (ticks / TICKS_PER_S) * 1000 : 0;
  } catch {
    return 0;
  }
}

/** Also true of processes that /proc hides from us. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
