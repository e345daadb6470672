import { useEffect, useSyncExternalStore } from 'react';
import { makeOld } from './api';
import { stream } from './stream';
import type { Liveness } from './stream';

/** Which answers of the API a kind of event makes old. Several events in a moment are one refresh. */
const MAKES_OLD: Readonly<Record<string, readonly string[]>> = {
  instance: ['/api/instances', '/api/stats'],
  action: ['/api/actions', '/api/instances', '/api/stats'],
  agent: ['/api/agents', '/api/stats', '/api/instances'],
  event: ['/api/instances'],
  alert: ['/api/alerts'],
  reset: ['/api/'],
};
const COLLECT_MS = 400;
/** From one refresh to the next: a fleet in which something happens all the time must not be read all the time. */
const LEAST_MS = 2_500;

/** Keeps what is shown true while the page is open. Used once, by the shell. */
export function useLiveData(): void {
  useEffect(() => {
    const old = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastMs = -Infinity;
    const refresh = () => {
      timer = undefined;
      lastMs = performance.now();
      const paths = [...old];
      old.clear();
      void makeOld(paths);
    };
    const stop = stream.listen(({ event }) => {
      for (const path of MAKES_OLD[event] ?? []) old.add(path);
      if (old.size > 0) timer ??= setTimeout(refresh, Math.max(COLLECT_MS, lastMs + LEAST_MS - performance.now()));
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, []);
}

export function useLiveness(): Liveness {
  return useSyncExternalStore(stream.watch, stream.liveness);
}
