export const CONDITION_OPERATORS = ['gt', 'lt', 'gte', 'lte', 'eq', 'not_eq'] as const;
export type ConditionOperator = (typeof CONDITION_OPERATORS)[number];

export const ACROSS_GPUS = ['any', 'all'] as const;
export type AcrossGpus = (typeof ACROSS_GPUS)[number];

export const MISSING_POLICIES = ['breaks', 'ignored'] as const;
export type MissingPolicy = (typeof MISSING_POLICIES)[number];

/** Which number of a minute is compared: of all samples of the minute of one GPU. */
export const MINUTE_STATISTICS = ['min', 'avg', 'max'] as const;
export type MinuteStatistic = (typeof MINUTE_STATISTICS)[number];

/** One comparison that has to hold for a time. */
export interface LeafCondition {
  /** A name of DECISION_METRICS. */
  readonly metric: string;
  readonly operator: ConditionOperator;
  /** In the unit of the metric. */
  readonly threshold: number;
  /** Minutes on end that it has to be met; 0 and 1: the newest minute alone. */
  readonly durationMinutes?: number | undefined;
  /** Of several GPUs: "greater" conditions (and eq, not_eq) need any, "less" conditions all, unless said otherwise. */
  readonly acrossGpus?: AcrossGpus | undefined;
  /**
   * What a minute without data does. `breaks` (default): the time begins anew. `ignored`: the time goes on over gaps that
   * are shorter than the duration. Neither ever satisfies a condition by itself.
   */
  readonly missing?: MissingPolicy | undefined;
  /**
   * Default: the highest sample for "less" (below 5 % means never above it) and for counters, flags and masks, the mean
   * otherwise. Of no meaning for metrics that have one value a minute.
   */
  readonly statistic?: MinuteStatistic | undefined;
}

/** AND and OR of at least one, NOT of exactly one. */
export interface ConditionGroup {
  readonly operator: 'AND' | 'OR' | 'NOT';
  readonly rules: readonly ConditionTree[];
}

export type ConditionTree = LeafCondition | ConditionGroup;

export const isGroup = (tree: ConditionTree): tree is ConditionGroup => 'rules' in tree;

/** The leaves of a tree from left to right: the order in which evidence is told. */
export function leavesOf(tree: ConditionTree): LeafCondition[] {
  return isGroup(tree) ? tree.rules.flatMap(leavesOf) : [tree];
}

export const isLess = (operator: ConditionOperator) => operator === 'lt' || operator === 'lte';
