import type { Executor } from './executor.js';
import { FACTORIES } from './kinds.js';
import type { ControlSettings, ExecutorFactory, ExecutorTools } from './kinds.js';
import { withSiblings } from './siblings.js';

/**
 * The executors that the configuration asks for, in its order: the first that covers an offer carries it out. One that
 * cannot be made (a credential file is missing) is said in the log and left out; the others work.
 */
export async function createExecutors(controls: readonly ControlSettings[], tools: ExecutorTools): Promise<Executor[]> {
  const executors: Executor[] = [];
  for (const [at, control] of controls.entries()) {
    try {
      executors.push(await createExecutor(control, tools));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      tools.log.error({ control: at, kind: control.kind }, `controls[${at}] (${control.kind}) cannot be used: ${why}`);
    }
  }
  return withSiblings(executors);
}

/** @throws Error that says why this control cannot be used */
export async function createExecutor(control: ControlSettings, tools: ExecutorTools): Promise<Executor> {
  const make = (await FACTORIES[control.kind]()) as ExecutorFactory<ControlSettings>;
  return make(control, tools);
}
