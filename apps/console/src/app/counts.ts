import { useMemo } from 'react';
import { api, useLoad } from '../data/api';
import { count } from '../ui/format';

export interface ScreenCount {
  readonly count: number;
  /** What is counted, for people who hear it: "3 wait for a decision". */
  readonly words: string;
}

/** As the stream tells of changes at once, this only mends what it missed. */
const EVERY_MS = 60_000;

/** What waits for a person, by the path of the screen where it is dealt with; left out where nothing does. */
export function useScreenCounts(): ReadonlyMap<string, ScreenCount> {
  const approvals = useLoad(
    ['/api/actions', 'pending count'],
    () => api.GET('/api/actions', { params: { query: { status: ['pending_approval'], limit: 1 } } }),
    { refetchInterval: EVERY_MS },
  ).data?.pagination.total;
  const alerts = useLoad(
    ['/api/alerts', 'open count'],
    () => api.GET('/api/alerts', { params: { query: { status: 'active', acknowledged: false, limit: 1 } } }),
    { refetchInterval: EVERY_MS },
  ).data?.pagination.total;
  return useMemo(() => {
    const all: readonly (readonly [string, number | null | undefined, string])[] = [
      ['/actions', approvals, 'waiting for a decision'],
      ['/alerts', alerts, 'open and not acknowledged'],
    ];
    return new Map(
      all.flatMap(([path, many, words]) => (many ? [[path, { count: many, words: `${count(many)} ${words}` }]] : [])),
    );
  }, [approvals, alerts]);
}
