/**
 * The life of an action.
 *
 * `refused` (the host, or the control plane for it, said no before it acted), `expired` (nobody could act before the deadline) and `failed` (tried and
 * did not work) are told apart. `unknown` means that the host may or may not have acted; reconciliation ends it.
 */
export const ACTION_STATUSES = [
  'pending_approval',
  'queued',
  'dispatched',
  'running',
  'succeeded',
  'failed',
  'refused',
  'expired',
  'cancelled',
  'rejected',
  'unknown',
] as const;

export type ActionStatus = (typeof ACTION_STATUSES)[number];

const NEXT: Readonly<Record<ActionStatus, readonly ActionStatus[]>> = {
  pending_approval: ['queued', 'rejected', 'expired', 'cancelled'],
  // refused: what the control plane itself knows speaks against it
  queued: ['dispatched', 'refused', 'expired', 'cancelled'],
  // back to queued when nobody accepted the offer; a result may overtake its acceptance
  dispatched: ['running', 'queued', 'succeeded', 'failed', 'refused', 'expired', 'cancelled', 'unknown'],
  running: ['succeeded', 'failed', 'refused', 'unknown'],
  unknown: ['succeeded', 'failed', 'queued', 'refused', 'expired'],
  succeeded: [],
  failed: [],
  refused: [],
  expired: [],
  cancelled: [],
  rejected: [],
};

export const isTerminal = (status: ActionStatus): boolean => NEXT[status].length === 0;
export const canAdvance = (from: ActionStatus, to: ActionStatus): boolean => NEXT[from].includes(to);

/** A transition that the table does not have. */
export class ActionTransitionError extends Error {
  constructor(
    readonly from: ActionStatus,
    readonly to: ActionStatus,
  ) {
    super(`an action that is ${from} cannot become ${to}`);
  }
}

/** @throws ActionTransitionError when the table of transitions has no such step */
export function advance(from: ActionStatus, to: ActionStatus): ActionStatus {
  if (!canAdvance(from, to)) throw new ActionTransitionError(from, to);
  return to;
}
