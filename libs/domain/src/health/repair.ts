import type { Condition, GpuHealthState, Repair } from './state.js';

const ENDED_BY: Readonly<Record<'reset' | 'reboot', readonly Repair[]>> = {
  reset: ['reset'],
  reboot: ['reset', 'reboot'],
};

/** The GPU was reset, or its driver loaded anew, at this time: what began later stays. */
export const afterReset = (state: GpuHealthState, atMs: number): GpuHealthState => end(state, 'reset', atMs);

/** The host was rebooted. What only readings can end waits for the next one; counters begin anew. */
export function afterReboot(state: GpuHealthState): GpuHealthState {
  const { eccUncorrected: _, eccCorrected: __, eccCorrectedSinceMs: ___, ...counters } = state.counters;
  const ended = end(state, 'reboot', Infinity);
  return { ...ended, episodes: ended.episodes.map((episode) => ({ ...episode, closed: true })), counters, pending: {} };
}

/**
 * A person says that it is repaired. Signs that still stand do not count again until they were away or changed; links
 * that are down now are taken for empty slots.
 */
export function afterClearing(state: GpuHealthState, hostConditions: readonly Condition[] = []): GpuHealthState {
  const standing = [...state.conditions.filter(({ repair }) => repair === 'signal'), ...hostConditions];
  const acknowledged = Object.fromEntries(standing.map(({ key, evidence }) => [key, evidence]));
  const { nvlinksDown: _, ...counters } = state.counters;
  return {
    ...state,
    conditions: [],
    episodes: state.episodes.map((episode) => ({ ...episode, closed: true })),
    acknowledged: { ...state.acknowledged, ...acknowledged },
    counters,
    pending: {},
  };
}

function end(state: GpuHealthState, by: 'reset' | 'reboot', atMs: number): GpuHealthState {
  const conditions = state.conditions.filter(({ repair, lastMs }) => !ENDED_BY[by].includes(repair) || lastMs > atMs);
  return conditions.length === state.conditions.length ? state : { ...state, conditions };
}
