import type { ActionOutcome } from '@flotilla/domain';
import type { Clock } from '../clock.js';
import type { IdleAnswer } from '../minute/activity.js';
import type { ActionState } from './action-state.js';
import type { ActContext, CommandEnd, Executor, Observation, Plan } from './executor.js';
import { findProcessOf, isAlive, kernelBootId } from './process-table.js';
import type { ProcessRef } from './process-table.js';

/** One action on its way, with everything that it may use. */
export interface Deed {
  readonly actionId: string;
  readonly state: ActionState;
  readonly executor: Executor | undefined;
  readonly context: ActContext;
  readonly clock: Clock;
  readonly nowMs: () => number;
  readonly idleSince: (sinceMs: number, belowPercent: number) => IdleAnswer;
  /** Writes down, durably, that from now on something may have been done. @throws when it cannot */
  readonly starting: (plan: Plan) => void;
  /** The control plane took the offer back before it began. */
  readonly cancelled: () => boolean;
  /** Waits for a command that an earlier run started. */
  readonly adopt: (ref: ProcessRef) => Promise<CommandEnd>;
  /** What its command printed so far. */
  readonly output: () => { output: string; outputTruncated: boolean };
}

/** The host said no before it did anything. */
export const refused = (message: string): ActionOutcome => ({
  outcome: 'refused',
  message,
  exitCode: null,
  output: '',
  outputTruncated: false,
  startedAtMs: null,
  finishedAtMs: null,
  observedState: null,
});

/** Why an offer that was taken back was not carried out. */
export const CANCELLED = 'it was cancelled before it began, so nothing was done';

/** Precondition → do → verify. */
export async function carryOut(deed: Deed): Promise<ActionOutcome> {
  const plan = planOf(deed);
  if ('refused' in plan) return refused(plan.refused);
  const no = forbidden(deed, plan);
  if (no) return refused(no);
  const before = await plan.observe();
  if (before.state === plan.desired) {
    return {
      ...refused(`nothing to do: it was ${plan.desired} already (${before.detail})`),
      outcome: 'succeeded',
      observedState: before.state,
    };
  }
  // the check may have taken a while
  const late = forbidden(deed, plan);
  if (late) return refused(late);
  const startedAtMs = deed.nowMs();
  deed.starting(plan);
  const end = await plan.act(deed.context);
  return verify(deed, plan, end, startedAtMs);
}

/**
 * An earlier run of the agent died after it wrote `starting`: the command may have run, run still, or never have
 * begun. It is not started again; what is real decides, and where nothing tells, the outcome is `unknown`.
 */
export async function reconcile(deed: Deed): Promise<ActionOutcome> {
  const { state } = deed;
  const startedAtMs = state.startingAtMs ?? state.acceptedAtMs;
  const known = state.process && isAlive(state.process) ? state.process : null;
  const ref = known ?? findProcessOf(deed.actionId);
  const end: CommandEnd = ref
    ? await deed.adopt(ref)
    : {
        exitCode: null,
        ...deed.output(),
        trouble: 'was interrupted by the end of the agent, so its exit code is not known',
      };
  const plan = planOf(deed);
  if ('refused' in plan) {
    const message = `the agent ended while it acted, and what it was to do is not configured any more: ${plan.refused}`;
    return { ...refused(message), ...end, outcome: 'unknown', startedAtMs, finishedAtMs: deed.nowMs() };
  }
  const bootId = kernelBootId();
  if (plan.endsHost && plan.desired === 'stopped' && bootId !== '' && bootId !== state.bootId) {
    return {
      ...refused('the host went down after the command was given; it is up again now'),
      output: end.output,
      outputTruncated: end.outputTruncated,
      outcome: 'succeeded',
      startedAtMs,
      finishedAtMs: deed.nowMs(),
      observedState: 'unverified',
    };
  }
  return verify(deed, plan, end, startedAtMs);
}

function planOf(deed: Deed): Plan | { readonly refused: string } {
  const { offer } = deed.state;
  if (!deed.executor) {
    return {
      refused: `this agent has no control${offer.controlKind ? ` of kind ${offer.controlKind}` : ''} that may ${offer.verb} ${offer.instanceId === 'self' ? 'this host' : offer.instanceId}; add one to its configuration`,
    };
  }
  if (!(deed.executor.control.verbs as readonly string[]).includes(offer.verb)) {
    return { refused: `${offer.verb} is not among the verbs that the ${deed.executor.control.kind} control allows` };
  }
  return deed.executor.plan(offer);
}

/** Why it may not be done now, or null. */
function forbidden(deed: Deed, plan: Plan): string | null {
  const { offer } = deed.state;
  if (deed.cancelled()) return CANCELLED;
  if (plan.protection) return plan.protection;
  if (offer.expiresAtMs > 0 && deed.nowMs() >= offer.expiresAtMs) return 'its deadline passed before it could begin';
  if (offer.force || offer.idleSinceMs === 0 || plan.desired !== 'stopped') return null;
  const answer = deed.idleSince(offer.idleSinceMs, offer.idleBelowPercent);
  return answer.idle ? null : `it is not idle any more: ${answer.reason}`;
}

async function verify(deed: Deed, plan: Plan, end: CommandEnd, startedAtMs: number): Promise<ActionOutcome> {
  const seen = await observeUntil(deed, plan, end);
  const base = {
    exitCode: end.exitCode,
    output: end.output,
    outputTruncated: end.outputTruncated,
    startedAtMs,
    finishedAtMs: deed.nowMs(),
    observedState: seen.state,
  };
  const command = end.trouble ? `the command ${end.trouble}` : `the command ended with exit code ${end.exitCode}`;
  if (seen.state === plan.desired) {
    const clean = end.exitCode === 0 ? '' : `, although ${command}`;
    return { ...base, outcome: 'succeeded', message: `${plan.what}: ${plan.desired} (${seen.detail})${clean}` };
  }
  if (seen.state === 'unverified') {
    if (end.exitCode === 0 && plan.verifyMs > 0) {
      const message = `${plan.what}: ${command}, but whether it is ${plan.desired} cannot be told (${seen.detail})`;
      return { ...base, outcome: 'unknown', message };
    }
    if (end.exitCode === 0) {
      return { ...base, outcome: 'succeeded', message: `${plan.what}: done, not verified (${seen.detail})` };
    }
    // a command that was seen to fail is a failure; one that nobody saw end may have worked
    const outcome = end.exitCode === null && !end.trouble?.startsWith('could not be started') ? 'unknown' : 'failed';
    return { ...base, outcome, message: `${plan.what}: ${command}, and the state cannot be told (${seen.detail})` };
  }
  return {
    ...base,
    outcome: 'failed',
    message: `${plan.what}: ${command}, and it is still ${seen.state} (${seen.detail})`,
  };
}

/** Reads the state back until it is the desired one; a command that failed gets no time for it to show. */
async function observeUntil(deed: Deed, plan: Plan, end: CommandEnd): Promise<Observation> {
  const deadline = deed.clock.monotonicMs() + (end.exitCode === 0 || end.exitCode === null ? plan.verifyMs : 0);
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 2_000)) {
    const seen = await plan.observe();
    const now = deed.clock.monotonicMs();
    if (seen.state === plan.desired || now >= deadline) return seen;
    const wait = Math.min(pauseMs, deadline - now);
    await new Promise<void>((resolve) => void deed.clock.after(wait, resolve));
  }
}
