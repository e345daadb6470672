import { useMemo } from 'react';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';

export type ConditionMetric = Schemas['ConditionMetric'];
export type Metrics = ReadonlyMap<string, ConditionMetric>;

/** What conditions may name, by name; empty while it loads. */
export function useConditionMetrics(): Metrics {
  const all = useLoad(['/api/meta/condition-metrics'], () => api.GET('/api/meta/condition-metrics'), {
    staleTime: Infinity,
  }).data?.data;
  return useMemo(() => new Map((all ?? []).map((metric) => [metric.name, metric])), [all]);
}

const SOURCES: readonly (readonly [ConditionMetric['source'], string])[] = [
  ['activity', 'Idleness'],
  ['money', 'Cost of the instance'],
  ['budget', 'Budget and spend'],
  ['ai_spend', 'AI spend'],
  ['calendar', 'Calendar'],
];

/** For a choice, by kind: what is used most stands first. A mask of bits cannot be compared with a number. */
export function metricGroups(metrics: Metrics): readonly (readonly [string, readonly ConditionMetric[]])[] {
  const all = [...metrics.values()].filter(({ unit }) => unit !== 'bitmask');
  const collected = (level: ConditionMetric['level']) =>
    all.filter((metric) => metric.source === 'collected' && metric.level === level);
  return [
    ['GPU', collected('gpu')] as const,
    ...SOURCES.map(([source, title]) => [title, all.filter((metric) => metric.source === source)] as const),
    ['Host', collected('instance')] as const,
  ].filter(([, of]) => of.length > 0);
}
