import type { ConditionOperator, RuleCondition, Severity } from '@flotilla/domain';

export interface ScopeFilter {
  readonly tag_key?: string;
  readonly tag_value?: string;
  readonly instance_ids?: number[];
}

export interface EscalationRow {
  readonly after_minutes: number;
  readonly notification_channel_ids: number[];
}

/** A rule as it is stored. */
export interface RuleRow extends Record<string, unknown> {
  readonly id: number;
  readonly rule_name: string;
  readonly description: string | null;
  readonly alert_type: string;
  readonly metric: string;
  readonly operator: ConditionOperator;
  readonly threshold: number;
  readonly recovery_threshold: number | null;
  readonly duration_minutes: number;
  readonly keep_firing_minutes: number;
  readonly cooldown_minutes: number;
  readonly severity: Severity;
  readonly scope: 'all' | 'tagged' | 'specific_instance';
  readonly scope_filter: ScopeFilter;
  readonly across_gpus: 'any' | 'all' | null;
  readonly missing_data: 'breaks' | 'ignored';
  readonly notification_channel_ids: number[] | null;
  readonly escalation: EscalationRow[];
  readonly group_notifications: boolean;
  readonly enabled: boolean;
  readonly created_by: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** What of a rule people set, in the order of the statements. */
export const RULE_FIELDS = [
  'rule_name',
  'description',
  'alert_type',
  'metric',
  'operator',
  'threshold',
  'recovery_threshold',
  'duration_minutes',
  'keep_firing_minutes',
  'cooldown_minutes',
  'severity',
  'scope',
  'scope_filter',
  'across_gpus',
  'missing_data',
  'notification_channel_ids',
  'escalation',
  'group_notifications',
  'enabled',
] as const;

/** Numbers of an array come as numbers in JSON only. */
const columnOf = (name: string) =>
  name === 'notification_channel_ids' ? `to_jsonb(r.${name}) AS ${name}` : `r.${name}`;

export const RULE_COLUMNS = `r.id, ${RULE_FIELDS.map(columnOf).join(', ')}, r.created_by, r.created_at, r.updated_at`;

export const conditionOf = (
  row: Pick<
    RuleRow,
    | 'metric'
    | 'operator'
    | 'threshold'
    | 'recovery_threshold'
    | 'duration_minutes'
    | 'keep_firing_minutes'
    | 'across_gpus'
    | 'missing_data'
  >,
): RuleCondition => ({
  metric: row.metric,
  operator: row.operator,
  threshold: row.threshold,
  recoveryThreshold: row.recovery_threshold,
  durationMinutes: row.duration_minutes,
  keepFiringMinutes: row.keep_firing_minutes,
  acrossGpus: row.across_gpus,
  missing: row.missing_data,
});

/** Whether a rule is about an instance. */
export function inScope(
  { scope, scope_filter: filter }: Pick<RuleRow, 'scope' | 'scope_filter'>,
  instance: { readonly id: number; readonly tags: Readonly<Record<string, unknown>> },
): boolean {
  if (scope === 'all') return true;
  if (scope === 'specific_instance') return filter.instance_ids?.includes(instance.id) ?? false;
  const value = filter.tag_key === undefined ? undefined : instance.tags[filter.tag_key];
  return value !== undefined && (filter.tag_value === undefined || value === filter.tag_value);
}
