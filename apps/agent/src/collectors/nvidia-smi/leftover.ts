import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** A process, told from a later one with the same number by the time of its start (ticks since boot). */
interface Mark {
  readonly pid: number;
  readonly startTicks: string;
}

/**
 * The loop of an agent that was killed before it could kill its own child. A healthy one ends by itself at its next
 * row, since nobody reads the pipe; a hung one would stay, and each start would add another.
 */
export class Leftover {
  private mark: Mark | null;

  constructor(private readonly path: string) {
    this.mark = readMark(path);
    if (this.mark && !this.alive) this.mark = null;
    if (this.mark) kill(this.mark.pid);
  }

  /** True while the earlier process still lives, killed or not. */
  get alive(): boolean {
    if (this.mark && startTicksOf(this.mark.pid) !== this.mark.startTicks) this.mark = null;
    return this.mark !== null;
  }

  /** Remembers the loop of this run for the next one. Without /proc, or on a disk that refuses, nothing is. */
  remember(pid: number): void {
    const startTicks = startTicksOf(pid);
    if (startTicks === null) return;
    try {
      writeFileSync(`${this.path}.new`, JSON.stringify({ pid, startTicks }));
      renameSync(`${this.path}.new`, this.path);
    } catch {
      // The worst that follows is one hung process more after a crash.
    }
  }
}

function readMark(path: string): Mark | null {
  try {
    const { pid, startTicks } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Mark>;
    return Number.isInteger(pid) && (pid as number) > 1 && typeof startTicks === 'string'
      ? { pid: pid as number, startTicks }
      : null;
  } catch {
    return null;
  }
}

/** Null when there is no such process, or when it only waits to be buried (Z, X). */
function startTicksOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything: count from its end. State is field 3, the start time field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function kill(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone in between, or not ours to kill: `alive` tells.
  }
}
