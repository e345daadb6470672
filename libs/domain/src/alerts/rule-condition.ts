import { isLess } from '../decisions/condition.js';
import type { AcrossGpus, ConditionOperator, LeafCondition, MissingPolicy } from '../decisions/condition.js';
import { decisionMetric } from '../decisions/metrics.js';
import type { DecisionMetric } from '../decisions/metrics.js';
import { statisticOf } from '../decisions/plan.js';
import { OPERATOR_WORDS, unitWords } from '../decisions/words.js';
import { metricByName } from '../telemetry/catalogue.js';
import { metricRange } from '../telemetry/metric-range.js';

/** What of an alert rule is evaluated. */
export interface RuleCondition {
  readonly metric: string;
  readonly operator: ConditionOperator;
  readonly threshold: number;
  /** Where it is over again; null: as soon as it is not met. */
  readonly recoveryThreshold: number | null;
  readonly durationMinutes: number;
  /** It has to be over for so long before it is resolved. */
  readonly keepFiringMinutes: number;
  readonly acrossGpus: AcrossGpus | null;
  readonly missing: MissingPolicy;
}

const OPPOSITE: Readonly<Record<ConditionOperator, ConditionOperator>> = {
  gt: 'lte',
  gte: 'lt',
  lt: 'gte',
  lte: 'gt',
  eq: 'not_eq',
  not_eq: 'eq',
};

/** What makes a rule fire. */
export function firingLeaf(rule: RuleCondition): LeafCondition {
  const { metric, operator, threshold, durationMinutes, missing } = rule;
  return { metric, operator, threshold, durationMinutes, missing, acrossGpus: acrossOf(rule) };
}

/**
 * What ends it: the opposite, of the other quantifier, on the same number of the minute. So "any GPU over 85" is over when all
 * GPUs are at most 85 (or at most the recovery threshold). A gap in data is never a recovery.
 */
export function recoveryLeaf(rule: RuleCondition): LeafCondition {
  const known = decisionMetric(rule.metric);
  const statistic = known ? statisticOf(firingLeaf(rule), known) : null;
  return {
    metric: rule.metric,
    operator: OPPOSITE[rule.operator],
    threshold: rule.recoveryThreshold ?? rule.threshold,
    durationMinutes: Math.max(1, rule.keepFiringMinutes),
    missing: rule.missing,
    acrossGpus: acrossOf(rule) === 'any' ? 'all' : 'any',
    ...(statistic !== null && { statistic }),
  };
}

export const acrossOf = ({ acrossGpus, operator }: Pick<RuleCondition, 'acrossGpus' | 'operator'>): AcrossGpus =>
  acrossGpus ?? (isLess(operator) ? 'all' : 'any');

/** Why a recovery threshold makes no sense; null: it does. */
export function recoveryProblem({ operator, threshold, recoveryThreshold }: RuleCondition): string | null {
  if (recoveryThreshold === null) return null;
  if (operator === 'eq' || operator === 'not_eq') {
    return `A rule with ${operator} has no recovery threshold: it is over as soon as it is not met.`;
  }
  const less = isLess(operator);
  if (less ? recoveryThreshold >= threshold : recoveryThreshold <= threshold) return null;
  return `A rule with ${operator} ${threshold} is over at ${threshold} or ${less ? 'above' : 'below'}: the recovery threshold cannot be ${recoveryThreshold}.`;
}

/** What is strange about a threshold that can never, or always, be met; null: nothing. */
export function thresholdWarning(
  metric: DecisionMetric,
  operator: ConditionOperator,
  threshold: number,
): string | null {
  const catalogued = metricByName(metric.name);
  const range =
    (catalogued && metricRange(catalogued.id)) ??
    (metric.unit === 'percent' ? { from: 0, to: Infinity } : NOT_NEGATIVE);
  const never =
    (operator === 'gt' && threshold >= range.to) ||
    (operator === 'gte' && threshold > range.to) ||
    (operator === 'lt' && threshold <= range.from) ||
    (operator === 'lte' && threshold < range.from) ||
    (operator === 'eq' && (threshold < range.from || threshold > range.to));
  const always =
    (operator === 'gt' && threshold < range.from) ||
    (operator === 'gte' && threshold <= range.from) ||
    (operator === 'lt' && threshold > range.to) ||
    (operator === 'lte' && threshold >= range.to) ||
    (operator === 'not_eq' && (threshold < range.from || threshold > range.to));
  if (!never && !always) return null;
  const to = Number.isFinite(range.to) ? ` to ${range.to}` : ' and above';
  return `${metric.name} is ${range.from}${to} ${unitWords(metric.unit)}: ${OPERATOR_WORDS[operator]} ${threshold} is ${never ? 'never' : 'always'} true.`;
}

const NOT_NEGATIVE = { from: 0, to: Infinity };
