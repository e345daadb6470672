import { join } from 'node:path';
import { environmentOfProcess } from '../config/env.js';
import { ActionJournal } from '../executors/action-journal.js';
import { ActionRunner } from '../executors/action-runner.js';
import { GpuProcesses } from '../executors/gpu-processes.js';
import { createExecutors } from '../executors/index.js';
import type { ExecutorTools } from '../executors/kinds.js';
import type { AgentContext } from './context.js';

/** What carries out orders, and the journal that makes sure that none runs twice (null: it cannot be used). */
export interface Acting {
  readonly runner: ActionRunner;
  readonly journal: ActionJournal | null;
  /** Loads and makes what the configuration asks for; before the first hello, which announces it. */
  load(): Promise<void>;
}

export function wireExecutors(context: AgentContext): Acting {
  const { settings, clock, log, nowMs, activity, inventory } = context;
  const folder = join(settings.stateDir, 'actions');
  const journal = openJournal(join(folder, 'journal'), context);
  const processes = new GpuProcesses({ clock });
  context.intake.watch({ processes: (_, list) => processes.note(list) });
  const runner = new ActionRunner({
    journal,
    folder,
    // a cloud may tell the machine's id only later
    get ownInstanceId() {
      return inventory.instanceFacts?.instance_id ?? settings.instance.instance_id ?? context.machine.instanceId;
    },
    formerInstanceId: context.machine.instanceId,
    clock,
    nowMs,
    idleSince: (sinceMs, belowPercent) => {
      const present = inventory.presentGpus.map(({ uuid }) => uuid);
      return activity.idleSince(sinceMs, belowPercent, nowMs(), present);
    },
    gpuProcesses: () => processes.now(),
    log,
  });
  const tools: ExecutorTools = { commandEnv: settings.commandEnv, environment: environmentOfProcess(), clock, log };
  return { runner, journal, load: async () => runner.use(await createExecutors(settings.controls, tools)) };
}

function openJournal(path: string, { clock, log }: AgentContext): ActionJournal | null {
  try {
    return new ActionJournal(path, clock.nowMs());
  } catch (error) {
    log.error({ err: error }, `the action journal ${path} cannot be used; actions are refused until it can`);
    return null;
  }
}
