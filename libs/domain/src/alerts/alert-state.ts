/** How grave something is, everywhere. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export type AlertStatus = 'active' | 'resolved' | 'ignored';

/** Who is told when nobody acknowledges. */
export interface EscalationStep {
  /** After the alert was told of. */
  readonly afterMinutes: number;
  readonly channelIds: readonly number[];
}

/** What an alert is, apart from its words. Moments are Unix milliseconds; null: not so. */
export interface AlertState {
  readonly status: AlertStatus;
  /** When the condition ended; null: it goes on, whatever a person said about the alert. */
  readonly endedAtMs: number | null;
  readonly occurrences: number;
  readonly firstFiredAtMs: number;
  readonly lastFiredAtMs: number;
  readonly acknowledgedAtMs: number | null;
  /** Resolved by a person while it goes on: it fires anew no earlier than this. */
  readonly quietUntilMs: number | null;
  /** When the outside was told last that it fires. */
  readonly triggeredAtMs: number | null;
  /** Whether the outside believes that it fires. */
  readonly announced: boolean;
  /** When the outside is to be told, if it still fires then. */
  readonly announceAtMs: number | null;
  /** Steps of the escalation that were taken. */
  readonly escalationStep: number;
  readonly escalateAtMs: number | null;
}

export interface AlertPolicy {
  /** Between two tellings that the same thing fires. */
  readonly cooldownMinutes: number;
  readonly escalation: readonly EscalationStep[];
}

export type AlertEvent =
  /** The condition holds. `heldBackUntilMs`: a maintenance window holds the telling back. */
  | { readonly kind: 'fire'; readonly atMs: number; readonly heldBackUntilMs: number | null }
  /** The condition is over. */
  | { readonly kind: 'end'; readonly atMs: number }
  | { readonly kind: 'acknowledge' | 'ignore' | 'resolve'; readonly atMs: number }
  /** Time went by. */
  | { readonly kind: 'tick'; readonly atMs: number; readonly heldBackUntilMs: number | null };

export type AlertEffect =
  | { readonly kind: 'trigger' | 'acknowledge' | 'resolve' }
  | { readonly kind: 'escalate'; readonly step: number; readonly channelIds: readonly number[] };

export interface AlertStep {
  readonly state: AlertState;
  readonly effects: readonly AlertEffect[];
  /** The event began an alert of its own; the one before (if it was open) has ended. */
  readonly fresh: boolean;
}

const MINUTE_MS = 60_000;

/**
 * What becomes of an alert when something happens to it.
 *
 * - firing again while it goes on is one more occurrence and tells nobody;
 * - firing again after it was over, within the cooldown since it was last told of, reopens the same alert; it is told of
 *   when the cooldown is over, if it still fires then;
 * - what a maintenance window holds back is told when the window ends, if it still fires then;
 * - what a person ignored stays ignored until the condition ends; what a person resolved while it goes on fires anew
 *   after the cooldown;
 * - an end is told only of what was told to fire; acknowledging stops the escalation.
 *
 * @param state the newest alert of this rule and subject; null: there was none
 */
export function stepAlert(state: AlertState | null, event: AlertEvent, policy: AlertPolicy): AlertStep {
  switch (event.kind) {
    case 'fire':
      return fire(state, event.atMs, event.heldBackUntilMs, policy);
    case 'end':
      return end(must(state), event.atMs);
    case 'tick':
      return tick(must(state), event.atMs, event.heldBackUntilMs, policy);
    default:
      return byPerson(must(state), event.kind, event.atMs, policy);
  }
}

function must(state: AlertState | null): AlertState {
  if (!state) throw new RangeError('only firing begins an alert');
  return state;
}

const same = (state: AlertState): AlertStep => ({ state, effects: [], fresh: false });

