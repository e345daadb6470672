import {
  acrossOf,
  decisionMetric,
  isLess,
  metricWords,
  minutesWords,
  OPERATOR_WORDS,
  unitWords,
} from '@flotilla/domain';
import type { RaisedAlert } from '../alerts/index.js';
import type { RoundGpu, RoundInstance } from '../decisions/index.js';
import { conditionOf } from './rule-row.js';
import type { RuleRow } from './rule-row.js';

/** What the newest minute said of the subject of a rule. */
export interface Seen {
  /** One per GPU of the instance, or a single one. */
  readonly values: readonly number[];
  readonly sinceMinute: number | null;
  readonly minute: number;
  readonly currency: string;
}

/** GPUs whose values are kept with an alert. */
const MOST_GPUS = 64;

/** An alert of a rule that fires, with its words and the numbers that made it fire. */
export function firingOf(
  tenantId: string,
  rule: RuleRow,
  instance: RoundInstance | null,
  seen: Seen,
  simulated: boolean,
): RaisedAlert {
  const metric = decisionMetric(rule.metric)!;
  const unit = unitWords(metric.unit, seen.currency);
  const withUnit = (value: number) => `${shown(value)}${unit === '' ? '' : ` ${unit}`}`;
  const value = decisive(rule, seen.values);
  const place = metric.level === 'gpu' ? seen.values.indexOf(value) : -1;
  const gpu = place < 0 ? null : (instance?.gpus[place] ?? null);
  const subject = instance?.label ?? 'the whole tenant';
  const what = metricWords(metric.name);
  const held = seen.sinceMinute === null ? rule.duration_minutes : seen.minute - seen.sinceMinute + 1;
  const minutes = Math.max(1, held);
  const span = minutes === 1 ? '' : ` for ${minutesWords(minutes)}`;
  const where = gpu && (instance?.gpus.length ?? 0) > 1 ? `GPU ${gpu.index ?? place} of ${subject}` : subject;
  return {
    tenantId,
    alertType: rule.alert_type,
    source: 'rule',
    ruleId: rule.id,
    ruleName: rule.rule_name,
    builtIn: null,
    subject: instance
      ? { type: 'instance', id: String(instance.id), label: instance.label, instanceId: instance.id }
      : { type: 'tenant', id: 'tenant', label: subject, instanceId: null },
    severity: rule.severity,
    title: `${rule.rule_name}: ${subject}`.slice(0, 300),
    message: `${where}: ${what} is ${withUnit(value)}, ${OPERATOR_WORDS[rule.operator]} ${withUnit(rule.threshold)}${span}.`,
    evidence: {
      metric: rule.metric,
      operator: rule.operator,
      threshold: rule.threshold,
      value: rounded(value),
      unit: metric.unit,
      ...(metric.unit === 'currency' && { currency: seen.currency }),
      minute: new Date(seen.minute * 60_000).toISOString(),
      met_since: seen.sinceMinute === null ? null : new Date(seen.sinceMinute * 60_000).toISOString(),
      duration_minutes: rule.duration_minutes,
      ...(metric.level === 'gpu' && {
        across_gpus: acrossOf(conditionOf(rule)),
        gpus: gpusOf(instance!.gpus, seen.values),
      }),
    },
    at: new Date((seen.minute + 1) * 60_000),
    channelIds: rule.notification_channel_ids,
    escalation: rule.escalation.map((step) => ({
      afterMinutes: step.after_minutes,
      channelIds: step.notification_channel_ids,
    })),
    cooldownMinutes: rule.cooldown_minutes,
    group: rule.group_notifications,
    simulated,
  };
}

/** The value that speaks for an instance: of "greater" rules the highest, of "less" rules the highest that is still below. */
function decisive(rule: RuleRow, values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return NaN;
  const all = acrossOf(conditionOf(rule)) === 'all';
  return isLess(rule.operator) === all ? Math.max(...known) : all ? Math.min(...known) : extreme(rule, known);
}

const extreme = (rule: RuleRow, known: readonly number[]) =>
  isLess(rule.operator)
    ? Math.min(...known)
    : rule.operator === 'eq' || rule.operator === 'not_eq'
      ? (known.find((value) => (value === Math.fround(rule.threshold)) === (rule.operator === 'eq')) ?? known[0]!)
      : Math.max(...known);

const gpusOf = (gpus: readonly RoundGpu[], values: readonly number[]) =>
  gpus
    .slice(0, MOST_GPUS)
    .map(({ uuid, index }, at) => ({ gpu_index: index, gpu_uuid: uuid, value: rounded(values[at]!) }));

const rounded = (value: number) => (Number.isNaN(value) ? null : Number(value.toPrecision(7)));
const shown = (value: number) => (Number.isNaN(value) ? 'not known' : String(Number(value.toPrecision(4))));
