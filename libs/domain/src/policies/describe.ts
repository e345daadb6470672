import { isGroup } from '../decisions/condition.js';
import type { ConditionTree } from '../decisions/condition.js';
import { leafWords } from '../decisions/words.js';
import { isPower, isTagging, verbOf } from './policy.js';
import type { PolicyAction, PolicyRules } from './policy.js';

const TARGETS = {
  lowest_utilization: 'the least used first',
  longest_idle: 'the longest idle first',
  most_expensive: 'the most expensive first',
} as const;
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** What a policy does, in a sentence for people. */
export function describePolicy(rules: PolicyRules): string {
  const does = rules.actions.map(describeAction).join(', ');
  const sentence = `When ${describeConditions(rules.conditions)}${describeSchedule(rules)}: ${does}`;
  if (!rules.actions.some((action) => !action.type.startsWith('notify_'))) return `${sentence}.`;
  return `${sentence}${MODES[rules.executionMode]}.`;
}

const MODES = {
  automatic: '',
  approval_required: '; starts and stops wait for a person',
  notify_only: '; only tells, and does nothing',
} as const;

/** Conditions in words: "GPU utilisation of every GPU is below 10 % for 30 minutes and cost today is above 100 USD". */
export function describeConditions(tree: ConditionTree, currency = ''): string {
  if (!isGroup(tree)) return leafWords(tree, currency);
  if (tree.operator === 'NOT') return `it is not so that ${describeConditions(tree.rules[0]!, currency)}`;
  const word = tree.operator === 'AND' ? ' and ' : ' or ';
  return tree.rules
    .map((rule) =>
      isGroup(rule) && rule.rules.length > 1
        ? `(${describeConditions(rule, currency)})`
        : describeConditions(rule, currency),
    )
    .join(word);
}

function describeAction(action: PolicyAction): string {
  if (isPower(action)) {
    const whom = action.percentage >= 100 ? 'the instances' : `${action.percentage} % of the instances`;
    const order = action.target ? `, ${TARGETS[action.target]}` : '';
    const busy = verbOf(action) === 'stop' && !action.onlyWhenIdle ? ' even while they work' : '';
    return `${verbOf(action)} ${whom}${busy}${order}`;
  }
  if (isTagging(action)) {
    return `tag the instances ${Object.entries(action.tags)
      .map(([key, value]) => `${key}=${value}`)
      .join(', ')}`;
  }
  return `tell ${action.type.slice('notify_'.length).replaceAll('_', ' ')}`;
}

function describeSchedule({ schedule }: PolicyRules): string {
  if (!schedule) return '';
  const { activeHours, activeDays, timezone } = schedule;
  const days = activeDays.length === 7 ? 'every day' : activeDays.map((day) => DAYS[day - 1]!).join(', ');
  return `, between ${activeHours.start} and ${activeHours.end} (${timezone}), ${days}`;
}
