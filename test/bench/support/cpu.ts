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
