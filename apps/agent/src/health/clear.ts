import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterClearing } from '@flotilla/domain';
import { runningAgent } from '../state-lock.js';
import { writeClearRequest } from './clear-requests.js';
import { loadHealth, saveHealth } from './state-file.js';

export interface Cleared {
  /** False: nothing was changed; the message says why and what to do. */
  readonly done: boolean;
  /** One sentence for a person. */
  readonly message: string;
}

/** A running agent looks once a second. */
const PATIENCE_MS = 10_000;

/**
 * `flotilla-agent clear-health`: a person on the host says that a GPU is repaired. A running agent is told and answers;
 * without one what is remembered is changed at once. The control plane hears of it with the agent's next inventory.
 *
 * @param gpu a GPU uuid, or all
 * @param by who says so, for the log and the audit
 * @throws Error when the state folder cannot be written
 */
export async function clearHealth(stateDir: string, gpu: string, by: string): Promise<Cleared> {
  const known = loadHealth(stateDir).gpus;
  const uuids = Object.keys(known).filter((uuid) => gpu === 'all' || uuid === gpu);
  if (uuids.length === 0) {
    const listed = Object.keys(known).join(', ') || 'none';
    return { done: false, message: `This host knows no GPU ${gpu}. It knows: ${listed}.` };
  }
  const what = uuids.length === 1 ? `GPU ${uuids[0]}` : `${uuids.length} GPUs`;
  const pid = runningAgent(stateDir);
  if (pid === null) {
    clearOnDisk(stateDir, uuids);
    return { done: true, message: `Cleared the health of ${what}. No agent runs; the next one goes on from there.` };
  }
  const request = writeClearRequest(stateDir, { gpu, by });
  for (let waited = 0; waited < PATIENCE_MS; waited += 200) {
    if (!existsSync(request)) return { done: true, message: `The agent cleared the health of ${what}.` };
    await sleep(200);
  }
  rmSync(request, { force: true });
  const why = `The agent (process ${pid}) did not take the request within ${PATIENCE_MS / 1000} s.`;
  return { done: false, message: `${why} See its log; after it has ended, this command works without it.` };
}

function clearOnDisk(stateDir: string, uuids: readonly string[]): void {
  const remembered = loadHealth(stateDir);
  const gpus = Object.fromEntries(
    Object.entries(remembered.gpus).map(([uuid, state]) => [
      uuid,
      uuids.includes(uuid) ? afterClearing(state, remembered.host.conditions) : state,
    ]),
  );
  saveHealth(stateDir, { ...remembered, gpus });
}