function fire(state: AlertState | null, atMs: number, heldBackUntilMs: number | null, policy: AlertPolicy): AlertStep {
  const cooldownMs = policy.cooldownMinutes * MINUTE_MS;
  if (state?.endedAtMs === null && !(state.status === 'resolved' && atMs >= (state.quietUntilMs ?? atMs))) {
    return same({ ...state, occurrences: state.occurrences + 1, lastFiredAtMs: Math.max(atMs, state.lastFiredAtMs) });
  }
  const cooledAtMs = (state?.triggeredAtMs ?? -Infinity) + cooldownMs;
  if (state && state.endedAtMs !== null && state.status === 'resolved' && atMs < cooledAtMs) {
    const again: AlertState = {
      ...state,
      status: 'active',
      endedAtMs: null,
      acknowledgedAtMs: null,
      quietUntilMs: null,
      occurrences: state.occurrences + 1,
      lastFiredAtMs: atMs,
      escalationStep: 0,
      escalateAtMs: null,
      announceAtMs: Math.max(cooledAtMs, heldBackUntilMs ?? 0),
    };
    return same(again);
  }
  const begun: AlertState = {
    status: 'active',
    endedAtMs: null,
    occurrences: 1,
    firstFiredAtMs: atMs,
    lastFiredAtMs: atMs,
    acknowledgedAtMs: null,
    quietUntilMs: null,
    triggeredAtMs: null,
    announced: false,
    announceAtMs: atMs,
    escalationStep: 0,
    escalateAtMs: null,
  };
  return { ...tick(begun, atMs, heldBackUntilMs, policy), fresh: true };
}

function end(state: AlertState, atMs: number): AlertStep {
  if (state.endedAtMs !== null) return same(state);
  const over = { ...state, endedAtMs: atMs, announceAtMs: null, escalateAtMs: null, announced: false };
  if (state.status !== 'active') return same(over);
  return {
    state: { ...over, status: 'resolved' },
    effects: state.announced ? [{ kind: 'resolve' }] : [],
    fresh: false,
  };
}

function byPerson(
  state: AlertState,
  kind: 'acknowledge' | 'ignore' | 'resolve',
  atMs: number,
  policy: AlertPolicy,
): AlertStep {
  if (state.status !== 'active') return same(state);
  const quiet = { announceAtMs: null, escalateAtMs: null };
  if (kind === 'acknowledge') {
    if (state.acknowledgedAtMs !== null) return same(state);
    const effects: AlertEffect[] = state.announced ? [{ kind: 'acknowledge' }] : [];
    return { state: { ...state, ...quiet, acknowledgedAtMs: atMs }, effects, fresh: false };
  }
  // whoever was called sees that it is taken care of
  const effects: AlertEffect[] = state.announced ? [{ kind: 'resolve' }] : [];
  const done = { ...state, ...quiet, announced: false };
  if (kind === 'ignore') return { state: { ...done, status: 'ignored' }, effects, fresh: false };
  const quietUntilMs = atMs + policy.cooldownMinutes * MINUTE_MS;
  return { state: { ...done, status: 'resolved', quietUntilMs }, effects, fresh: false };
}

function tick(state: AlertState, atMs: number, heldBackUntilMs: number | null, policy: AlertPolicy): AlertStep {
  if (state.status !== 'active' || state.endedAtMs !== null || state.acknowledgedAtMs !== null) return same(state);
  if (state.announceAtMs !== null && state.announceAtMs <= atMs) {
    if (heldBackUntilMs !== null && heldBackUntilMs > atMs) return same({ ...state, announceAtMs: heldBackUntilMs });
    const first = policy.escalation[0];
    const told: AlertState = {
      ...state,
      announced: true,
      triggeredAtMs: atMs,
      announceAtMs: null,
      escalationStep: 0,
      escalateAtMs: first ? atMs + first.afterMinutes * MINUTE_MS : null,
    };
    return { state: told, effects: [{ kind: 'trigger' }], fresh: false };
  }
  if (state.escalateAtMs === null || state.escalateAtMs > atMs) return same(state);
  if (heldBackUntilMs !== null && heldBackUntilMs > atMs) return same({ ...state, escalateAtMs: heldBackUntilMs });
  const step = policy.escalation[state.escalationStep];
  if (!step) return same({ ...state, escalateAtMs: null });
  const next = policy.escalation[state.escalationStep + 1];
  const told: AlertState = {
    ...state,
    escalationStep: state.escalationStep + 1,
    escalateAtMs: next ? Math.max(atMs, state.triggeredAtMs! + next.afterMinutes * MINUTE_MS) : null,
  };
  const effect: AlertEffect = { kind: 'escalate', step: state.escalationStep, channelIds: step.channelIds };
  return { state: told, effects: [effect], fresh: false };
}
