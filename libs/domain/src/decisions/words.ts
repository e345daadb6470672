import type { ConditionOperator, LeafCondition } from './condition.js';
import { isLess } from './condition.js';
import { decisionMetric } from './metrics.js';
import type { DecisionUnit } from './metrics.js';

export const OPERATOR_WORDS: Readonly<Record<ConditionOperator, string>> = {
  gt: 'above',
  gte: 'at least',
  lt: 'below',
  lte: 'at most',
  eq: 'exactly',
  not_eq: 'other than',
};

const UNIT_WORDS: Partial<Record<DecisionUnit, string>> = {
  percent: '%',
  celsius: '°C',
  watts: 'W',
  joules: 'J',
  mebibytes: 'MiB',
  megahertz: 'MHz',
  kilobytes_per_second: 'kB/s',
  bytes_per_second: 'B/s',
  per_second: 'per second',
  minutes: 'minutes',
  days: 'days',
};

/** The unit behind a number, for people; empty where the number stands alone. */
export const unitWords = (unit: DecisionUnit, currency = ''): string =>
  unit === 'currency' ? currency : (UNIT_WORDS[unit] ?? '');

const NAMES: Readonly<Record<string, string>> = {
  gpu_utilization: 'GPU utilisation',
  memory_utilization: 'GPU memory in use',
  idle_minutes: 'time idle',
  hourly_cost: 'price of an hour',
  daily_cost: 'cost today',
  project_monthly_cost: 'cost of its project this month',
  monthly_budget_utilization: 'monthly budget spent',
  monthly_spend: 'spend this month',
  ai_spend_hourly: 'AI spend in the last hour',
  ai_spend_daily: 'AI spend today',
  ai_spend_monthly: 'AI spend this month',
  ai_tokens_hourly: 'AI tokens in the last hour',
  days_remaining_in_month: 'days left in the month',
  throttled_hw_thermal: 'time slowed down by heat',
};
const SHORT: Readonly<Record<string, string>> = {
  gpu: 'GPU',
  ai: 'AI',
  cpu: 'CPU',
  ecc: 'ECC',
  sm: 'SM',
  pcie: 'PCIe',
  nvlink: 'NVLink',
  dram: 'DRAM',
  mib: '',
  utilization: 'utilisation',
};

/** A metric as people call it, within a sentence: "GPU utilisation", "power draw". */
export const metricWords = (name: string): string =>
  NAMES[name] ??
  name
    .split('_')
    .map((word) => SHORT[word] ?? word)
    .filter((word) => word !== '')
    .join(' ');

/** "1 minute", "30 minutes", "2 hours", "1 day"; only whole hours and days are told as such. */
export function minutesWords(minutes: number): string {
  const of = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
  if (minutes >= 1_440 && minutes % 1_440 === 0) return of(minutes / 1_440, 'day');
  if (minutes >= 60 && minutes % 60 === 0) return of(minutes / 60, 'hour');
  return of(minutes, 'minute');
}

/**
 * One comparison in words: "GPU utilisation of every GPU is below 5 % for 2 hours".
 *
 * @param currency of the tenant, behind amounts
 */
export function leafWords(leaf: LeafCondition, currency = ''): string {
  const { metric, operator, threshold, durationMinutes = 0 } = leaf;
  const known = decisionMetric(metric);
  const every = (leaf.acrossGpus ?? (isLess(operator) ? 'all' : 'any')) === 'all';
  const whose = known?.level !== 'gpu' ? '' : every ? ' of every GPU' : ' of any GPU';
  const unit = known ? unitWords(known.unit, currency) : '';
  const value = known?.unit === 'minutes' ? minutesWords(threshold) : `${threshold}${unit && ` ${unit}`}`;
  const lasting = durationMinutes > 1 ? ` for ${minutesWords(durationMinutes)}` : '';
  return `${metricWords(metric)}${whose} is ${OPERATOR_WORDS[operator]} ${value}${lasting}`;
}
