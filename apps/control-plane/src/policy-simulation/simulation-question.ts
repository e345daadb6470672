import type { SimulatePolicyBody } from '@flotilla/contracts';
import { isPower, policyProblems, verbOf } from '@flotilla/domain';
import type { PolicyAction, PolicyRules, PowerAction } from '@flotilla/domain';
import { conditionsOf, scheduleOf } from '../enforcement-policies/index.js';
import { AppError } from '../platform/index.js';

/** A simulation as the domain asks it. */
export interface SimulationQuestion {
  readonly rules: PolicyRules;
  readonly lookbackDays: number;
  readonly gate: boolean;
  readonly sweep: boolean;
  readonly limit: number;
  /** What of the actions is looked at. */
  readonly stop: PowerAction;
  /** The policy does not stop anything: what a stop in its place would have done is told all the same. */
  readonly stopIsAssumed: boolean;
}

const EVERYTHING: PowerAction = { type: 'stop_instances', target: null, percentage: 100, onlyWhenIdle: true };

/** @throws AppError VALIDATION_ERROR when the conditions, the schedule or the actions cannot be those of a policy */
export function questionOf(body: SimulatePolicyBody, instanceIds: readonly number[]): SimulationQuestion {
  const { schedule, scope, scope_filter: filter } = body;
  const actions = (body.actions ?? []).flatMap((action): PolicyAction[] => {
    if (action.type !== 'stop_instances' && action.type !== 'scale_down_instances') return [];
    const percentage = action.percentage ?? (action.type === 'scale_down_instances' ? 25 : 100);
    return [
      { type: action.type, target: action.target ?? null, percentage, onlyWhenIdle: action.only_when_idle ?? true },
    ];
  });
  const stop = actions.find((action): action is PowerAction => isPower(action) && verbOf(action) === 'stop');
  const rules: PolicyRules = {
    conditions: conditionsOf(body.conditions),
    schedule: schedule && scheduleOf(schedule),
    cooldownMinutes: body.cooldown_minutes,
    executionMode: 'notify_only',
    actions: [stop ?? EVERYTHING],
    scope:
      scope === 'tagged'
        ? { kind: 'tagged', tags: [{ key: filter.tag_key ?? '', value: filter.tag_value ?? null }] }
        : scope === 'specific_instance'
          ? { kind: 'instances', instanceIds }
          : { kind: 'all' },
    protectTags: body.protect_tags,
    capPerRunPercent: body.cap_per_run_percent,
    capPerDayPercent: body.cap_per_day_percent,
  };
  const problem = policyProblems(rules)[0];
  if (problem) {
    throw new AppError('VALIDATION_ERROR', `${problem.field}: ${problem.problem}`, { field: problem.field });
  }
  return {
    rules,
    lookbackDays: body.lookback_days,
    gate: body.gate,
    sweep: body.sweep,
    limit: body.limit,
    stop: stop ?? EVERYTHING,
    stopIsAssumed: !stop && body.actions !== undefined,
  };
}
