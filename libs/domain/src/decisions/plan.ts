import { MAX_GAP_SECONDS } from '../idle/idle-since.js';
import { isGroup, isLess } from './condition.js';
import type { AcrossGpus, ConditionTree, LeafCondition, MinuteStatistic } from './condition.js';
import { decisionMetric, metricNameProblem } from './metrics.js';
import type { DecisionMetric, MetricLevel } from './metrics.js';
import { operatorCode } from './verdict.js';

/** Values that whoever evaluates a plan hands in for each minute. */
export interface SeriesNeed {
  readonly metric: string;
  readonly level: MetricLevel;
  /** Of the samples of the minute; null: the metric has one value a minute. */
  readonly statistic: MinuteStatistic | null;
}

/** A comparison that is evaluated once a minute, however many leaves, rules and durations share it. */
export interface PlannedCondition {
  /** Place in `series`; IDLE_SERIES: the minutes idle, which are derived here. */
  readonly series: number;
  readonly level: MetricLevel;
  /** An operator's number. */
  readonly operator: number;
  readonly threshold: number;
  readonly across: AcrossGpus;
  readonly gapMinutes: number;
  /** The same in every plan: by it, holds are carried from one plan to the next. */
  readonly key: string;
}

export interface PlannedLeaf {
  readonly condition: number;
  /** At least 1. */
  readonly durationMinutes: number;
  readonly source: LeafCondition;
}

export type PlannedTree =
  | { readonly kind: 'leaf'; readonly leaf: number }
  | { readonly kind: 'AND' | 'OR' | 'NOT'; readonly rules: readonly PlannedTree[] };

/** Trees made ready for evaluation, with everything that is equal in them kept once. */
export interface DecisionPlan {
  readonly series: readonly SeriesNeed[];
  readonly conditions: readonly PlannedCondition[];
  readonly leaves: readonly PlannedLeaf[];
  /** In the order in which they were given. */
  readonly trees: readonly PlannedTree[];
  /** Where the minutes idle come from; null: no tree names them. */
  readonly idleCondition: number | null;
  /** Minutes of data up to and with a minute that decide everything about that minute and the one before. */
  readonly lookbackMinutes: number;
}

export interface PlanSettings {
  /** The tenant's own: below it a GPU counts as idle. Percent. */
  readonly idleBelowPercent: number;
}

/** In place of a series: minutes idle. */
export const IDLE_SERIES = -1;
/** Minutes without readings that do not end an idle time, as for the list of idle instances. */
const IDLE_GAP_MINUTES = MAX_GAP_SECONDS / 60;

/**
 * Makes trees ready. Equal comparisons are planned once, whatever their durations.
 *
 * @throws RangeError for a metric that does not exist or a group without rules (callers check with `conditionProblems`)
 */
export function planDecisions(trees: readonly ConditionTree[], settings: PlanSettings): DecisionPlan {
  const series: SeriesNeed[] = [];
  const conditions: PlannedCondition[] = [];
  const leaves: PlannedLeaf[] = [];
  const places = {
    series: new Map<string, number>(),
    conditions: new Map<string, number>(),
    leaves: new Map<string, number>(),
  };
  let idleCondition: number | null = null;
  let lookbackMinutes = 1;

  const seriesOf = (need: SeriesNeed) => placed(places.series, `${need.metric}/${need.statistic}`, series, () => need);
  const conditionOf = (leaf: Omit<PlannedCondition, 'key' | 'series'>, at: number) => {
    const of = at === IDLE_SERIES ? `idle_minutes<${settings.idleBelowPercent}` : seriesKey(series[at]!);
    const key = [of, leaf.operator, leaf.threshold, leaf.level === 'gpu' ? leaf.across : '', leaf.gapMinutes].join(' ');
    return placed(places.conditions, key, conditions, () => ({ ...leaf, series: at, key }));
  };
  const idle = () =>
    (idleCondition ??= conditionOf(
      {
        level: 'gpu',
        operator: operatorCode('lt'),
        threshold: Math.fround(settings.idleBelowPercent),
        across: 'all',
        gapMinutes: IDLE_GAP_MINUTES,
      },
      seriesOf({ metric: 'gpu_utilization', level: 'gpu', statistic: 'max' }),
    ));

  function leafOf(source: LeafCondition): PlannedTree {
    const metric = decisionMetric(source.metric);
    if (!metric) throw new RangeError(metricNameProblem(source.metric)!);
    const durationMinutes = Math.max(1, Math.ceil(source.durationMinutes ?? 1));
    const gapMinutes = source.missing === 'ignored' ? durationMinutes - 1 : 0;
    const isIdle = metric.source === 'activity';
    if (isIdle) idle();
    const at = isIdle
      ? IDLE_SERIES
      : seriesOf({ metric: metric.name, level: metric.level, statistic: statisticOf(source, metric) });
    const condition = conditionOf(
      {
        level: metric.level,
        operator: operatorCode(source.operator),
        // readings are float32: 5.1 is met by a reading of 5.1
        threshold: metric.source === 'collected' ? Math.fround(source.threshold) : source.threshold,
        across: source.acrossGpus ?? (isLess(source.operator) ? 'all' : 'any'),
        gapMinutes,
      },
      at,
    );
    const idleBefore = isIdle ? Math.max(0, Math.ceil(source.threshold)) + 1 + IDLE_GAP_MINUTES : 0;
    lookbackMinutes = Math.max(lookbackMinutes, durationMinutes + gapMinutes + idleBefore + 1);
    const key = `${condition} ${durationMinutes}`;
    return { kind: 'leaf', leaf: placed(places.leaves, key, leaves, () => ({ condition, durationMinutes, source })) };
  }
  function treeOf(tree: ConditionTree): PlannedTree {
    if (!isGroup(tree)) return leafOf(tree);
    if (tree.rules.length === 0 || (tree.operator === 'NOT' && tree.rules.length !== 1)) {
      throw new RangeError(`${tree.operator} of ${tree.rules.length} rules`);
    }
    return { kind: tree.operator, rules: tree.rules.map(treeOf) };
  }
  const planned = trees.map(treeOf);
  return { series, conditions, leaves, trees: planned, idleCondition, lookbackMinutes };
}

/** The statistic that a leaf compares, or null where its metric has one value a minute. */
export function statisticOf(leaf: LeafCondition, metric: DecisionMetric): MinuteStatistic | null {
  if (metric.source !== 'collected') return null;
  if (leaf.statistic) return leaf.statistic;
  const isPeak = metric.unit === 'count' || metric.unit === 'flag' || metric.unit === 'bitmask';
  return isLess(leaf.operator) || isPeak ? 'max' : 'avg';
}

const seriesKey = (need: SeriesNeed) => `${need.metric}/${need.statistic}`;

function placed<T>(places: Map<string, number>, key: string, items: T[], make: () => T): number {
  const known = places.get(key);
  if (known !== undefined) return known;
  items.push(make());
  places.set(key, items.length - 1);
  return items.length - 1;
}
