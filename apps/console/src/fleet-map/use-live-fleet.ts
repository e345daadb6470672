import { useEffect, useMemo, useState } from 'react';
import { stream } from '../data/stream';
import type { FleetAnswer } from './gpus';
import { LiveGpus } from './live-gpus';
import type { LiveReading } from './live-gpus';

/** A large fleet comes in several messages, which are drawn together. */
const DRAW_MS = 1_000;

/** The map as it was loaded, with the values that agents sent since. */
export function useLiveFleet(loaded: FleetAnswer | undefined): FleetAnswer | undefined {
  const live = useMemo(() => (loaded ? new LiveGpus(loaded) : undefined), [loaded]);
  const [version, setVersion] = useState(0);
  useEffect(() => {
    if (!live) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      timer = undefined;
      // a page that nobody looks at draws nothing
      if (!document.hidden) setVersion((before) => before + 1);
    };
    const stop = stream.listen(({ event, data }) => {
      if (event !== 'metrics') return;
      if (live.take((data as { devices: readonly LiveReading[] }).devices)) timer ??= setTimeout(draw, DRAW_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [live]);
  return useMemo(() => newest(live, version), [live, version]);
}

/** @param _version of what came: a new one reads anew */
const newest = (live: LiveGpus | undefined, _version: number) => live?.now();
