import { METRIC_CATALOGUE } from '../telemetry/catalogue.js';
import type { MetricUnit } from '../telemetry/catalogue.js';

/** Whose value it is: one per GPU, one per instance, or one for the whole tenant. */
export type MetricLevel = 'gpu' | 'instance' | 'tenant';

/**
 * Where the values come from: `collected` by agents, `activity` derived from GPU utilisation, `money` from prices and time in
 * state, `budget` from the tenant's budgets, `ai_spend` from what models cost, `calendar` from the clock.
 */
export type MetricSource = 'collected' | 'activity' | 'money' | 'budget' | 'ai_spend' | 'calendar';

export type DecisionUnit = MetricUnit | 'currency' | 'minutes' | 'days';

/** A metric that conditions may name. */
export interface DecisionMetric {
  readonly name: string;
  readonly unit: DecisionUnit;
  readonly level: MetricLevel;
  readonly source: MetricSource;
  /** One sentence for people who write conditions. */
  readonly meaning: string;
}

/** Of the tenant's currency where the unit says so. "Today" and "this month" are those of the tenant's time zone. */
const OTHER_METRICS: readonly DecisionMetric[] = [
  {
    name: 'idle_minutes',
    unit: 'minutes',
    level: 'instance',
    source: 'activity',
    meaning: "Minutes that every GPU of the instance has been below the tenant's idle threshold; 0 when one is not",
  },
  {
    name: 'hourly_cost',
    unit: 'currency',
    level: 'instance',
    source: 'money',
    meaning: 'Price of an hour of the instance while it runs; 0 while it is stopped; missing without a price',
  },
  {
    name: 'daily_cost',
    unit: 'currency',
    level: 'instance',
    source: 'money',
    meaning: 'What the instance has cost since midnight: price × time in state; missing without a price',
  },
  {
    name: 'project_monthly_cost',
    unit: 'currency',
    level: 'instance',
    source: 'money',
    meaning:
      'What all instances with the same value of the tag `project` have cost this month; missing without the tag',
  },
  {
    name: 'monthly_budget_utilization',
    unit: 'percent',
    level: 'tenant',
    source: 'budget',
    meaning:
      "Spent of the tenant's monthly budget; of several budgets the one that is used most; missing without a budget",
  },
  {
    name: 'monthly_spend',
    unit: 'currency',
    level: 'tenant',
    source: 'budget',
    meaning: 'What the tenant has spent this month',
  },
  {
    name: 'ai_spend_hourly',
    unit: 'currency',
    level: 'tenant',
    source: 'ai_spend',
    meaning: 'What calls of AI models have cost in the last 60 minutes',
  },
  {
    name: 'ai_spend_daily',
    unit: 'currency',
    level: 'tenant',
    source: 'ai_spend',
    meaning: 'What calls of AI models have cost today',
  },
  {
    name: 'ai_spend_monthly',
    unit: 'currency',
    level: 'tenant',
    source: 'ai_spend',
    meaning: 'What calls of AI models have cost this month',
  },
  {
    name: 'ai_tokens_hourly',
    unit: 'count',
    level: 'tenant',
    source: 'ai_spend',
    meaning: 'Tokens, in and out, of calls of AI models in the last 60 minutes',
  },
  {
    name: 'days_remaining_in_month',
    unit: 'days',
    level: 'tenant',
    source: 'calendar',
    meaning: 'Whole days after today until the month ends: 0 on its last day',
  },
];

/** Every metric that a rule or a policy may name. */
export const DECISION_METRICS: readonly DecisionMetric[] = [
  ...METRIC_CATALOGUE.map((metric) => ({
    name: metric.name,
    unit: metric.unit,
    level: metric.of === 'gpu' ? ('gpu' as const) : ('instance' as const),
    source: 'collected' as const,
    meaning: `${metric.name.replaceAll('_', ' ')} as agents report it`,
  })),
  ...OTHER_METRICS,
];

const byName = new Map(DECISION_METRICS.map((metric) => [metric.name, metric]));

/** The metric that is called this, or undefined. */
export const decisionMetric = (name: string): DecisionMetric | undefined => byName.get(name);

/** Names that somebody may have meant: at most three, the nearest first. */
export function nearMetrics(name: string): string[] {
  const wanted = name.toLowerCase();
  return [...byName.keys()]
    .map((known) => ({ known, far: known.includes(wanted) || wanted.includes(known) ? 1 : distance(wanted, known) }))
    .filter(({ known, far }) => far <= Math.max(2, known.length / 3))
    .sort((a, b) => a.far - b.far || (a.known < b.known ? -1 : 1))
    .slice(0, 3)
    .map(({ known }) => known);
}

/** What is wrong with a name, for people; null: it is a metric. */
export function metricNameProblem(name: string): string | null {
  if (byName.has(name)) return null;
  const near = nearMetrics(name);
  const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'The documentation lists every metric.';
  return `There is no metric ${JSON.stringify(name)}. ${hint}`;
}

/** Levenshtein. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
