import { useSyncExternalStore } from 'react';
import { sessions } from './session';

const RANKS = ['viewer', 'operator', 'admin', 'owner'] as const;

/** Whether who is logged in may do what a role may. The control plane decides; this only keeps buttons that would fail away. */
export function useMay(role: (typeof RANKS)[number]): boolean {
  const user = useSyncExternalStore(sessions.subscribe, sessions.user);
  return RANKS.indexOf((user?.role ?? 'viewer') as (typeof RANKS)[number]) >= RANKS.indexOf(role);
}
