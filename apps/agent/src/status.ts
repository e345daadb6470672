import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SpoolStatus } from './spool/spool.js';

/** What an agent writes of itself, wire names. */
export interface AgentStatus {
  /** null: it ended in order. */
  readonly pid: number | null;
  readonly version: string;
  readonly agent_id: string | null;
  readonly server: string | null;
  readonly connected: boolean;
  /** Why it is not connected, in a sentence; empty when it is. */
  readonly trouble: string;
  /** When this was written, ISO 8601. */
  readonly at: string;
  readonly spool: SpoolStatus;
  readonly collectors: readonly { readonly name: string; readonly state: string; readonly message: string }[];
}

/** For `flotilla-agent status`; written when something changed and at the end. Only a convenience: never throws. */
export function writeStatus(stateDir: string, status: AgentStatus): void {
  const path = join(stateDir, 'status.json');
  try {
    writeFileSync(`${path}.new`, `${JSON.stringify(status, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch {
    // a full or read-only disk; the log and the control plane say so
  }
}

/** What `status` prints; null when no agent ever ran there, `unreadable` when it may not be read or is torn. */
export function readStatus(stateDir: string): AgentStatus | 'unreadable' | null {
  try {
    const status = JSON.parse(readFileSync(join(stateDir, 'status.json'), 'utf8')) as AgentStatus | null;
    return Array.isArray(status?.collectors) && typeof status.spool === 'object' ? status : 'unreadable';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : 'unreadable';
  }
}
