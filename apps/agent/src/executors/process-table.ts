import { readdirSync, readFileSync } from 'node:fs';

/** A process, told from a later one with the same number by the time at which it started. */
export interface ProcessRef {
  readonly pid: number;
  /** Clock ticks since boot (field 22 of /proc/<pid>/stat). */
  readonly startTicks: number;
}

/** Marks the children of an action; a process keeps it for its life, and so do its own children. */
export const ACTION_VARIABLE = 'FLOTILLA_ACTION_ID';

/** The process with that number, or null when there is none (or only its remains). */
export function processAt(pid: number): ProcessRef | null {
  const stat = statOf(pid);
  return stat && stat.state !== 'Z' && stat.state !== 'X' ? { pid, startTicks: stat.startTicks } : null;
}

export const isAlive = (ref: ProcessRef): boolean => processAt(ref.pid)?.startTicks === ref.startTicks;

/**
 * The leader of the processes that belong to an action, found by the mark in their environment: for an agent that died
 * between starting a command and writing its number down. Null: none is left (or /proc does not show it).
 */
export function findProcessOf(actionId: string): ProcessRef | null {
  const mark = `${ACTION_VARIABLE}=${actionId}`;
  let names: string[];
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return null;
  }
  const found: { ref: ProcessRef; leader: boolean }[] = [];
  for (const name of names) {
    try {
      if (!readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(mark)) continue;
      const pid = Number(name);
      const ref = processAt(pid);
      if (ref) found.push({ ref, leader: statOf(pid)?.group === pid });
    } catch {
      // gone meanwhile, or another user's
    }
  }
  return found.find((process) => process.leader)?.ref ?? found[0]?.ref ?? null;
}

/** Identifies this boot of the kernel; empty where the kernel does not say. */
export function kernelBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function statOf(pid: number): { state: string; group: number; startTicks: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // the name stands in brackets and may hold spaces and brackets itself
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', group: Number(fields[2]), startTicks: Number(fields[19]) };
  } catch {
    return null;
  }
}
