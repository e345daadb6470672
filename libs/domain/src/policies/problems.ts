import { isGroup, leavesOf } from '../decisions/condition.js';
import type { ConditionTree, LeafCondition } from '../decisions/condition.js';
import { decisionMetric } from '../decisions/metrics.js';
import { conditionProblems } from '../decisions/problems.js';
import { nextChange } from '../schedules/schedule.js';
import { isTimeZone } from '../schedules/zone.js';
import { isPower, policySubject, verbOf } from './policy.js';
import type { PolicyRules } from './policy.js';

/** Which field, and what is wrong with it and mends it. */
export interface PolicyProblem {
  readonly field: string;
  readonly problem: string;
}

/** Everything that keeps a policy from being stored; it has the right shape already. */
export function policyProblems(rules: PolicyRules): PolicyProblem[] {
  const problems: PolicyProblem[] = conditionProblems(rules.conditions).map(({ path, problem }) => ({
    field: path === '' ? 'conditions' : `conditions.${path}`,
    problem,
  }));
  const { schedule, actions } = rules;
  if (schedule) {
    if (!isTimeZone(schedule.timezone)) {
      problems.push({
        field: 'schedule.timezone',
        problem: `There is no time zone ${JSON.stringify(schedule.timezone)}. Use an IANA name such as Europe/Berlin, or UTC.`,
      });
    } else if (schedule.activeDays.length === 0) {
      problems.push({
        field: 'schedule.active_days',
        problem: 'Without a day the policy would never act. Name 1 (Monday) to 7.',
      });
    }
  }
  const contradiction = problems.length === 0 ? impossible(rules.conditions) : null;
  if (contradiction) problems.push({ field: 'conditions', problem: contradiction });
  actions.forEach((action, at) => {
    if (!isPower(action)) return;
    if (!(action.percentage > 0 && action.percentage <= 100)) {
      problems.push({ field: `actions[${at}].percentage`, problem: 'A percentage is above 0 and at most 100.' });
    }
    if (action.type === 'start_instances' && !mayMeanStopped(rules.conditions)) {
      problems.push({
        field: `actions[${at}].type`,
        problem:
          'A stopped machine reports nothing, so conditions on what agents measure can never start one. Use conditions on the calendar, a budget or cost, and a schedule.',
      });
    }
  });
  const verbs = new Set(actions.filter(isPower).map(verbOf));
  if (verbs.size > 1) {
    problems.push({
      field: 'actions',
      problem: 'One policy either starts or stops. Make two policies with a schedule each.',
    });
  }
  return problems;
}

/** What may be stored and is worth a word. */
export function policyWarnings(rules: PolicyRules): string[] {
  const warnings: string[] = [];
  const { schedule, actions, cooldownMinutes, executionMode, capPerRunPercent, capPerDayPercent } = rules;
  const power = actions.filter(isPower);
  if (schedule && nextChange(schedule, 0) === null) {
    warnings.push('The schedule covers every hour of every day: it is the same as none.');
  }
  if (cooldownMinutes === 0 && power.length > 0) {
    warnings.push('Without a cooldown what was blocked is not tried again until the conditions were false in between.');
  }
  if (executionMode === 'automatic' && power.some((one) => verbOf(one) === 'stop' && !one.onlyWhenIdle)) {
    warnings.push('only_when_idle is false: machines are stopped while they work, without anybody being asked.');
  }
  if (power.length > 0 && (capPerRunPercent > 50 || capPerDayPercent > 75)) {
    warnings.push(
      `Up to ${capPerRunPercent} % of the fleet may be switched in one run and ${capPerDayPercent} % in a day.`,
    );
  }
  const short = leavesOf(rules.conditions).find(
    (leaf) =>
      leaf.metric === 'gpu_utilization' &&
      (leaf.durationMinutes ?? 1) < 10 &&
      power.some((one) => verbOf(one) === 'stop'),
  );
  if (short) {
    warnings.push(
      'gpu_utilization is looked at over less than 10 minutes: jobs that load data or wait look idle for so long.',
    );
  }
  if (policySubject(rules.conditions) === 'tenant' && power.length > 0 && rules.scope.kind === 'all') {
    warnings.push('No condition looks at an instance: every instance may be chosen. A scope keeps production out.');
  }
  return warnings;
}

/** Two policies, one of which starts what the other stops. */
export function mayFight(one: PolicyRules, other: PolicyRules): boolean {
  const verbs = (rules: PolicyRules) => new Set(rules.actions.filter(isPower).map(verbOf));
  const [mine, theirs] = [verbs(one), verbs(other)];
  if (!((mine.has('start') && theirs.has('stop')) || (mine.has('stop') && theirs.has('start')))) return false;
  return scopesMeet(one.scope, other.scope);
}

function scopesMeet(a: PolicyRules['scope'], b: PolicyRules['scope']): boolean {
  if (a.kind === 'instances' && b.kind === 'instances') return a.instanceIds.some((id) => b.instanceIds.includes(id));
  if (a.kind === 'tagged' && b.kind === 'tagged') {
    return a.tags.some((x) =>
      b.tags.some((y) => x.key !== y.key || x.value === null || y.value === null || x.value === y.value),
    );
  }
  return true;
}

/** Whether a tree can be true of a machine that reports nothing. */
function mayMeanStopped(tree: ConditionTree): boolean {
  if (!isGroup(tree)) {
    const source = decisionMetric(tree.metric)?.source;
    return source !== 'collected' && source !== 'activity';
  }
  return tree.operator === 'OR' ? tree.rules.some(mayMeanStopped) : tree.rules.every(mayMeanStopped);
}

/** Two comparisons of one AND that no number meets; null: none such. */
function impossible(tree: ConditionTree): string | null {
  if (!isGroup(tree)) return null;
  for (const rule of tree.rules) {
    const inside = impossible(rule);
    if (inside) return inside;
  }
  if (tree.operator !== 'AND') return null;
  const leaves = tree.rules.filter((rule): rule is LeafCondition => !isGroup(rule));
  for (const low of leaves) {
    for (const high of leaves) {
      if (low.metric !== high.metric || low.acrossGpus !== high.acrossGpus || low.statistic !== high.statistic)
        continue;
      // of several GPUs one may be above and another below
      if (decisionMetric(low.metric)?.level === 'gpu') continue;
      const [from, to] = [above(low), under(high)];
      if (from === null || to === null) continue;
      if (from.at > to.at || (from.at === to.at && !(from.with && to.with))) {
        return `${low.metric} cannot be ${words(low)} and ${words(high)} at once. Use OR, or mend a threshold.`;
      }
    }
  }
  return null;
}

interface Bound {
  readonly at: number;
  readonly with: boolean;
}
const above = ({ operator, threshold }: LeafCondition): Bound | null =>
  operator === 'gt' || operator === 'gte' || operator === 'eq' ? { at: threshold, with: operator !== 'gt' } : null;
const under = ({ operator, threshold }: LeafCondition): Bound | null =>
  operator === 'lt' || operator === 'lte' || operator === 'eq' ? { at: threshold, with: operator !== 'lt' } : null;
const WORDS = {
  gt: 'above',
  gte: 'at least',
  lt: 'below',
  lte: 'at most',
  eq: 'exactly',
  not_eq: 'other than',
} as const;
const words = ({ operator, threshold }: LeafCondition) => `${WORDS[operator]} ${threshold}`;
