import type { ConditionNode, PolicyAction as WireAction, WeekSchedule } from '@flotilla/contracts';
import { CAP_PER_RUN_PERCENT_DEFAULT, isGroup, isNotice, isPower } from '@flotilla/domain';
import type {
  ConditionOperator,
  ConditionTree,
  ExecutionMode,
  NotifyAction,
  PolicyAction,
  PolicyRules,
  PolicyScope,
  PolicyTemplate,
  PowerAction,
  Schedule,
  TagPattern,
} from '@flotilla/domain';

/** What a version of a policy says, in wire names: everything but its number and whether it is on. */
export interface PolicyDefinition {
  readonly policy_name: string;
  readonly description: string | null;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  readonly policy_type: string;
  readonly execution_mode: ExecutionMode;
  readonly cooldown_minutes: number;
  readonly schedule: WeekSchedule | null;
  readonly conditions: ConditionNode;
  readonly actions: readonly WireAction[];
  readonly scope: 'all' | 'tagged' | 'specific_instance';
  readonly scope_filter: {
    readonly tag_key?: string | undefined;
    readonly tag_value?: string | undefined;
    /** Stored by their numbers. */
    readonly instance_ids?: readonly (number | string)[] | undefined;
  };
  readonly protect_tags: readonly TagPattern[];
  readonly cap_per_run_percent: number;
  readonly cap_per_day_percent: number;
}

/** The fields of a version, in the order of the contract. */
export const DEFINITION_FIELDS = [
  'policy_name',
  'description',
  'severity',
  'policy_type',
  'execution_mode',
  'cooldown_minutes',
  'schedule',
  'conditions',
  'actions',
  'scope',
  'scope_filter',
  'protect_tags',
  'cap_per_run_percent',
  'cap_per_day_percent',
] as const satisfies readonly (keyof PolicyDefinition)[];

/** Conditions of a body (which its schema has checked) as decisions know them. */
export function conditionsOf(node: ConditionNode): ConditionTree {
  if (node.rules) return { operator: node.operator as 'AND' | 'OR' | 'NOT', rules: node.rules.map(conditionsOf) };
  return {
    metric: node.metric!,
    operator: node.operator as ConditionOperator,
    threshold: node.threshold!,
    durationMinutes: node.duration,
    acrossGpus: node.across_gpus,
    missing: node.missing_data,
    statistic: node.statistic,
  };
}

export function conditionsOnWire(tree: ConditionTree): ConditionNode {
  if (isGroup(tree)) return { operator: tree.operator, rules: tree.rules.map(conditionsOnWire) };
  const { metric, operator, threshold, durationMinutes, acrossGpus, missing, statistic } = tree;
  return {
    metric,
    operator,
    threshold,
    ...(durationMinutes !== undefined && { duration: durationMinutes }),
    ...(acrossGpus && { across_gpus: acrossGpus }),
    ...(missing && { missing_data: missing }),
    ...(statistic && { statistic }),
  };
}

export const scheduleOf = (schedule: WeekSchedule): Schedule => ({
  timezone: schedule.timezone,
  activeHours: schedule.active_hours,
  activeDays: schedule.active_days,
});

/** What a definition decides by. */
export function rulesOf(definition: PolicyDefinition): PolicyRules {
  return {
    conditions: conditionsOf(definition.conditions),
    schedule: definition.schedule && scheduleOf(definition.schedule),
    cooldownMinutes: definition.cooldown_minutes,
    executionMode: definition.execution_mode,
    actions: definition.actions.map(actionOf),
    scope: scopeOf(definition),
    protectTags: definition.protect_tags,
    capPerRunPercent: definition.cap_per_run_percent,
    capPerDayPercent: definition.cap_per_day_percent,
  };
}

function actionOf(action: WireAction): PolicyAction {
  const { type } = action;
  if (type === 'tag_instances') return { type, tags: action.tags ?? {} };
  if (type.startsWith('notify_')) {
    const channels = action.channels ?? null;
    return { type: type as NotifyAction['type'], channels, message: action.message ?? null };
  }
  return {
    type: type as PowerAction['type'],
    target: action.target ?? null,
    // a part of them is the point of it
    percentage: action.percentage ?? (type === 'scale_down_instances' ? CAP_PER_RUN_PERCENT_DEFAULT : 100),
    onlyWhenIdle: action.only_when_idle ?? true,
  };
}

function scopeOf({ scope, scope_filter: filter }: PolicyDefinition): PolicyScope {
  if (scope === 'tagged')
    return { kind: 'tagged', tags: [{ key: filter.tag_key ?? '', value: filter.tag_value ?? null }] };
  if (scope === 'specific_instance') {
    return { kind: 'instances', instanceIds: (filter.instance_ids ?? []).map(Number) };
  }
  return { kind: 'all' };
}

/** A template as a definition that may be stored. @param timezone of the tenant: its nights are those of its people */
export function definitionOfTemplate(
  { name, sentence, policyType, severity, rules }: PolicyTemplate,
  timezone: string,
): PolicyDefinition {
  const { schedule, scope } = rules;
  const tag = scope.kind === 'tagged' ? scope.tags[0]! : null;
  return {
    policy_name: name,
    description: sentence,
    severity,
    policy_type: policyType,
    execution_mode: rules.executionMode,
    cooldown_minutes: rules.cooldownMinutes,
    schedule: schedule && {
      timezone,
      active_hours: { ...schedule.activeHours },
      active_days: [...schedule.activeDays],
    },
    conditions: conditionsOnWire(rules.conditions),
    actions: rules.actions.map(actionOnWire),
    scope: tag ? 'tagged' : 'all',
    scope_filter: tag ? { tag_key: tag.key, ...(tag.value !== null && { tag_value: tag.value }) } : {},
    protect_tags: rules.protectTags,
    cap_per_run_percent: rules.capPerRunPercent,
    cap_per_day_percent: rules.capPerDayPercent,
  };
}

function actionOnWire(action: PolicyAction): WireAction {
  if (isPower(action)) {
    return {
      type: action.type,
      ...(action.target && { target: action.target }),
      ...(action.percentage < 100 && { percentage: action.percentage }),
      ...(!action.onlyWhenIdle && { only_when_idle: false }),
    };
  }
  if (isNotice(action)) {
    return {
      type: action.type,
      ...(action.channels && { channels: [...action.channels] }),
      ...(action.message !== null && { message: action.message }),
    };
  }
  return { type: 'tag_instances', tags: { ...action.tags } };
}
