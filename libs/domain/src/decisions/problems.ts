import { isGroup } from './condition.js';
import type { ConditionTree } from './condition.js';
import { decisionMetric, metricNameProblem } from './metrics.js';

/** Where in a tree, as `rules[1].rules[0].metric`, and what is wrong there. */
export interface ConditionProblem {
  readonly path: string;
  readonly problem: string;
}

export const CONDITION_DEPTH_MAX = 8;
export const CONDITION_LEAVES_MAX = 64;
/** A week: longer than that nothing is looked back for a decision of this minute. */
export const DURATION_MINUTES_MAX = 10_080;

/** Everything that is wrong with a tree that has the right shape: names, numbers, sizes. Empty: it can be planned. */
export function conditionProblems(tree: ConditionTree): ConditionProblem[] {
  const problems: ConditionProblem[] = [];
  let leaves = 0;
  const say = (path: string, problem: string) => problems.push({ path, problem });
  function look(node: ConditionTree, path: string, depth: number): void {
    const at = (field: string) => (path === '' ? field : `${path}.${field}`);
    if (isGroup(node)) {
      if (depth >= CONDITION_DEPTH_MAX) {
        return void say(at('rules'), `Groups may be nested ${CONDITION_DEPTH_MAX} deep. Make this tree flatter.`);
      }
      if (node.rules.length === 0) say(at('rules'), 'A group needs at least one rule.');
      if (node.operator === 'NOT' && node.rules.length > 1) {
        say(at('rules'), 'NOT takes exactly one rule. Put an AND or OR of several inside.');
      }
      node.rules.forEach((rule, i) => look(rule, at(`rules[${i}]`), depth + 1));
      return;
    }
    if (++leaves === CONDITION_LEAVES_MAX + 1) say(path, `A tree may have ${CONDITION_LEAVES_MAX} conditions.`);
    const name = metricNameProblem(node.metric);
    if (name !== null) say(at('metric'), name);
    if (!Number.isFinite(node.threshold)) say(at('threshold'), 'The threshold has to be a number.');
    const duration = node.durationMinutes ?? 0;
    if (!(duration >= 0 && duration <= DURATION_MINUTES_MAX)) {
      say(at('duration'), `The duration is 0 to ${DURATION_MINUTES_MAX} minutes.`);
    }
    const isIdle = decisionMetric(node.metric)?.source === 'activity';
    if (isIdle && node.threshold > DURATION_MINUTES_MAX) {
      say(at('threshold'), `Idle time is looked back for ${DURATION_MINUTES_MAX} minutes (a week) at most.`);
    }
  }
  look(tree, '', 0);
  return problems;
}
