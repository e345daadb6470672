import { decimal, duration } from '../ui/format';
import { isGroup } from './tree';
import type { Comparison, Condition } from './tree';
import type { ConditionMetric, Metrics } from './metrics';

const NAMES: Readonly<Record<string, string>> = {
  gpu_utilization: 'GPU utilisation',
  memory_utilization: 'GPU memory in use',
  idle_minutes: 'Time idle',
  hourly_cost: 'Price of an hour',
  daily_cost: 'Cost today',
  project_monthly_cost: 'Cost of its project this month',
  monthly_budget_utilization: 'Monthly budget spent',
  monthly_spend: 'Spend this month',
  ai_spend_hourly: 'AI spend in the last hour',
  ai_spend_daily: 'AI spend today',
  ai_spend_monthly: 'AI spend this month',
  ai_tokens_hourly: 'AI tokens in the last hour',
  days_remaining_in_month: 'Days left in the month',
  throttled_hw_thermal: 'Time slowed down by heat',
};
const SHORT: readonly (readonly [RegExp, string])[] = [
  [/\bgpu\b/g, 'GPU'],
  [/\bai\b/g, 'AI'],
  [/\bcpu\b/g, 'CPU'],
  [/\becc\b/g, 'ECC'],
  [/\bsm\b/g, 'SM'],
  [/\bpcie\b/g, 'PCIe'],
  [/\bnvlink\b/g, 'NVLink'],
  [/\bdram\b/g, 'DRAM'],
  [/\bmib\b/g, ''],
  [/\butilization\b/g, 'utilisation'],
];

/** A metric as people call it. */
export function metricWords(name: string): string {
  const known = NAMES[name];
  if (known !== undefined) return known;
  const words = SHORT.reduce((text, [what, word]) => text.replace(what, word), name.replaceAll('_', ' ')).trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const UNITS: Readonly<Record<string, string>> = {
  percent: '%',
  mebibytes: 'MiB',
  celsius: '°C',
  watts: 'W',
  joules: 'J',
  megahertz: 'MHz',
  lanes: 'lanes',
  kilobytes_per_second: 'kB/s',
  bytes_per_second: 'B/s',
  per_second: 'a second',
  minutes: 'min',
  days: 'days',
};

/** What stands behind a number of this unit; empty: nothing does. */
export const unitWords = (unit: string | undefined, currency: string): string =>
  unit === 'currency' ? currency : (UNITS[unit ?? ''] ?? '');

export const COMPARISONS: readonly (readonly [Comparison, string])[] = [
  ['lt', 'below'],
  ['lte', 'at most'],
  ['gt', 'above'],
  ['gte', 'at least'],
  ['eq', 'exactly'],
  ['not_eq', 'other than'],
];
const comparison = new Map<string, string>(COMPARISONS);

const lowered = (text: string) => (/^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text);
const isLess = (operator: string) => operator === 'lt' || operator === 'lte';

/** One comparison: "the GPU utilisation of every GPU stays below 5 % for 2 h". */
export function comparisonWords(leaf: Condition, metrics: Metrics, currency: string): string {
  const { metric = '', operator, threshold, duration: minutes = 0 } = leaf;
  const known = metrics.get(metric);
  const unit = unitWords(known?.unit, currency);
  const value = threshold === undefined || Number.isNaN(threshold) ? '…' : written(threshold, known, unit);
  const verb = minutes > 1 ? 'stays' : 'is';
  const lasting = minutes > 1 ? ` for ${duration(minutes * 60)}` : '';
  return `${lowered(metricWords(metric))}${ofWhich(leaf, known)} ${verb} ${comparison.get(operator) ?? operator} ${value}${lasting}`;
}

const written = (threshold: number, metric: ConditionMetric | undefined, unit: string) =>
  metric?.unit === 'minutes' ? duration(threshold * 60) : `${decimal(threshold, 3)}${unit && ` ${unit}`}`;

function ofWhich(leaf: Condition, metric: ConditionMetric | undefined): string {
  if (metric?.level !== 'gpu') return '';
  const across = leaf.across_gpus ?? (isLess(leaf.operator) ? 'all' : 'any');
  return across === 'all' ? ' of every GPU' : ' of any GPU';
}

/** The whole tree in words, with brackets where "and" and "or" meet. */
export function conditionWords(tree: Condition, metrics: Metrics, currency: string): string {
  if (!isGroup(tree)) return comparisonWords(tree, metrics, currency);
  const rules = tree.rules ?? [];
  if (rules.length === 0) return '…';
  const words = rules.map((rule) => {
    const said = conditionWords(rule, metrics, currency);
    return (rule.rules?.length ?? 0) > 1 && rule.operator !== 'NOT' && rules.length > 1 ? `(${said})` : said;
  });
  if (tree.operator === 'NOT') return `it is not so that ${words.join(' and ')}`;
  return words.join(tree.operator === 'AND' ? ' and ' : ' or ');
}
