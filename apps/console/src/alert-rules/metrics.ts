import { asWords, unitWords } from '../alerts/evidence';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { useTenant } from '../data/tenant';

export type Metric = Schemas['ConditionMetric'];

const GROUPS: readonly (readonly [title: string, has: (metric: Metric) => boolean])[] = [
  ['Of each GPU', ({ source, level }) => source === 'collected' && level === 'gpu'],
  ['Of the host', ({ source, level }) => source === 'collected' && level === 'instance'],
  ['Idleness', ({ source }) => source === 'activity'],
  ['Money', ({ source }) => source === 'money' || source === 'budget'],
  ['AI models', ({ source }) => source === 'ai_spend'],
  ['Calendar', ({ source }) => source === 'calendar'],
];

/** Every metric that a rule may compare, under the headings of the choice. */
export const grouped = (metrics: readonly Metric[]) =>
  GROUPS.map(([title, has]) => [title, metrics.filter(has)] as const).filter(([, some]) => some.length > 0);

export interface Metrics {
  readonly all: readonly Metric[];
  readonly of: (name: string) => Metric | undefined;
  /** How the unit of a metric is written behind a number. */
  readonly unit: (name: string) => string;
}

/** undefined while it loads */
export function useMetrics(): Metrics | undefined {
  const currency = useTenant()?.currency ?? '';
  const all = useLoad(['/api/meta/condition-metrics'], () => api.GET('/api/meta/condition-metrics'), {
    staleTime: Infinity,
  }).data?.data;
  if (!all) return undefined;
  const byName = new Map(all.map((metric) => [metric.name, metric]));
  return {
    all,
    of: (name) => byName.get(name),
    unit: (name) => unitWords(byName.get(name)?.unit ?? '', currency),
  };
}

export const metricWords = asWords;
