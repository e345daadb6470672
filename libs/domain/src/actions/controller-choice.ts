import type { ActionVerb, ControlLevel } from './control.js';

/** A controller that could act on the instance in question, and whether anybody is there to listen. */
export interface ControllerCandidate {
  readonly agentId: string;
  readonly agentLabel: string;
  readonly kind: string;
  readonly level: ControlLevel;
  readonly verbs: readonly string[];
  /** It runs on the very machine that it would act on. */
  readonly ownHost: boolean;
  /**
   * `sync`: it fetches its commands by POST /sync, so it is never connected but may be expected to call. `lately`: its
   * stream is gone, but so shortly that it may be back before an action's deadline (a restart, a network that blinked).
   */
  readonly reach: 'connected' | 'sync' | 'lately' | 'away';
  /** Unix milliseconds; null: never. */
  readonly lastSeenAtMs: number | null;
}

/**
 * The controller to send an action to: one that can be reached; the machine's power from outside (cloud, BMC) before
 * its power from inside before its workloads; a live stream before a caller of /sync; then the one seen last. A machine
 * cannot start itself, so a power start from inside is no choice.
 *
 * @returns null when none can be reached
 */
export function chooseController(
  candidates: readonly ControllerCandidate[],
  verb: ActionVerb,
): ControllerCandidate | null {
  const willing = candidates.filter((c) => c.reach !== 'away' && c.verbs.includes(verb));
  const here = willing.filter((c) => c.reach !== 'lately');
  const able = here.length > 0 ? here : willing;
  return [...able].sort((a, b) => rank(a) - rank(b) || (b.lastSeenAtMs ?? 0) - (a.lastSeenAtMs ?? 0))[0] ?? null;
}

function rank(candidate: ControllerCandidate): number {
  const way = candidate.level === 'power' ? (candidate.ownHost ? 1 : 0) : 2;
  return way * 2 + (candidate.reach === 'connected' ? 0 : 1);
}

/**
 * Why nobody can act and how to mend it, for the person who asked.
 *
 * @param instance as the person knows it
 */
export function missingControllerMessage(
  verb: ActionVerb,
  instance: { readonly providerId: string; readonly cloudProvider: string },
  candidates: readonly ControllerCandidate[],
): string {
  const what = `No connected controller can ${verb} instance ${instance.providerId}.`;
  const away = candidates.filter((c) => c.verbs.includes(verb));
  if (away.length > 0) {
    const names = away.map((c) => `${c.agentLabel} (${c.kind}, ${lastSeen(c.lastSeenAtMs)})`).join(', ');
    return `${what} Known but not connected: ${names}. Bring its agent back, then ask again.`;
  }
  const outside =
    instance.cloudProvider === 'on_prem'
      ? 'an agent with a redfish control for its BMC'
      : `an agent with a control for ${instance.cloudProvider} that covers it`;
  const unable =
    candidates.length > 0
      ? `${candidates.map((c) => c.agentLabel).join(', ')} can reach it but did not announce "${verb}". `
      : '';
  const inside =
    verb === 'start'
      ? `A stopped machine cannot start itself: connect ${outside}.`
      : `Connect ${outside}, or give the agent on the host a command or systemd control in its configuration.`;
  return `${what} ${unable}${inside}`;
}

const lastSeen = (atMs: number | null) => (atMs === null ? 'never seen' : `last seen ${new Date(atMs).toISOString()}`);
