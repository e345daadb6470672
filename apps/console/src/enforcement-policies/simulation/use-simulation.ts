import { notifyManager } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import { api, queryClient, useLoad } from '../../data/api';
import { canonical, questionOf, unfinished } from '../draft';
import type { Draft } from '../draft';
import { proofOf } from '../proof';
import type { Proof, Simulation } from '../proof';

interface Asked {
  readonly days: number;
  readonly gate: boolean;
}
interface Answer {
  readonly data: Simulation;
}

/** Answers are kept so long: the past does not change, and a sweep of 30 days is work. */
const KEPT_MS = 30 * 60_000;
/** Triggers and episodes that are drawn; the sums are over all. */
const MOST_DRAWN = 2_000;

/** What the draft would have done; asked anew when what it says changes. */
export function useSimulation(draft: Draft, asked: Asked) {
  const question = questionOf(draft);
  // a name is not needed for this
  const ready = unfinished({ ...draft, policy_name: '-' }) === null;
  const body = { ...question, lookback_days: asked.days, gate: asked.gate, sweep: true, limit: MOST_DRAWN };
  return useLoad(
    // not under /api/: what happens live does not make the past old
    ['simulate', canonical(question), asked],
    () => api.POST('/api/enforcement-policies/simulate', { body }),
    { enabled: ready, staleTime: KEPT_MS, gcTime: KEPT_MS, refetchOnWindowFocus: false },
  );
}

/** What the newest simulation of just this draft found; undefined: there is none. */
export function useProof(draft: Draft): Proof | undefined {
  const question = canonical(questionOf(draft));
  const newest = useCallback(
    () =>
      queryClient
        .getQueryCache()
        .findAll({ queryKey: ['simulate', question] })
        .filter(({ state }) => state.data !== undefined)
        .sort((a, b) => b.state.dataUpdatedAt - a.state.dataUpdatedAt)[0],
    [question],
  );
  const found = useSyncExternalStore(watchCache, newest);
  const answer = found?.state.data as Answer | undefined;
  return answer && proofOf(answer.data, (found!.queryKey[2] as Asked).days);
}

// the cache also speaks while others are drawn: told afterwards
const watchCache = (listener: () => void) => queryClient.getQueryCache().subscribe(notifyManager.batchCalls(listener));
