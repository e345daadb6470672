import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process's number and when it started, so that a later one with the same number is not taken for it. */
export function identify(pid) {
  const startedAt = process.platform === 'linux' ? byProc(pid) : byPs(pid);
  return startedAt ? { pid, startedAt } : null;
}

export const isAlive = (identity) =>
  typeof identity?.pid === 'number' && identify(identity.pid)?.startedAt === identity.startedAt;

function byProc(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : fields[19];
  } catch {
    return null;
  }
}

function byPs(pid) {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return null;
  }
}
