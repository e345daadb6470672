import type { ActionOutcome } from '@flotilla/domain';
import { endOfCommand } from './act-end.js';
import { planOf } from './carry-out.js';
import type { Deed } from './carry-out.js';
import type { ActEnd, Plan } from './executor.js';
import { refused } from './outcomes.js';
import { forbidden } from './preconditions.js';
import { findProcessOf, isAlive, kernelBootId } from './process-table.js';
import { observe, verify } from './verify.js';

/**
 * An earlier run of the agent died after it wrote `starting`: a command may have run, run still, or never have begun; a
 * request may have arrived or not. No command is started again and nothing that might count twice is sent again; what
 * is real decides, and where nothing tells, the outcome is `unknown`.
 */
export async function reconcile(deed: Deed): Promise<ActionOutcome> {
  const { state } = deed;
  const startedAtMs = state.startingAtMs ?? state.acceptedAtMs;
  const end = await whatIsLeft(deed);
  const plan = await planOf(deed);
  if ('refused' in plan) {
    const message = `the agent ended while it acted, and what it was to do cannot be looked up any more: ${plan.refused}`;
    const { exitCode, output, outputTruncated } = end;
    const base = { ...refused(message), exitCode, output, outputTruncated };
    return { ...base, outcome: 'unknown', startedAtMs, finishedAtMs: deed.nowMs() };
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
  return verify(deed, plan, (await resumed(deed, plan)) ?? end, startedAtMs);
}

/** The end of a command that an earlier run started, or what the journal says of requests. */
async function whatIsLeft(deed: Deed): Promise<ActEnd> {
  const { state } = deed;
  const known = state.process && isAlive(state.process) ? state.process : null;
  const ref = known ?? findProcessOf(deed.actionId);
  if (ref) return endOfCommand(await deed.adopt(ref));
  if (state.steps.size > 0) {
    const [name, step] = [...state.steps].at(-1)!;
    const said = step.answer ? `${step.answer.said}, before the agent ended` : `the agent ended while it sent ${name}`;
    return { how: 'uncertain', said, exitCode: null, output: '', outputTruncated: false, mayStillWork: true };
  }
  return endOfCommand({
    exitCode: null,
    ...deed.output(),
    trouble: 'was interrupted by the end of the agent, so its exit code is not known',
  });
}

/** Goes on with an act that sent something and is not finished; null: there is nothing to go on with, or it may not. */
async function resumed(deed: Deed, plan: Plan): Promise<ActEnd | null> {
  // nothing was sent: it would be a first time, and long after the preconditions were looked at
  if (!plan.resume || deed.state.steps.size === 0) return null;
  if ((await forbidden(deed.state.offer, plan, deed.host)) !== null) return null;
  if ((await observe(deed, plan)).state === plan.desired) return null;
  return deed.lease.act(plan, true);
}
