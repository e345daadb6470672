import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';

/** A process that is told apart from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in whatever form the system tells it; the same text means the same process. */
  readonly startedAt: string;
}

/** Who runs under this number now; null when nobody does. */
export function identify(pid: number): ProcessIdentity | null {
  const startedAt = process.platform === 'linux' ? startedAtByProc(pid) : startedAtByPs(pid);
  return startedAt === null ? null : { pid, startedAt };
}

/** Whether that very process still runs; another one that got its number since does not count. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

/**
 * The processes that work in this folder. Every process of a PostgreSQL server has the data folder as its working
 * directory, also a backend that outlived its postmaster. Where we may not look into another user's process (root in a
 * container without SYS_PTRACE), the postmaster is known by its command line, which names the folder. Null where the
 * system does not tell (anything but Linux).
 */
export function processesIn(folder: string): number[] | null {
  if (process.platform !== 'linux') return null;
  const wanted = realpathSync(folder);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => worksIn(wanted, pid) && startedAtByProc(pid) !== null);
}

function worksIn(folder: string, pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' && argumentsOf(pid).includes(folder);
  }
}

function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // gone meanwhile
  }
}

/** Sends a signal; false when the process is gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Waits until `done` holds; false when it did not within `timeoutMs`. */
export async function until(done: () => boolean, timeoutMs: number, everyMs = 20): Promise<boolean> {
  for (const end = performance.now() + timeoutMs; ; await pause(everyMs)) {
    if (done()) return true;
    if (performance.now() >= end) return false;
  }
}

function startedAtByProc(pid: number): string | null {
  try {
    // the name in parentheses may hold blanks; field 3 (state) follows it, and field 22 is the start time
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function startedAtByPs(pid: number): string | null {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim() || null;
  } catch {
    return null;
  }
}
