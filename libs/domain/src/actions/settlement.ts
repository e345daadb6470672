import type { ControlLevel, ActionVerb } from './control.js';
import type { ActionOutcome } from './outcome.js';
import { canAdvance, isTerminal } from './status.js';
import type { ActionStatus } from './status.js';

/** Bytes of a command's output that are kept. */
export const OUTPUT_LIMIT_BYTES = 65_536;

/** What is known about an action when a result for it comes in. */
export interface SettledAction {
  readonly status: ActionStatus;
  readonly verb: ActionVerb;
  readonly level: ControlLevel;
  /** The controller runs on the very machine that it acts on. */
  readonly ownHost: boolean;
  readonly controlKind: string;
  /** The fence of the newest offer. */
  readonly fence: number;
  /** A result was stored before. */
  readonly hasResult: boolean;
  /** What that result said. */
  readonly resultOutcome?: string | null;
  /** Nothing was to be done: the result is a sentence and proves nothing of the machine. */
  readonly dryRun?: boolean;
}

export interface Settlement {
  /**
   * - `settle`: goes through `path`, its last step is the new status
   * - `keep`: an outcome that came too late to change the status, but is a fact
   * - `remark`: refused; the timeline says why
   * - `repeat`: known already, nothing to write
   */
  readonly kind: 'settle' | 'keep' | 'remark' | 'repeat';
  readonly path: readonly ActionStatus[];
  /** What the machine (or its workload) is known to be now; null: not verified. */
  readonly state: 'running' | 'stopped' | null;
  readonly note: string;
}

type Result = Pick<ActionOutcome, 'outcome' | 'message' | 'observedState'> & { readonly fence: number };

/**
 * What a host's result does to an action.
 *
 * A result whose fence is older than an offer that was accepted meanwhile belongs to a run that was given up: refused.
 * Before that acceptance it says the same as the host's journal would: a host runs an action once, so it is the truth.
 * A host that stops itself cannot report its own death: without another witness that is `unknown`.
 * A host that said `unknown` looks again later; what it sees then ends the action.
 */
export function decideSettlement(action: SettledAction, result: Result): Settlement {
  const said = `${result.outcome}: ${result.message}`;
  const state = verifiedState(action, result);
  const seenLater =
    action.status === 'unknown' &&
    action.resultOutcome === 'unknown' &&
    (result.outcome === 'succeeded' || result.outcome === 'failed');
  if (action.hasResult && !seenLater && (isTerminal(action.status) || action.status === 'unknown')) {
    return { kind: 'repeat', path: [], state: null, note: said };
  }
  if (result.fence > action.fence) {
    return remark(
      `a result under fence ${result.fence}, which was never given out (newest: ${action.fence}), was refused`,
    );
  }
  if (result.fence < action.fence && action.status === 'running') {
    return remark(`a result under stale fence ${result.fence} (now ${action.fence}) was refused: ${said}`);
  }
  if (isTerminal(action.status) || action.status === 'pending_approval') {
    return { kind: 'keep', path: [], state, note: `a result came after the action was ${action.status}: ${said}` };
  }
  const to = finalStatus(action, result, state);
  if (to === action.status) return { kind: 'keep', path: [], state, note: noteFor(action, result, state) };
  return { kind: 'settle', path: pathTo(action.status, to), state, note: noteFor(action, result, state) };
}

/** What the outcome proves about the machine or its workload. */
function verifiedState(action: SettledAction, result: Result): 'running' | 'stopped' | null {
  if (action.dryRun) return null;
  if (result.observedState !== 'running' && result.observedState !== 'stopped') return null;
  return cannotWitness(action) && result.observedState === 'stopped' ? null : result.observedState;
}

/** The agent would have to report its own machine's death. A configured `command` may ask a witness outside. */
const cannotWitness = (action: SettledAction) =>
  action.ownHost && action.level === 'power' && action.controlKind === 'self' && action.verb === 'stop';

function finalStatus(action: SettledAction, result: Result, state: 'running' | 'stopped' | null): ActionStatus {
  if (result.outcome !== 'succeeded' || action.dryRun) return result.outcome;
  if (state !== null) return state === wanted(action.verb) ? 'succeeded' : 'failed';
  return action.level === 'power' ? 'unknown' : 'succeeded';
}

function noteFor(action: SettledAction, result: Result, state: 'running' | 'stopped' | null): string {
  if (result.outcome !== 'succeeded' || action.dryRun) return result.message;
  if (state !== null && state !== wanted(action.verb)) {
    return `the host says that the ${action.verb} succeeded, but the check afterwards read ${state}: ${result.message}`;
  }
  if (state === null && action.level === 'power') {
    return cannotWitness(action)
      ? `the host was told to ${action.verb} itself; nobody outside of it has confirmed that yet. ${result.message}`
      : `the ${action.verb} was carried out, but its effect could not be verified. ${result.message}`;
  }
  return result.message;
}

/** The state that a verb is meant to bring about. */
export const wanted = (verb: ActionVerb): 'running' | 'stopped' => (verb === 'start' ? 'running' : 'stopped');

/** The steps from one status to another: a result that overtook everything passes through `dispatched`. */
function pathTo(from: ActionStatus, to: ActionStatus): readonly ActionStatus[] {
  return canAdvance(from, to) ? [to] : ['dispatched', to];
}

const remark = (note: string): Settlement => ({ kind: 'remark', path: [], state: null, note });

/** Whether an action of this status holds its instance, so that no second one may be requested. */
export const holdsInstance = (status: ActionStatus, deadlinePassed: boolean): boolean =>
  !isTerminal(status) && !(status === 'unknown' && deadlinePassed);

/** Cuts text to at most `OUTPUT_LIMIT_BYTES` of UTF-8 (no character is split) and drops NUL, which SQL text cannot hold. */
export function capOutput(output: string): { output: string; truncated: boolean } {
  const clean = output.replaceAll('\0', '');
  let bytes = 0;
  let end = 0;
  for (const character of clean) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > OUTPUT_LIMIT_BYTES) return { output: clean.slice(0, end), truncated: true };
    end += character.length;
  }
  return { output: clean, truncated: false };
}
