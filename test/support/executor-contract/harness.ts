import { join } from 'node:path';
import type { KnownProcess } from '@flotilla/domain';
import { systemClock } from '../../../apps/agent/src/clock.js';
import type { Clock } from '../../../apps/agent/src/clock.js';
import { parseFile } from '../../../apps/agent/src/config/settings.js';
import { ActionJournal } from '../../../apps/agent/src/executors/action-journal.js';
import { ActionRunner } from '../../../apps/agent/src/executors/action-runner.js';
import type { Result } from '../../../apps/agent/src/executors/action-runner.js';
import type { ActionRecord } from '../../../apps/agent/src/executors/action-state.js';
import type { ActionOffer } from '../../../apps/agent/src/executors/executor.js';
import { createExecutors } from '../../../apps/agent/src/executors/index.js';
import { silentLog } from '../../../apps/agent/src/log.js';
import { toolsFor } from './tools.js';

/** An offer as the control plane would send it. */
export const offerOf = (more: Partial<ActionOffer> = {}): ActionOffer => ({
  actionId: 'act_1',
  fence: 1,
  verb: 'stop',
  instanceId: 'self',
  controlKind: '',
  argumentsJson: '{}',
  expiresAtMs: 0,
  force: false,
  idleSinceMs: 0,
  idleBelowPercent: 0,
  ...more,
});

export interface HarnessOptions {
  readonly folder: string;
  readonly controls: readonly object[];
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** Dies, as a power cut would, instead of writing this record and everything after it. */
  readonly dieAt?: (record: ActionRecord) => boolean;
  /** What computes on the GPUs; null: nobody can tell. */
  readonly processes?: readonly KnownProcess[] | null;
  readonly idle?: { idle: true } | { idle: false; reason: string };
}

/** A runner of the configured executors on a journal in `folder`, as in the agent. Make another one to restart it. */
export async function startRunner(options: HarnessOptions) {
  const clock = options.clock ?? systemClock;
  const { controls } = parseFile(JSON.stringify({ controls: options.controls }), 'test');
  const journal = new DyingJournal(join(options.folder, 'journal'), Date.now(), options.dieAt ?? (() => false));
  const runner = new ActionRunner({
    journal,
    folder: options.folder,
    ownInstanceId: 'host-1',
    clock,
    nowMs: () => clock.nowMs(),
    idleSince: () => options.idle ?? { idle: true },
    gpuProcesses: async () => (options.processes === undefined ? [] : options.processes),
    log: silentLog,
  });
  const environment = options.env ?? {};
  const executors = await createExecutors(controls, toolsFor({ clock, environment }));
  if (executors.length !== controls.length) throw new Error('an executor could not be made');
  runner.use(executors);
  const results: Result[] = [];
  runner.onResult = (result) => {
    if (!journal.isDead) results.push(result);
  };
  /** Offers it and waits for its end. */
  const carryOut = async (more: Partial<ActionOffer> = {}) => {
    runner.offer(offerOf(more));
    await Promise.race([runner.idle(), journal.death]);
    return results.at(-1)?.outcome;
  };
  return { runner, journal, results, carryOut, executors };
}

/** Stops writing at a point of the test's choice: what the process would do after its death, it does in vain. */
class DyingJournal extends ActionJournal {
  isDead = false;
  readonly death: Promise<void>;
  private die: () => void = () => {};

  constructor(
    path: string,
    nowMs: number,
    private readonly dieAt: (record: ActionRecord) => boolean,
  ) {
    super(path, nowMs);
    this.death = new Promise((resolve) => (this.die = resolve));
  }

  override write(record: ActionRecord): void {
    if (this.isDead || this.dieAt(record)) {
      if (!this.isDead) this.close();
      this.isDead = true;
      this.die();
      throw new Error('the agent is dead');
    }
    super.write(record);
  }
}
