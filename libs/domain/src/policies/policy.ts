import type { ConditionTree } from '../decisions/condition.js';
import { isGroup } from '../decisions/condition.js';
import { decisionMetric } from '../decisions/metrics.js';
import type { Schedule } from '../schedules/schedule.js';

/**
 * automatic: acts by itself. approval_required: every start and stop waits for a person. notify_only: tells what it would
 * have done, and does nothing.
 */
export const EXECUTION_MODES = ['automatic', 'approval_required', 'notify_only'] as const;
export type ExecutionMode = (typeof EXECUTION_MODES)[number];

/** In which order instances are taken where not all are. */
export const POLICY_TARGETS = ['lowest_utilization', 'longest_idle', 'most_expensive'] as const;
export type PolicyTarget = (typeof POLICY_TARGETS)[number];

/** Starts or stops machines. `scale_down_instances` is a stop that takes a part of them. */
export interface PowerAction {
  readonly type: 'stop_instances' | 'start_instances' | 'scale_down_instances';
  /** Default: lowest_utilization for stops, most_expensive last for starts. */
  readonly target: PolicyTarget | null;
  /** Of the instances that may be acted on, above 0 to 100. */
  readonly percentage: number;
  /** Stops only: whether a machine that is at work is left alone. false needs the word of whoever writes the policy. */
  readonly onlyWhenIdle: boolean;
}

export interface TagAction {
  readonly type: 'tag_instances';
  readonly tags: Readonly<Record<string, string>>;
}

export interface NotifyAction {
  readonly type: `notify_${string}`;
  /** Channel ids, or words for channel types or names; null: every channel that takes such alerts. */
  readonly channels: readonly (number | string)[] | null;
  readonly message: string | null;
}

export type PolicyAction = PowerAction | TagAction | NotifyAction;

export const isPower = (action: PolicyAction): action is PowerAction =>
  action.type === 'stop_instances' || action.type === 'start_instances' || action.type === 'scale_down_instances';
export const isTagging = (action: PolicyAction): action is TagAction => action.type === 'tag_instances';
export const isNotice = (action: PolicyAction): action is NotifyAction => action.type.startsWith('notify_');
export const verbOf = (action: PowerAction): 'start' | 'stop' => (action.type === 'start_instances' ? 'start' : 'stop');

/** Instances that a policy looks at. */
export type PolicyScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'tagged'; readonly tags: readonly TagPattern[] }
  | { readonly kind: 'instances'; readonly instanceIds: readonly number[] };

export interface TagPattern {
  readonly key: string;
  /** null: any. */
  readonly value: string | null;
}

/** What a policy does, apart from its name and its history. */
export interface PolicyRules {
  readonly conditions: ConditionTree;
  readonly schedule: Schedule | null;
  readonly cooldownMinutes: number;
  readonly executionMode: ExecutionMode;
  readonly actions: readonly PolicyAction[];
  readonly scope: PolicyScope;
  /** Instances with any of these are never acted on by this policy; the tenant's own come on top. */
  readonly protectTags: readonly TagPattern[];
  /** Part of the running fleet that one run may start or stop, in percent. */
  readonly capPerRunPercent: number;
  /** Part of it that all policies together may start or stop within 24 hours before this one stops. */
  readonly capPerDayPercent: number;
}

/**
 * Whom a tree is about. `tenant`: no leaf looks at an instance (a budget, a calendar, AI spend), so it triggers once for the
 * tenant, and every instance in scope may be acted on. `instance`: it triggers for each instance apart.
 */
export function policySubject(tree: ConditionTree): 'tenant' | 'instance' {
  if (isGroup(tree)) return tree.rules.every((rule) => policySubject(rule) === 'tenant') ? 'tenant' : 'instance';
  return decisionMetric(tree.metric)?.level === 'tenant' ? 'tenant' : 'instance';
}

/** Whether an instance is one that a policy looks at. */
export function inScope(
  scope: PolicyScope,
  instance: { readonly id: number; readonly tags: Readonly<Record<string, string>> },
): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'tagged':
      return scope.tags.some((pattern) => matchesTag(pattern, instance.tags));
    case 'instances':
      return scope.instanceIds.includes(instance.id);
  }
}

export function matchesTag({ key, value }: TagPattern, tags: Readonly<Record<string, string>>): boolean {
  return Object.hasOwn(tags, key) && (value === null || tags[key] === value);
}
