import { useEffect, useMemo, useState } from 'react';
import { keepPreviousData } from '@tanstack/react-query';
import { alignSeries } from '../charts/series';
import type { Value } from '../charts/series';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { stream } from '../data/stream';
import { spanMs } from '../ui/spans';
import type { Range } from '../ui/range';
import { LiveBuffer } from './live-buffer';
import type { LiveDevice } from './live-buffer';

type Metrics = Schemas['InstanceMetrics'];

/** Points of a series at most: one a minute over a day, one a second over 24 minutes. */
export const MOST_POINTS = 1_440;
const FORTNIGHT_MS = 14 * 86_400_000;

/** Over weeks an hour is fine enough, and the hours are summed already. A span between two borders of its steps touches one step more. */
const pointsFor = (lengthMs: number) =>
  lengthMs < FORTNIGHT_MS ? MOST_POINTS : Math.min(MOST_POINTS, lengthMs / 3_600_000);

export interface DeviceSeries {
  /** uuid of the GPU; empty: the host. */
  readonly device: string;
  readonly gpuIndex: number | null;
  readonly values: readonly Value[];
  readonly lower: readonly Value[] | undefined;
  readonly upper: readonly Value[] | undefined;
}

export interface Loaded {
  readonly times: readonly number[];
  readonly series: readonly DeviceSeries[];
  readonly stepMs: number;
  readonly gaps: Metrics['gaps'];
  readonly resolution: Metrics['resolution'];
}

/**
 * One metric of an instance over a span. A span that ends now is loaded by its length, goes on by the stream, and is
 * loaded again from time to time; nothing of it is kept that is not shown.
 *
 * @param edges also the lowest and the highest of each step
 */
export function useMetric(
  instanceId: number,
  metric: string,
  range: Range,
  edges: boolean,
  live: LiveBuffer | null,
  version: number,
) {
  const aggregate: ('avg' | 'min' | 'max')[] = edges ? ['avg', 'min', 'max'] : ['avg'];
  const loaded = useLoad(
    // not under /api/instances: an instance that changes makes its charts no older
    ['/api/metrics', instanceId, metric, edges, range.isLive ? range.last : `${range.from} ${range.to}`],
    () => {
      const now = Date.now();
      const lengthMs = range.isLive ? (spanMs(range.last) ?? 3_600_000) : range.toMs - range.fromMs;
      const span = range.isLive
        ? { from: new Date(now - lengthMs).toISOString(), to: new Date(now).toISOString() }
        : { from: range.from, to: range.to };
      return api.GET('/api/instances/{instanceId}/metrics', {
        params: {
          path: { instanceId: String(instanceId) },
          query: {
            ...span,
            metric: [metric],
            limit: Math.floor(pointsFor(lengthMs)) + 1,
            aggregate,
            id_type: 'numeric',
          },
        },
      });
    },
    {
      placeholderData: keepPreviousData,
      gcTime: 60_000,
      staleTime: range.isLive ? 15_000 : 600_000,
      refetchInterval: range.isLive ? refetchMs(range.toMs - range.fromMs) : false,
    },
  );
  const data = loaded.data?.data;
  const shown = useMemo(() => data && shape(data, range.isLive ? live : null, metric, version), [data, range.isLive, live, metric, version]); // prettier-ignore
  return { ...loaded, shown };
}

/** Seldom enough that a day's charts cost nothing while they are open; what is between comes by the stream. */
const refetchMs = (lengthMs: number) =>
  lengthMs <= 3_600_000 ? 20_000 : Math.min(300_000, Math.max(60_000, lengthMs / MOST_POINTS));

/** @param _version of what came by the stream: a new one shapes anew */
function shape(data: Metrics, live: LiveBuffer | null, metric: string, _version: number): Loaded {
  const stepMs = data.step_seconds * 1_000;
  const each = data.series.map(({ gpu_uuid, gpu_index, points }) => {
    const device = gpu_uuid ?? '';
    const times = points.map(({ timestamp }) => Date.parse(timestamp));
    const news = live?.after(device, metric, times.at(-1) ?? 0, stepMs);
    const column = (of: 'avg' | 'min' | 'max') => [
      ...points.map((point) => point[of] ?? null),
      ...(news?.values ?? []),
    ];
    const hasEdges = points.some(({ min, max }) => min !== undefined && max !== undefined && min !== max);
    return {
      device,
      gpuIndex: gpu_index,
      times: news ? [...times, ...news.times] : times,
      values: column('avg'),
      lower: hasEdges ? column('min') : undefined,
      upper: hasEdges ? column('max') : undefined,
    };
  });
  const aligned = (of: 'values' | 'lower' | 'upper') =>
    alignSeries(
      each.map((one) => ({ times: one.times, values: one[of] ?? one.values })),
      stepMs,
    );
  const { times, columns } = aligned('values');
  const hasEdges = each.some(({ lower }) => lower !== undefined);
  const [lower, upper] = hasEdges ? [aligned('lower').columns, aligned('upper').columns] : [undefined, undefined];
  return {
    times,
    series: each.map(({ device, gpuIndex }, i) => ({
      device,
      gpuIndex,
      values: columns[i]!,
      lower: lower?.[i],
      upper: upper?.[i],
    })),
    stepMs,
    gaps: data.gaps,
    resolution: data.resolution,
  };
}

/** How often what came by the stream is drawn. */
const DRAW_MS = 1_000;

/** What comes by the stream of one instance; `version` counts up when there is more to draw. */
export function useLiveBuffer(
  instanceId: number,
  enabled: boolean,
): { readonly live: LiveBuffer | null; readonly version: number } {
  const live = useMemo(() => (enabled && instanceId >= 0 ? new LiveBuffer() : null), [instanceId, enabled]);
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
      if (live.take((data as { devices: readonly LiveDevice[] }).devices, instanceId))
        timer ??= setTimeout(draw, DRAW_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [live, instanceId]);
  return { live, version };
}
