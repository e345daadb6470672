import type { ActionOutcome } from '@flotilla/domain';
import { rehearse } from './carry-out.js';
import type { ActionOffer } from './executor.js';
import { createExecutor } from './index.js';
import type { ControlSettings, ExecutorTools } from './kinds.js';
import { makeDeed } from './make-deed.js';
import { OutputFile } from './output.js';
import { refused } from './outcomes.js';
import { newAction } from './action-state.js';

/** A configured control as a person on the host asks about it; nothing is changed by asking. */
export interface ControlView {
  readonly kind: string;
  readonly level: string;
  readonly verbs: readonly string[];
  readonly instances: readonly string[];
  /** Whether it can be used at all; null: yes. */
  readonly trouble: string | null;
  /** For each verb and instance: what would be done now, or why not. */
  readonly dryRuns: readonly { readonly verb: string; readonly instance: string; readonly outcome: ActionOutcome }[];
}

/** More instances than a screen holds are not asked about one by one. */
const MOST_INSTANCES = 20;

/**
 * Every control of the configuration with a dry run of each of its verbs: what is found out before the control plane asks
 * (a socket that may not be used, a unit that is not there). Idleness and processes are the running agent's to judge and
 * are left out.
 */
export async function lookAtControls(
  controls: readonly ControlSettings[],
  tools: ExecutorTools,
): Promise<ControlView[]> {
  const views: ControlView[] = [];
  for (const control of controls) {
    try {
      const { kind, level, verbs, instanceIds } = (await createExecutor(control, tools)).control;
      const instances = instanceIds.slice(0, MOST_INSTANCES);
      const dryRuns = [];
      for (const instance of instances) {
        for (const verb of verbs)
          dryRuns.push({ verb, instance, outcome: await dryRun(control, tools, verb, instance) });
      }
      views.push({ kind, level, verbs, instances: instanceIds, trouble: null, dryRuns });
    } catch (error) {
      const trouble = error instanceof Error ? error.message : String(error);
      views.push({ kind: control.kind, level: '', verbs: [], instances: [], trouble, dryRuns: [] });
    }
  }
  return views;
}

/** What one control would do, or why not; changes nothing. */
export async function dryRun(
  control: ControlSettings,
  tools: ExecutorTools,
  verb: string,
  instanceId = 'self',
): Promise<ActionOutcome> {
  const offer: ActionOffer = {
    actionId: 'dry-run',
    fence: 1,
    verb,
    instanceId,
    controlKind: control.kind,
    argumentsJson: '{}',
    expiresAtMs: 0,
    force: false,
    idleSinceMs: 0,
    idleBelowPercent: 0,
    dryRun: true,
  };
  try {
    const executor = await createExecutor(control, tools);
    const options = {
      journal: null,
      folder: '/',
      ownInstanceId: 'self',
      clock: tools.clock,
      nowMs: () => tools.clock.nowMs(),
      idleSince: () => ({ idle: true }) as const,
      gpuProcesses: async () => null,
      log: tools.log,
    };
    const state = newAction(offer, tools.clock.nowMs(), '');
    return await rehearse(makeDeed(options, [executor], offer.actionId, state, new OutputFile('/dev/null'), () => {}));
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
}
