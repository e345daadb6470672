import type { ActionOutcome } from '@flotilla/domain';
import { within } from './act-context.js';
import type { Deed } from './carry-out.js';
import type { ActEnd, Observation, Plan } from './executor.js';

/** One look at the state may take this long. */
const LOOK_MS = 30_000;

/** Decides by what is real: reads the state back until it is the desired one or its time is over. */
export async function verify(deed: Deed, plan: Plan, end: ActEnd, startedAtMs: number): Promise<ActionOutcome> {
  const seen = await observeUntil(deed, plan, end);
  const { exitCode, output, outputTruncated, how, said } = end;
  const base = {
    exitCode,
    output,
    outputTruncated,
    startedAtMs,
    finishedAtMs: deed.nowMs(),
    observedState: seen.state,
  };
  if (seen.state === plan.desired) {
    const clean = how === 'done' ? '' : `, although ${said}`;
    return { ...base, outcome: 'succeeded', message: `${plan.what}: ${plan.desired} (${seen.detail})${clean}` };
  }
  if (how === 'refused') return { ...base, outcome: 'refused', message: `${plan.what}: ${said}` };
  if (seen.state === 'unverified') {
    if (how === 'done' && plan.verifyMs === 0) {
      return { ...base, outcome: 'succeeded', message: `${plan.what}: done, not verified (${seen.detail})` };
    }
    if (how === 'done') {
      const message = `${plan.what}: ${said}, but whether it is ${plan.desired} cannot be told (${seen.detail})`;
      return { ...base, outcome: 'unknown', message };
    }
    // what was seen to fail is a failure; what nobody saw end may have worked
    const message = `${plan.what}: ${said}, and the state cannot be told (${seen.detail})`;
    return { ...base, outcome: how === 'uncertain' ? 'unknown' : 'failed', message };
  }
  const message = `${plan.what}: ${said}, and it is still ${seen.state} (${seen.detail})`;
  const open = seen.onItsWay || (how === 'uncertain' && end.mayStillWork);
  return { ...base, outcome: open ? 'unknown' : 'failed', message };
}

/** One look; what cannot be read is `unverified` with the reason. */
export async function observe(deed: Deed, plan: Plan): Promise<Observation> {
  const stop = new AbortController();
  const look = new Promise<Observation>((resolve) => resolve(plan.observe(stop.signal))).catch(
    (error: unknown): Observation => ({
      state: 'unverified',
      detail: `it cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    }),
  );
  const late: Observation = { state: 'unverified', detail: `it could not be read within ${LOOK_MS / 1000} s` };
  const seen = await within(deed.clock, LOOK_MS, look, () => late);
  stop.abort();
  return seen;
}

/** An act that failed gets no time for its effect to show. */
async function observeUntil(deed: Deed, plan: Plan, end: ActEnd): Promise<Observation> {
  const patient = end.how === 'done' || end.how === 'uncertain';
  const deadline = deed.clock.monotonicMs() + (patient ? plan.verifyMs : 0);
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 2_000)) {
    const seen = await observe(deed, plan);
    const now = deed.clock.monotonicMs();
    if (seen.state === plan.desired || now >= deadline) return seen;
    const wait = Math.min(pauseMs, deadline - now);
    await new Promise<void>((resolve) => void deed.clock.after(wait, resolve));
  }
}
