import { useEffect, useMemo, useRef, useState } from 'react';
import type { RefObject } from 'react';
import type { Mark } from '../charts/marks';
import type { Span } from '../charts/series';
import { summarise } from '../charts/series';
import { colorOf } from '../charts/theme';
import { TimeChart } from '../charts/time-chart';
import type { ChartSeries } from '../charts/time-chart';
import { Failed, Loading } from '../ui/states';
import type { Range } from '../ui/range';
import type { ChartKind } from './chart-kinds';
import css from './instance.module.css';
import type { Details } from './instance-screen';
import type { LiveBuffer } from './live-buffer';
import { useMetric } from './use-metrics';

interface Props {
  readonly instanceId: number;
  readonly kind: ChartKind;
  readonly gpus: Details['gpus'];
  readonly names: ReadonlyMap<string, string>;
  readonly isChosen: (index: number | null) => boolean;
  /** So few GPUs that the lowest and highest of each step can be shown around the mean. */
  readonly few: boolean;
  readonly range: Range;
  readonly span: Span;
  readonly live: LiveBuffer | null;
  readonly version: number;
  readonly marks: readonly Mark[];
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly onReset: (() => void) | undefined;
  readonly wide: boolean;
  readonly onWide: () => void;
}

/** Agents send a minute when it is whole; it takes a moment to arrive. */
const AWAITED_MS = 150_000;

/** One metric of all GPUs that are chosen. Loaded once it comes into sight. */
export function MetricChart(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  const seen = useSeen(box);
  return (
    <div ref={box} className={css['chartBox']} data-wide={props.wide}>
      {seen && <Drawn {...props} />}
    </div>
  );
}

function Drawn({
  instanceId,
  kind,
  gpus,
  names,
  isChosen,
  few,
  range,
  span,
  live,
  version,
  marks,
  onZoom,
  onReset,
}: Props) {
  const { shown, isPending, isError, error, refetch } = useMetric(instanceId, kind.metric, range, few || kind.of === 'host', live, version); // prettier-ignore
  const places = useMemo(() => new Map(gpus.map(({ uuid }, i) => [uuid, i])), [gpus]);
  const series = useMemo(
    (): ChartSeries[] =>
      (shown?.series ?? [])
        .filter(({ device, gpuIndex }) => (kind.of === 'host' ? device === '' : device !== '' && isChosen(gpuIndex)))
        .sort((a, b) => (places.get(a.device) ?? 0) - (places.get(b.device) ?? 0))
        .map(({ device, values, lower, upper }) => ({
          label: kind.of === 'host' ? 'Host' : (names.get(device) ?? device),
          values,
          color: colorOf(places.get(device) ?? 0),
          dashed: (places.get(device) ?? 0) >= 8,
          ...(lower && upper && { lower, upper }),
        })),
    [shown, kind, isChosen, names, places],
  );
  const note = useMemo(() => {
    const all = series.map(({ values }) => summarise(values));
    const means = all.flatMap(({ mean }) => (mean === null ? [] : [mean]));
    if (means.length === 0) return undefined;
    const highest = Math.max(...all.map(({ max }) => max ?? -Infinity));
    return `mean ${kind.format(means.reduce((sum, mean) => sum + mean, 0) / means.length)}, highest ${kind.format(highest)}`;
  }, [series, kind]);
  const max = kind.max ?? highestOf(gpus, kind.upTo);
  const levels = useMemo(
    () => (kind.limit && max !== undefined ? [{ value: max, label: `${kind.limit} ${kind.format(max)}` }] : []),
    [kind, max],
  );
  if (isPending) return <Loading lines={4} height={40} />;
  if (isError) return <Failed error={error} retry={() => void refetch()} />;
  return (
    <TimeChart
      title={kind.title}
      note={note}
      times={shown?.times ?? []}
      series={series}
      format={kind.format}
      {...(kind.min !== undefined && { min: kind.min })}
      {...(max !== undefined && { max })}
      {...(kind.formatAxis && { formatAxis: kind.formatAxis })}
      binary={kind.binary ?? false}
      stepMs={shown?.stepMs ?? 60_000}
      span={span}
      awaitedMs={range.isLive ? AWAITED_MS : 0}
      levels={levels}
      nothing={whyNot(gpus, kind)}
      syncKey={`instance ${instanceId}`}
      marks={marks}
      lane={false}
      onZoom={onZoom}
      onReset={onReset}
      height={190}
    />
  );
}

/** What a GPU has at most: its memory, its power limit. undefined: nobody tells */
function highestOf(gpus: Details['gpus'], metric: string | undefined): number | undefined {
  if (metric === undefined) return undefined;
  const values = gpus.flatMap(({ latest }) => latest?.metrics[metric] ?? []);
  return values.length === 0 ? undefined : Math.max(...values);
}

const ABSENT: Readonly<Record<string, string>> = {
  unsupported: 'these GPUs do not have it',
  not_permitted: 'the agent may not read it',
  disabled: 'it is switched off on these GPUs',
};

/** What its GPUs say about why there is no value. */
function whyNot(gpus: Details['gpus'], { title, metric, of }: ChartKind): string {
  const reason = of === 'gpu' ? gpus.map(({ absences }) => absences[metric]).find(Boolean) : undefined;
  const words = reason === undefined ? undefined : (ABSENT[reason] ?? reason.replaceAll('_', ' '));
  return words === undefined ? 'No values in this span' : `No ${title.toLowerCase()} in this span: ${words}`;
}

/** Whether it has come near to what is looked at, once. */
function useSeen(ref: RefObject<HTMLElement | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (seen || !ref.current) return;
    const watch = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && setSeen(true),
      { rootMargin: '400px' },
    );
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, [ref, seen]);
  return seen;
}
