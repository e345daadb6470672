import type { ControlLevel, ActionVerb } from './control.js';
import { wanted } from './settlement.js';

/** From the moment it may run, an action must be accepted by its agent within this time. */
export const ACTION_DEADLINE_MINUTES = 15;

export interface RequestedInstance {
  readonly providerId: string;
  readonly state: string;
  /** What is known of the workload; null: nothing. */
  readonly workloadState: 'running' | 'stopped' | null;
  readonly protected: boolean;
}

/**
 * Why an action on this instance makes no sense or is not allowed, whoever could carry it out; null: nothing against it.
 * `force` does not help against any of these.
 */
export function refusal(instance: RequestedInstance, verb: ActionVerb): string | null {
  if (instance.state === 'terminated') {
    return `Instance ${instance.providerId} is terminated: it can never be ${verb === 'stop' ? 'stopped' : 'started'} again.`;
  }
  if (instance.protected) {
    return `Instance ${instance.providerId} is protected: no ${verb} is carried out. An admin can remove the protection (PATCH /instances/:id {"protected": false}).`;
  }
  return null;
}

/**
 * Why there is nothing to do, given what the chosen controller acts on; null: there is.
 *
 * A workload that was never started or stopped by an action is taken to follow its machine.
 */
export function nothingToDo(instance: RequestedInstance, verb: ActionVerb, level: ControlLevel): string | null {
  const already = (what: string, state: string) =>
    `${what} ${instance.providerId} is already ${state}: nothing to ${verb}.`;
  if (level === 'power' || instance.state === 'stopped') {
    return instance.state === wanted(verb) ? already('Instance', instance.state) : null;
  }
  const workload = instance.workloadState ?? (instance.state === 'running' ? 'running' : null);
  return workload === wanted(verb) ? already('The workload of instance', workload) : null;
}
