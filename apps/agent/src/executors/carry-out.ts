import type { ActionOutcome } from '@flotilla/domain';
import type { Clock } from '../clock.js';
import type { ActLease } from './act-context.js';
import type { ActionState } from './action-state.js';
import type { CommandEnd, Executor, NoPlan, Plan } from './executor.js';
import { refused } from './outcomes.js';
import { forbidden } from './preconditions.js';
import type { HostNow } from './preconditions.js';
import type { ProcessRef } from './process-table.js';
import { observe, verify } from './verify.js';

/** One action on its way, with everything that it may use. */
export interface Deed {
  readonly actionId: string;
  readonly state: ActionState;
  readonly executor: Executor | undefined;
  readonly lease: ActLease;
  readonly clock: Clock;
  readonly nowMs: () => number;
  readonly host: HostNow;
  /** Writes down, durably, that from now on something may have been done. @throws when it cannot */
  readonly starting: (plan: Plan) => void;
  /** Waits for a command that an earlier run started. */
  readonly adopt: (ref: ProcessRef) => Promise<CommandEnd>;
  /** What its command printed so far. */
  readonly output: () => { output: string; outputTruncated: boolean };
}

/** Precondition → do → verify. */
export async function carryOut(deed: Deed): Promise<ActionOutcome> {
  const plan = await planOf(deed);
  if ('refused' in plan) return refused(plan.refused);
  const no = await forbidden(deed.state.offer, plan, deed.host);
  if (no) return refused(no);
  const before = await observe(deed, plan);
  if (before.state === plan.desired) {
    return {
      ...refused(`nothing to do: it was ${plan.desired} already (${before.detail})`),
      outcome: 'succeeded',
      observedState: before.state,
    };
  }
  // the check may have taken a while
  const late = await forbidden(deed.state.offer, plan, deed.host);
  if (late) return refused(late);
  const startedAtMs = deed.nowMs();
  deed.starting(plan);
  const end = await deed.lease.act(plan);
  return verify(deed, plan, end, startedAtMs);
}

/** Everything but the deed: what would be done, and whether it might be. `succeeded` means: it would be tried. */
export async function rehearse(deed: Deed): Promise<ActionOutcome> {
  const plan = await planOf(deed);
  if ('refused' in plan) return refused(plan.refused);
  const no = await forbidden(deed.state.offer, plan, deed.host);
  if (no) return refused(`it would not ${plan.what}: ${no}`);
  const seen = await observe(deed, plan);
  const now = `it is ${seen.state === 'unverified' ? 'in a state that cannot be told' : seen.state} now (${seen.detail})`;
  if (seen.state === plan.desired) {
    return { ...refused(`it would do nothing: ${now}`), outcome: 'succeeded' };
  }
  const word = await plan.rehearse?.(deed.lease.signal).catch((error: unknown) => ({
    allowed: null,
    detail: `whether it is allowed could not be asked: ${error instanceof Error ? error.message : String(error)}`,
  }));
  if (word?.allowed === false) return refused(`it could not ${plan.what}: ${word.detail}`);
  const asked = word ? `; ${word.detail}` : '';
  return { ...refused(`it would ${plan.what}; ${now}${asked}. Nothing was done`), outcome: 'succeeded' };
}

/** Looks up what is to be done; acts on nothing. */
export async function planOf(deed: Deed): Promise<Plan | NoPlan> {
  const { offer } = deed.state;
  if (!deed.executor) {
    return {
      refused: `this agent has no control${offer.controlKind ? ` of kind ${offer.controlKind}` : ''} that may ${offer.verb} ${offer.instanceId === 'self' ? 'this host' : offer.instanceId}; add one to its configuration`,
    };
  }
  const { control } = deed.executor;
  if (!(control.verbs as readonly string[]).includes(offer.verb)) {
    return { refused: `${offer.verb} is not among the verbs that the ${control.kind} control allows` };
  }
  try {
    return await deed.executor.plan(offer, deed.lease.signal);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { refused: `the ${control.kind} control could not find out what to ${offer.verb}: ${why}` };
  }
}
