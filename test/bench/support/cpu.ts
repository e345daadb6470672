import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** CPU seconds so far of all processes of a PostgreSQL server, those that ended included; Linux only, else NaN. */
export function postgresCpuSeconds(postmasterPid: number): number {
  try {
    let ticks = cpuOf(postmasterPid, true);
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      try {
        if (parentOf(Number(entry)) === postmasterPid) ticks += cpuOf(Number(entry), false);
      } catch {
        // ended meanwhile: then it counts among the children of the postmaster
      }
    }
    return ticks / TICKS_PER_SECOND;
  } catch {
    return NaN;
  }
}

function fields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** The parent's process id. @throws Error when there is no such process, or no /proc */
export const parentOf = (pid: number) => Number(fields(pid)[1]);

function cpuOf(pid: number, withEndedChildren: boolean): number {
  const f = fields(pid);
  const own = Number(f[11]) + Number(f[12]);
  return withEndedChildren ? own + Number(f[13]) + Number(f[14]) : own;
}

/** CPU milliseconds so far of one process, exact to a switch of the scheduler; Linux only, else NaN. */
export function processCpuMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return NaN;
  }
}

/** CPU milliseconds so far of all threads that a process has now, exact to a switch of the scheduler; Linux only, else NaN. */
export function allThreadsCpuMs(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.reduce((ms, thread) => ms + threadCpuMs(pid, thread), 0);
  } catch {
    return NaN;
  }
}

function threadCpuMs(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return 0; // ended meanwhile
  }
}

/** Resident memory, MB of 10^6 bytes. */
export function residentMb(pid: number): number {
  const kb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN);
  return (kb * 1024) / 1e6;
}

/**
 * Page faults of all children that ended and were waited for. A process cannot live without one, so as long as this
 * number stands no child has ended, however short it lived.
 */
export const faultsOfEndedChildren = (pid: number): number => Number(fields(pid)[8]);

/** A process and everything below it. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      parents.set(Number(entry), parentOf(Number(entry)));
    } catch {
      // ended meanwhile
    }
  }
  const tree = [root];
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  return tree;
}

/** Growth in units a minute of values that were taken once a second (least squares). */
export function slopePerMinute(values: readonly number[]): number {
  const n = values.length;
  const meanX = (n - 1) / 2;
  const meanY = values.reduce((sum, y) => sum + y, 0) / n;
  const above = values.reduce((sum, y, x) => sum + (x - meanX) * (y - meanY), 0);
  const below = values.reduce((sum, _, x) => sum + (x - meanX) ** 2, 0);
  return below === 0 ? 0 : (above / below) * 60;
}
