import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** For `flotilla-agent status`; written when something changed and at the end. Only a convenience: never throws. */
export function writeStatus(stateDir: string, status: object): void {
  try {
    writeFileSync(join(stateDir, 'status.json'), `${JSON.stringify(status, null, 2)}\n`, { mode: 0o600 });
  } catch {
    // a full or read-only disk; the log and the control plane say so
  }
}

/** What `status` prints, or null when no agent ever ran there. */
export function readStatus(stateDir: string): string | null {
  try {
    return readFileSync(join(stateDir, 'status.json'), 'utf8');
  } catch {
    return null;
  }
}
