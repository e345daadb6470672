const MINUTE_MS = 60_000;

/** Policies that turn an instance over more often than this within the window fight over it. */
export const FLAP_TURNS_MAX = 3;
export const FLAP_WINDOW_MINUTES = 360;
/** How long the policies are kept off the instance when nobody changes one of them. */
export const STANDOFF_MINUTES = 1_440;

/** One start or stop that a policy asked for and that was not refused. */
export interface PolicyMove {
  readonly atMs: number;
  readonly verb: 'start' | 'stop';
  readonly policyId: number;
}

/** Two or more policies (or one) that keep turning an instance on and off. */
export interface Flapping {
  /** Every policy that takes part, ascending. */
  readonly policyIds: readonly number[];
  /** Turns from start to stop or back, with the one that is held back. */
  readonly turns: number;
  readonly sinceMs: number;
}

/**
 * Whether one more move would be a fight: with it, the instance would have been turned from one state to the other
 * `FLAP_TURNS_MAX` times within the window. A stop at night and a start in the morning are two turns, twelve hours apart.
 *
 * @param moves of one instance, in any order; those before the window do not count
 */
export function detectFlapping(moves: readonly PolicyMove[], next: PolicyMove): Flapping | null {
  const fromMs = next.atMs - FLAP_WINDOW_MINUTES * MINUTE_MS;
  const lately = [...moves.filter(({ atMs }) => atMs > fromMs && atMs <= next.atMs), next].sort(
    (a, b) => a.atMs - b.atMs || a.policyId - b.policyId,
  );
  let turns = 0;
  for (let i = 1; i < lately.length; i++) if (lately[i]!.verb !== lately[i - 1]!.verb) turns++;
  if (turns < FLAP_TURNS_MAX) return null;
  const policyIds = [...new Set(lately.map(({ policyId }) => policyId))].sort((a, b) => a - b);
  return { policyIds, turns, sinceMs: lately[0]!.atMs };
}
