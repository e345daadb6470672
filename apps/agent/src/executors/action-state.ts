import type { ActionOutcome } from '@flotilla/domain';
import type { ActHow, ActionOffer } from './executor.js';

/** One line of the action journal. */
export type ActionRecord =
  | {
      readonly t: 'accepted';
      readonly id: string;
      readonly atMs: number;
      readonly bootId: string;
      readonly offer: ActionOffer;
    }
  | { readonly t: 'fence'; readonly id: string; readonly fence: number }
  /** Written before the command is started: from here on it may have run. */
  | {
      readonly t: 'starting';
      readonly id: string;
      readonly atMs: number;
      /** How long the command may run from then on; absent in journals of earlier versions. */
      readonly timeoutMs?: number;
      readonly graceMs?: number;
    }
  | { readonly t: 'started'; readonly id: string; readonly pid: number; readonly startTicks: number }
  /** Written before a request goes out: from here on it may have arrived. */
  | { readonly t: 'step'; readonly id: string; readonly name: string; readonly token: string }
  | ({ readonly t: 'answered'; readonly id: string; readonly name: string } & KeptAnswer)
  | { readonly t: 'outcome'; readonly id: string; readonly atMs: number; readonly outcome: ActionOutcome }
  | { readonly t: 'acked'; readonly id: string };

/** What a request was answered, as far as the journal keeps it. */
export interface KeptAnswer {
  readonly how: ActHow;
  readonly said: string;
  readonly keep?: string;
}

/** A request that was sent, or was about to be. */
export interface StepState {
  readonly token: string;
  /** null: no answer was written down. */
  readonly answer: KeptAnswer | null;
}

/** What the journal says about one action. */
export interface ActionState {
  readonly offer: ActionOffer;
  readonly fence: number;
  readonly acceptedAtMs: number;
  /** The kernel's boot id when it was accepted. */
  readonly bootId: string;
  readonly startingAtMs: number | null;
  /** null: an earlier version did not write it down. */
  readonly timeoutMs: number | null;
  readonly graceMs: number | null;
  readonly process: { readonly pid: number; readonly startTicks: number } | null;
  /** By name, in the order in which they were first sent. */
  readonly steps: ReadonlyMap<string, StepState>;
  readonly outcome: ActionOutcome | null;
  readonly outcomeAtMs: number | null;
  readonly acked: boolean;
}

export type Actions = ReadonlyMap<string, ActionState>;

/** An action that was just accepted. */
export const newAction = (offer: ActionOffer, acceptedAtMs: number, bootId: string): ActionState => ({
  offer,
  fence: offer.fence,
  acceptedAtMs,
  bootId,
  startingAtMs: null,
  timeoutMs: null,
  graceMs: null,
  process: null,
  steps: new Map(),
  outcome: null,
  outcomeAtMs: null,
  acked: false,
});

/** A record about an action that was never accepted (its line was lost) changes nothing. */
export function apply(actions: Map<string, ActionState>, record: ActionRecord): void {
  if (record.t === 'accepted') {
    if (actions.has(record.id)) return;
    actions.set(record.id, newAction(record.offer, record.atMs, record.bootId));
    return;
  }
  const state = actions.get(record.id);
  if (!state) return;
  switch (record.t) {
    case 'fence':
      actions.set(record.id, { ...state, fence: Math.max(state.fence, record.fence) });
      break;
    case 'starting':
      actions.set(record.id, {
        ...state,
        startingAtMs: record.atMs,
        timeoutMs: record.timeoutMs ?? null,
        graceMs: record.graceMs ?? null,
      });
      break;
    case 'started':
      actions.set(record.id, { ...state, process: { pid: record.pid, startTicks: record.startTicks } });
      break;
    case 'step':
      if (!state.steps.has(record.name))
        setStep(actions, record.id, record.name, { token: record.token, answer: null });
      break;
    case 'answered': {
      const { how, said, keep, name } = record;
      const answer = { how, said, ...(keep === undefined ? {} : { keep }) };
      setStep(actions, record.id, name, { token: state.steps.get(name)?.token ?? '', answer });
      break;
    }
    case 'outcome':
      // an action ends once: only "nobody knows" gives way to what was seen later, and that has to be told anew
      if (state.outcome && (state.outcome.outcome !== 'unknown' || record.outcome.outcome === 'unknown')) break;
      actions.set(record.id, { ...state, outcome: record.outcome, outcomeAtMs: record.atMs, acked: false });
      break;
    case 'acked':
      actions.set(record.id, { ...state, acked: true });
      break;
  }
}

/** The highest generation with which another action of the same instance was handed to this agent. */
export function newestGeneration(actions: Actions, id: string, instanceId: string): number {
  let newest = 0;
  for (const [other, { offer }] of actions) {
    if (other !== id && offer.instanceId === instanceId) newest = Math.max(newest, offer.generation ?? 0);
  }
  return newest;
}

/** The lines that say again what `state` says: a journal is rewritten from these. */
export function recordsOf(id: string, state: ActionState): ActionRecord[] {
  const records: ActionRecord[] = [
    { t: 'accepted', id, atMs: state.acceptedAtMs, bootId: state.bootId, offer: state.offer },
  ];
  if (state.fence !== state.offer.fence) records.push({ t: 'fence', id, fence: state.fence });
  const { startingAtMs, timeoutMs, graceMs } = state;
  if (startingAtMs !== null) {
    const limits = { ...(timeoutMs === null ? {} : { timeoutMs }), ...(graceMs === null ? {} : { graceMs }) };
    records.push({ t: 'starting', id, atMs: startingAtMs, ...limits });
  }
  if (state.process) records.push({ t: 'started', id, ...state.process });
  for (const [name, { token, answer }] of state.steps) {
    records.push({ t: 'step', id, name, token });
    if (answer) records.push({ t: 'answered', id, name, ...answer });
  }
  if (state.outcome) records.push({ t: 'outcome', id, atMs: state.outcomeAtMs ?? 0, outcome: state.outcome });
  if (state.acked) records.push({ t: 'acked', id });
  return records;
}

function setStep(actions: Map<string, ActionState>, id: string, name: string, step: StepState): void {
  const state = actions.get(id);
  if (state) actions.set(id, { ...state, steps: new Map([...state.steps, [name, step]]) });
}
