import { readStatus } from '../status.js';
import type { AgentStatus } from '../status.js';
import type { Command } from './command.js';
import { complain, say } from './say.js';

/** Prints what the agent in the state folder last wrote of itself. */
export const status: Command = (invocation) => {
  const { stateDir } = invocation.settings();
  const found = readStatus(stateDir);
  if (found === null) {
    complain(`no agent ever ran with the state folder ${stateDir}`);
    return 3;
  }
  if (found === 'unreadable') {
    complain(`what the agent wrote in ${stateDir} cannot be read: call this as root, or as the agent's user`);
    return 1;
  }
  const runs = found.pid !== null && isAlive(found.pid);
  const shown = runs ? found : { ...found, pid: null, connected: false };
  if (invocation.line.flags.json) say(JSON.stringify(shown, null, 2));
  else for (const line of statusLines(shown, found.pid !== null)) say(line);
  return runs && found.connected ? 0 : 1;
};

function statusLines(status: AgentStatus, wasRunning: boolean): string[] {
  const { spool, collectors } = status;
  const running =
    status.pid === null ? `not running${wasRunning ? ' (it ended without a word)' : ''}` : `process ${status.pid}`;
  return [
    `agent       ${status.agent_id || 'not enrolled'}, version ${status.version}, ${running}`,
    `server      ${status.server ?? 'none'}, ${status.connected ? 'connected' : 'not connected'}${status.trouble ? `: ${status.trouble}` : ''}`,
    `as of       ${status.at}`,
    `spool       ${spoolLine(spool)}`,
    ...collectors.map(
      ({ name, state, message }, at) => `${at === 0 ? 'collectors' : ''}`.padEnd(12) + `${name}: ${state}. ${message}`,
    ),
  ];
}

/** What waits on this disk for the control plane, and what was lost. */
function spoolLine({ oldestSeq, newestSeq, bytes, droppedEntries, degraded }: AgentStatus['spool']): string {
  const waiting = oldestSeq === 0 ? 0 : newestSeq - oldestSeq + 1;
  const parts = [
    waiting === 0 ? 'nothing waits to be sent' : `${waiting} entries wait to be sent, ${(bytes / 1024).toFixed(0)} kB`,
    ...(droppedEntries > 0 ? [`${droppedEntries} were dropped since the spool was made`] : []),
    ...(degraded ? ['in memory only: the disk is full or read-only'] : []),
  ];
  return parts.join('; ');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
