import type { ConditionTree, LeafCondition } from '../decisions/condition.js';
import type { Schedule } from '../schedules/schedule.js';
import { CAP_PER_DAY_PERCENT_DEFAULT, CAP_PER_RUN_PERCENT_DEFAULT } from './caps.js';
import type { PolicyAction, PolicyRules } from './policy.js';

/** A policy that somebody thought through, to be copied and changed. */
export interface PolicyTemplate {
  readonly id: string;
  /** What it does, in plain words. */
  readonly sentence: string;
  readonly name: string;
  readonly policyType: string;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  readonly rules: PolicyRules;
}

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const WORK_DAYS = [1, 2, 3, 4, 5];
const hours = (start: string, end: string, activeDays: readonly number[]): Schedule => ({
  timezone: 'UTC',
  activeHours: { start, end },
  activeDays,
});

const leaf = (metric: string, operator: LeafCondition['operator'], threshold: number, durationMinutes?: number) =>
  ({ metric, operator, threshold, ...(durationMinutes !== undefined && { durationMinutes }) }) satisfies LeafCondition;
const idleFor = (minutes: number) => leaf('gpu_utilization', 'lt', 5, minutes);
const and = (...rules: ConditionTree[]): ConditionTree => ({ operator: 'AND', rules });
const or = (...rules: ConditionTree[]): ConditionTree => ({ operator: 'OR', rules });

const stop = (more: Partial<Extract<PolicyAction, { onlyWhenIdle: boolean }>> = {}): PolicyAction => ({
  type: 'stop_instances',
  target: null,
  percentage: 100,
  onlyWhenIdle: true,
  ...more,
});
const tell = (whom: string): PolicyAction => ({ type: `notify_${whom}`, channels: null, message: null });

const BASE = {
  schedule: null,
  cooldownMinutes: 60,
  executionMode: 'approval_required',
  scope: { kind: 'all' },
  protectTags: [{ key: 'environment', value: 'production' }],
  capPerRunPercent: CAP_PER_RUN_PERCENT_DEFAULT,
  capPerDayPercent: CAP_PER_DAY_PERCENT_DEFAULT,
} as const satisfies Partial<PolicyRules>;
const rules = (of: Partial<PolicyRules> & Pick<PolicyRules, 'conditions' | 'actions'>): PolicyRules => ({
  ...BASE,
  ...of,
});

