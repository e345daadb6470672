import { failpoint } from '../failpoint.js';
import { ActLease } from './act-context.js';
import type { ActionRunnerOptions } from './action-runner.js';
import { newestGeneration } from './action-state.js';
import type { ActionRecord, ActionState } from './action-state.js';
import type { Deed } from './carry-out.js';
import type { Executor } from './executor.js';
import type { OutputFile } from './output.js';
import { awaitAdopted } from './run-command.js';

/** A command that an earlier version of the agent started, without writing down how long it may run. */
const ADOPTED_MS = 10 * 60_000;
const ADOPTED_GRACE_MS = 10_000;

/** One action with everything that it may use. */
export function makeDeed(
  options: ActionRunnerOptions,
  executors: readonly Executor[],
  id: string,
  state: ActionState,
  output: OutputFile,
  tryWrite: (record: ActionRecord) => void,
): Deed {
  const { clock, gpuProcesses, idleSince, journal, nowMs } = options;
  const { offer } = state;
  const lease = new ActLease({
    actionId: id,
    folder: options.folder,
    output,
    clock,
    steps: () => journal?.get(id)?.steps ?? new Map(),
    write: (record) => {
      if (!journal) throw new Error('there is no action journal');
      journal.write(record);
    },
    tryWrite,
  });
  return {
    lease,
    actionId: id,
    state,
    executor:
      executors.find((e) => e.covers(offer) && (e.control.verbs as readonly string[]).includes(offer.verb)) ??
      executors.find((e) => e.covers(offer)),
    clock,
    nowMs,
    host: {
      nowMs,
      idleSince,
      gpuProcesses,
      newestGeneration: () => newestGeneration(journal?.all ?? new Map(), id, offer.instanceId),
      cancelled: () => Boolean(journal?.get(id)?.outcome),
    },
    starting: ({ timeoutMs, graceMs }) => {
      journal?.write({ t: 'starting', id, atMs: nowMs(), timeoutMs, graceMs });
      failpoint('after-journal-starting');
    },
    adopt: (ref) => {
      const timeoutMs = state.timeoutMs ?? ADOPTED_MS;
      // what is left of its own time; a clock that was set back gives it no more than it had
      const leftMs = Math.min(timeoutMs, Math.max(0, (state.startingAtMs ?? nowMs()) + timeoutMs - nowMs()));
      return awaitAdopted(ref, clock.monotonicMs() + leftMs, state.graceMs ?? ADOPTED_GRACE_MS, output, clock);
    },
    output: () => output.read(),
  };
}
