import { strangersSentence, unknownProcesses } from '@flotilla/domain';
import type { KnownProcess } from '@flotilla/domain';
import type { IdleAnswer } from '../minute/activity.js';
import type { ActionOffer, Plan } from './executor.js';

/** What the host knows of itself at this moment. */
export interface HostNow {
  readonly nowMs: () => number;
  readonly idleSince: (sinceMs: number, belowPercent: number) => IdleAnswer;
  /** Processes that compute on its GPUs; null: nobody can tell. */
  readonly gpuProcesses: () => Promise<readonly KnownProcess[] | null>;
  /** The highest generation of which this agent was given an action for the same instance. */
  readonly newestGeneration: () => number;
  /** The control plane took the offer back. */
  readonly cancelled: () => boolean;
}

/** Why an offer that was taken back was not carried out. */
export const CANCELLED = 'it was cancelled before it began, so nothing was done';

/**
 * Why it may not be done now, or null. Looked at right before acting. `force` skips idleness and processes, never
 * protection, cancellation, the deadline or what happened since.
 */
export async function forbidden(offer: ActionOffer, plan: Plan, host: HostNow): Promise<string | null> {
  if (host.cancelled()) return CANCELLED;
  if (plan.protection) return plan.protection;
  if (offer.expiresAtMs > 0 && host.nowMs() >= offer.expiresAtMs) return 'its deadline passed before it could begin';
  if (offer.generation !== undefined && host.newestGeneration() > offer.generation) {
    return 'a later action for the same instance came first: it was started or stopped since this was requested';
  }
  if (offer.force || plan.desired !== 'stopped') return null;
  if (offer.instanceId !== 'self' && (offer.idleSinceMs > 0 || offer.knownProcesses)) return cannotSee(offer);
  if (offer.idleSinceMs > 0) {
    const answer = host.idleSince(offer.idleSinceMs, offer.idleBelowPercent);
    if (!answer.idle) return `it is not idle any more: ${answer.reason}`;
  }
  return offer.knownProcesses ? strangersAmong(await host.gpuProcesses(), offer.knownProcesses) : null;
}

/** What this host's own GPUs do says nothing of another machine: an idle controller must not stop a busy trainer. */
const cannotSee = ({ instanceId }: ActionOffer): string =>
  `this agent cannot see the GPUs of ${instanceId}, so it cannot tell whether they are idle. Look yourself, and ask again with force`;

function strangersAmong(now: readonly KnownProcess[] | null, known: readonly KnownProcess[]): string | null {
  if (!now) return 'which processes compute on its GPUs cannot be told now, so a new one cannot be ruled out';
  return strangersSentence(unknownProcesses(now, known));
}