export const POLICY_TEMPLATES: readonly PolicyTemplate[] = [
  {
    id: 'idle-stop',
    sentence: 'Stops a machine when all of its GPUs have stayed below 5 % for two hours; production is left alone.',
    name: 'Idle stop',
    policyType: 'idle',
    severity: 'low',
    rules: rules({ conditions: idleFor(120), executionMode: 'automatic', actions: [stop(), tell('team')] }),
  },
  {
    id: 'night-stop',
    sentence: 'Between 20:00 and 06:00 stops every machine that has idled for half an hour.',
    name: 'Night stop',
    policyType: 'schedule',
    severity: 'low',
    rules: rules({
      conditions: idleFor(30),
      schedule: hours('20:00', '06:00', EVERY_DAY),
      executionMode: 'automatic',
      capPerRunPercent: 50,
      capPerDayPercent: 100,
      actions: [stop()],
    }),
  },
  {
    id: 'weekend-stop',
    sentence: 'On Saturdays and Sundays stops every machine that has idled for half an hour.',
    name: 'Weekend stop',
    policyType: 'schedule',
    severity: 'low',
    rules: rules({
      conditions: idleFor(30),
      schedule: hours('00:00', '24:00', [6, 7]),
      executionMode: 'automatic',
      capPerRunPercent: 50,
      capPerDayPercent: 100,
      actions: [stop()],
    }),
  },
  {
    id: 'morning-start',
    sentence: 'From Monday to Friday at 07:00 starts the machines that carry the tag office-hours=true.',
    name: 'Morning start',
    policyType: 'schedule',
    severity: 'low',
    rules: rules({
      conditions: leaf('days_remaining_in_month', 'gte', 0),
      schedule: hours('07:00', '07:30', WORK_DAYS),
      cooldownMinutes: 720,
      executionMode: 'automatic',
      scope: { kind: 'tagged', tags: [{ key: 'office-hours', value: 'true' }] },
      protectTags: [],
      capPerRunPercent: 100,
      capPerDayPercent: 100,
      actions: [{ type: 'start_instances', target: null, percentage: 100, onlyWhenIdle: true }],
    }),
  },
  {
    id: 'budget-guard',
    sentence:
      'When 80 % of the monthly budget are spent and five days or more remain, asks to stop the least used 30 % of the idle machines.',
    name: 'Budget guard',
    policyType: 'budget_threshold',
    severity: 'high',
    rules: rules({
      conditions: and(leaf('monthly_budget_utilization', 'gte', 80), leaf('days_remaining_in_month', 'gte', 5)),
      cooldownMinutes: 120,
      capPerRunPercent: 30,
      actions: [
        { type: 'scale_down_instances', target: 'lowest_utilization', percentage: 30, onlyWhenIdle: true },
        tell('finance_team'),
      ],
    }),
  },
  {
    id: 'budget-exhausted',
    sentence: 'When the monthly budget is spent, asks to stop the most expensive half of the machines that idle.',
    name: 'Budget exhausted',
    policyType: 'budget_threshold',
    severity: 'critical',
    rules: rules({
      conditions: and(leaf('monthly_budget_utilization', 'gte', 100), idleFor(15)),
      cooldownMinutes: 240,
      capPerRunPercent: 50,
      actions: [
        { type: 'scale_down_instances', target: 'most_expensive', percentage: 50, onlyWhenIdle: true },
        tell('finance_team'),
      ],
    }),
  },
  {
    id: 'runaway-spend',
    sentence:
      'Tells at once when one machine has cost more than 1,000 since midnight, and asks to stop it even if it works.',
    name: 'Runaway spend',
    policyType: 'spend',
    severity: 'critical',
    rules: rules({
      conditions: leaf('daily_cost', 'gt', 1_000),
      cooldownMinutes: 720,
      actions: [stop({ onlyWhenIdle: false }), tell('finance_team')],
    }),
  },
  {
    id: 'runaway-ai-spend',
    sentence: 'Tells when calls of AI models cost more than 100 within an hour.',
    name: 'Runaway AI spend',
    policyType: 'ai_spend',
    severity: 'high',
    rules: rules({
      conditions: leaf('ai_spend_hourly', 'gt', 100),
      executionMode: 'notify_only',
      actions: [tell('ai_team')],
    }),
  },
  {
    id: 'hot-gpu',
    sentence: 'When a GPU stays above 90 °C for five minutes, tells the operators and asks to stop its machine.',
    name: 'Hot GPU',
    policyType: 'health',
    severity: 'critical',
    rules: rules({
      conditions: leaf('temperature', 'gt', 90, 5),
      cooldownMinutes: 30,
      actions: [tell('operators'), stop({ onlyWhenIdle: false })],
    }),
  },
  {
    id: 'unhealthy-gpu-drain',
    sentence:
      'Tags a machine drain=true when a GPU cannot repair its memory any more or waits for a reset to do so, and asks to stop it once it idles.',
    name: 'Unhealthy GPU drain',
    policyType: 'health',
    severity: 'high',
    rules: rules({
      conditions: or(
        leaf('remapped_rows_failure', 'gt', 0),
        leaf('remapped_rows_pending', 'gt', 0),
        leaf('retired_pages_pending', 'gt', 0),
      ),
      cooldownMinutes: 360,
      protectTags: [],
      actions: [{ type: 'tag_instances', tags: { drain: 'true' } }, tell('operators'), stop()],
    }),
  },
  {
    id: 'forgotten-notebook',
    sentence:
      'Stops notebook machines (tag purpose=notebook) that nobody has used for two hours and whose memory is all but empty.',
    name: 'Forgotten notebook',
    policyType: 'idle',
    severity: 'low',
    rules: rules({
      conditions: and(leaf('gpu_utilization', 'lt', 2, 120), leaf('memory_utilization', 'lt', 10, 120)),
      executionMode: 'automatic',
      scope: { kind: 'tagged', tags: [{ key: 'purpose', value: 'notebook' }] },
      actions: [stop()],
    }),
  },
  {
    id: 'orphaned-instance',
    sentence: 'Tags a machine that has idled for three days orphaned=true and asks to stop it, the longest idle first.',
    name: 'Orphaned instance',
    policyType: 'idle',
    severity: 'medium',
    rules: rules({
      conditions: leaf('idle_minutes', 'gte', 4_320),
      cooldownMinutes: 1_440,
      actions: [
        { type: 'tag_instances', tags: { orphaned: 'true' } },
        stop({ target: 'longest_idle' }),
        tell('owners'),
      ],
    }),
  },
  {
    id: 'project-spend-cap',
    sentence:
      'When all machines of a project (tag project) have cost 5,000 this month, asks to stop half of those that idle.',
    name: 'Spend per project cap',
    policyType: 'spend',
    severity: 'high',
    rules: rules({
      conditions: and(leaf('project_monthly_cost', 'gte', 5_000), idleFor(15)),
      cooldownMinutes: 360,
      actions: [
        { type: 'scale_down_instances', target: 'lowest_utilization', percentage: 50, onlyWhenIdle: true },
        tell('project_owners'),
      ],
    }),
  },
  {
    id: 'expensive-idle',
    sentence: 'Asks to stop a machine that costs more than 20 an hour as soon as it has idled for twenty minutes.',
    name: 'Expensive and idle',
    policyType: 'idle',
    severity: 'medium',
    rules: rules({
      conditions: and(leaf('hourly_cost', 'gt', 20), idleFor(20)),
      actions: [stop({ target: 'most_expensive' }), tell('owners')],
    }),
  },
  {
    id: 'throttled-gpu',
    sentence: 'Tells when a GPU spends a fifth of a quarter of an hour slowed down by its heat.',
    name: 'Throttled GPU',
    policyType: 'health',
    severity: 'medium',
    rules: rules({
      conditions: leaf('throttled_hw_thermal', 'gt', 20, 15),
      executionMode: 'notify_only',
      actions: [tell('operators')],
    }),
  },
  {
    id: 'underused-machine',
    sentence:
      'Tags a machine whose GPUs have never passed 15 % for a day rightsize=true, so that somebody looks for a smaller one.',
    name: 'Underused machine',
    policyType: 'rightsizing',
    severity: 'low',
    rules: rules({
      conditions: leaf('gpu_utilization', 'lt', 15, 1_440),
      cooldownMinutes: 10_080,
      executionMode: 'automatic',
      actions: [{ type: 'tag_instances', tags: { rightsize: 'true' } }],
    }),
  },
];
