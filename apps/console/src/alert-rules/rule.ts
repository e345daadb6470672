import type { Schemas } from '../data/api';
import { decimal } from '../ui/format';
import { asWords } from '../alerts/evidence';
import type { Metric } from './metrics';

export type Operator = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'not_eq';

/** A rule while somebody writes it: what the API takes, complete. */
export type Draft = Pick<
  Schemas['AlertRule'],
  | 'rule_name'
  | 'description'
  | 'metric'
  | 'operator'
  | 'threshold'
  | 'recovery_threshold'
  | 'duration_minutes'
  | 'keep_firing_minutes'
  | 'cooldown_minutes'
  | 'severity'
  | 'scope'
  | 'scope_filter'
  | 'across_gpus'
  | 'missing_data'
  | 'notification_channel_ids'
  | 'escalation'
  | 'group_notifications'
  | 'enabled'
> & { readonly alert_type?: string };

/** Where a new rule begins: something that is worth knowing in every fleet. */
export const NEW: Draft = {
  rule_name: '',
  description: null,
  metric: 'gpu_utilization',
  operator: 'lt',
  threshold: 5,
  recovery_threshold: null,
  duration_minutes: 60,
  keep_firing_minutes: 0,
  cooldown_minutes: 30,
  severity: 'medium',
  scope: 'all',
  scope_filter: {},
  across_gpus: null,
  missing_data: 'breaks',
  notification_channel_ids: null,
  escalation: [],
  group_notifications: true,
  enabled: true,
};
const FIELDS = [...Object.keys(NEW), 'alert_type'] as readonly (keyof Draft)[];

/** Only the fields that can be written, of a rule as the API shows it or of what somebody typed. */
export function draftOf(rule: Partial<Draft>): Draft {
  const given = Object.fromEntries(
    FIELDS.filter((field) => rule[field] !== undefined).map((field) => [field, rule[field]]),
  );
  return { ...NEW, ...given };
}

export const isLess = (operator: Operator): boolean => operator === 'lt' || operator === 'lte';
/** Whether one GPU is enough, where the rule does not say. */
export const acrossOf = ({ across_gpus, operator }: Pick<Draft, 'across_gpus' | 'operator'>): 'any' | 'all' =>
  across_gpus ?? (isLess(operator) ? 'all' : 'any');

/** Another metric: what has no meaning for it falls back. */
export function withMetric(draft: Draft, metric: Metric): Draft {
  return {
    ...draft,
    metric: metric.name,
    recovery_threshold: null,
    across_gpus: metric.level === 'gpu' ? draft.across_gpus : null,
    ...(metric.level === 'tenant' && { scope: 'all', scope_filter: {} }),
  };
}

const isSided = (operator: Operator) => operator !== 'eq' && operator !== 'not_eq';

/** Another comparison: a recovery on the wrong side of the threshold means nothing. */
export function withOperator(draft: Draft, operator: Operator): Draft {
  const sameSide = isSided(operator) && isLess(operator) === isLess(draft.operator);
  return { ...draft, operator, across_gpus: null, recovery_threshold: sameSide ? draft.recovery_threshold : null };
}

export const withScope = (draft: Draft, scope: Draft['scope']): Draft => ({
  ...draft,
  scope,
  scope_filter: scope === draft.scope ? draft.scope_filter : scope === 'tagged' ? { tag_key: '' } : {},
});

export const OPERATORS: readonly (readonly [Operator, string])[] = [
  ['gt', 'above'],
  ['gte', 'at or above'],
  ['lt', 'below'],
  ['lte', 'at or below'],
  ['eq', 'exactly'],
  ['not_eq', 'other than'],
];
export const operatorWords = (operator: string): string => OPERATORS.find(([one]) => one === operator)?.[1] ?? operator;

export interface Names {
  /** Behind numbers of the metric. */
  readonly unit: string;
  readonly level: Metric['level'];
  readonly instance: (id: number) => string;
  readonly channel: (id: number) => string;
}

/** The name of a metric in the middle of a sentence: temperature, GPU utilization. */
export const inSentence = (name: string): string =>
  asWords(name).replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());

const some = (names: readonly string[]) =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;

/** A rule as one says it: "When GPU utilization of all GPUs is below 5 % on all instances for 60 minutes, raise …". */
export function sentenceOf(draft: Draft, names: Names): string {
  const number = (value: number) => `${decimal(value, 4)} ${names.unit}`.trim();
  const of = names.level === 'gpu' ? ` of ${acrossOf(draft) === 'all' ? 'all GPUs' : 'any GPU'}` : '';
  const minutes = draft.duration_minutes;
  const held = minutes <= 1 ? '' : ` for ${minutes} minutes`;
  const where = names.level === 'tenant' ? '' : ` on ${whereOf(draft, names)}`;
  const channels = draft.notification_channel_ids;
  const told =
    channels === null
      ? ' and tell every channel that takes it'
      : channels.length === 0
        ? ' and tell nobody'
        : ` and tell ${some(channels.map(names.channel))}`;
  return `When ${inSentence(draft.metric)}${of} is ${operatorWords(draft.operator)} ${number(draft.threshold)}${where}${held}, raise a ${draft.severity} alert${told}.`;
}

function whereOf({ scope, scope_filter: filter }: Draft, names: Names): string {
  if (scope === 'all') return 'all instances';
  if (scope === 'tagged') {
    const { tag_key: key, tag_value: value } = filter;
    return `instances with the tag ${key ?? ''}${value === undefined ? '' : ` = ${value}`}`;
  }
  return some((filter.instance_ids ?? []).map((id) => names.instance(Number(id))));
}

/** What the API would say of one field, before it is asked. undefined: nothing is wrong */
export function problemOf(draft: Draft): { readonly field: string; readonly words: string } | undefined {
  if (draft.rule_name.trim() === '') return { field: 'rule_name', words: 'A rule needs a name.' };
  if (!Number.isFinite(draft.threshold)) return { field: 'threshold', words: 'The threshold is no number.' };
  if (draft.scope === 'tagged' && !draft.scope_filter.tag_key)
    return { field: 'scope_filter.tag_key', words: 'Which tag? Its key is missing.' };
  if (draft.scope === 'specific_instance' && !draft.scope_filter.instance_ids?.length)
    return { field: 'scope_filter.instance_ids', words: 'Which instances? None is chosen.' };
  return undefined;
}
