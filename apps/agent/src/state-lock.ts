import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, processAt } from './executors/process-table.js';

/** Another agent works with this state folder. */
export class StateInUseError extends Error {}

/**
 * Two agents must not share a state folder: both would send the same spool and act on the same journal.
 *
 * @returns what gives it back
 * @throws StateInUseError
 */
export function claimStateDir(stateDir: string): () => void {
  const path = join(stateDir, 'agent.pid');
  const other = holder(path);
  if (other && other.pid !== process.pid && isAlive(other)) {
    throw new StateInUseError(
      `another agent (process ${other.pid}) works with the state folder ${stateDir}; stop it first, or give this one another --state-dir`,
    );
  }
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    writeFileSync(path, JSON.stringify(processAt(process.pid) ?? { pid: process.pid, startTicks: 0 }), { mode: 0o600 });
  } catch {
    // a read-only disk: the agent works in memory and says so
  }
  return () => {
    try {
      if (holder(path)?.pid === process.pid) rmSync(path, { force: true });
    } catch {
      // the next start sees that this process is gone
    }
  };
}

/** The process of the agent that works with this state folder now; null: none does. */
export function runningAgent(stateDir: string): number | null {
  const other = holder(join(stateDir, 'agent.pid'));
  return other && isAlive(other) ? other.pid : null;
}

function holder(path: string): { pid: number; startTicks: number } | null {
  try {
    const { pid, startTicks } = JSON.parse(readFileSync(path, 'utf8')) as { pid: number; startTicks: number };
    return Number.isSafeInteger(pid) ? { pid, startTicks } : null;
  } catch {
    return null;
  }
}
