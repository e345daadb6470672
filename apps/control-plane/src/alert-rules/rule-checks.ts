import type { CreateAlertRuleBody } from '@flotilla/contracts';
import { decisionMetric, metricNameProblem, nearMetrics, recoveryProblem } from '@flotilla/domain';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { resolveInstance } from '../instance-refs/index.js';
import { AppError } from '../platform/index.js';
import { conditionOf } from './rule-row.js';
import type { EscalationRow, RuleRow, ScopeFilter } from './rule-row.js';

/** A rule as somebody wants it: what a body says, over what is stored. */
export type WantedRule = Omit<CreateAlertRuleBody, 'alert_type'> & { readonly alert_type?: string | undefined };
export type CheckedRule = Pick<RuleRow, keyof CreateAlertRuleBody & keyof RuleRow>;

const refuse = (field: string, value: unknown, message: string, expected: string) =>
  new AppError('VALIDATION_ERROR', message, { field, value, expected });

/**
 * What is to be stored of a rule: names looked up, instances by their numbers.
 *
 * @throws AppError VALIDATION_ERROR; NOT_FOUND for an instance that is not there
 */
export async function checkRule(tx: ReadTx, actor: TenantRef, wanted: WantedRule): Promise<CheckedRule> {
  const problem = metricNameProblem(wanted.metric);
  if (problem !== null) {
    const near = nearMetrics(wanted.metric);
    throw refuse('metric', wanted.metric, problem, near.length > 0 ? near.join(', ') : 'the name of a metric');
  }
  const metric = decisionMetric(wanted.metric)!;
  const recovery = recoveryProblem(conditionOf(wanted));
  if (recovery !== null) {
    throw refuse('recovery_threshold', wanted.recovery_threshold, recovery, 'a number on the other side, or null');
  }
  if (metric.level !== 'gpu' && wanted.across_gpus !== null) {
    const what = `${metric.name} has one value per ${metric.level === 'tenant' ? 'tenant' : 'instance'}, not one per GPU.`;
    throw refuse('across_gpus', wanted.across_gpus, what, 'null');
  }
  const scope_filter = await scopeOf(tx, actor, wanted);
  if (metric.level === 'tenant' && wanted.scope !== 'all') {
    const what = `${metric.name} is a number of the whole tenant, so a rule about it has no instances to choose from.`;
    throw refuse('scope', wanted.scope, what, 'all');
  }
  assertAscending(wanted.escalation);
  await assertChannels(tx, actor, 'notification_channel_ids', wanted.notification_channel_ids);
  for (const [i, step] of wanted.escalation.entries()) {
    await assertChannels(tx, actor, `escalation[${i}].notification_channel_ids`, step.notification_channel_ids);
  }
  const alert_type =
    wanted.alert_type ??
    (metric.unit === 'currency' || metric.source === 'budget' ? 'cost_threshold' : 'metric_threshold');
  return { ...wanted, alert_type, scope_filter };
}

async function scopeOf(
  tx: ReadTx,
  actor: TenantRef,
  { scope, scope_filter: filter }: WantedRule,
): Promise<ScopeFilter> {
  const given = Object.keys(filter).filter((name) => filter[name as keyof typeof filter] !== undefined);
  const allowed = scope === 'all' ? [] : scope === 'tagged' ? ['tag_key', 'tag_value'] : ['instance_ids'];
  const stranger = given.find((name) => !allowed.includes(name));
  if (stranger !== undefined) {
    throw refuse(
      `scope_filter.${stranger}`,
      filter[stranger as keyof typeof filter],
      `${stranger} means nothing with the scope ${scope}.`,
      allowed.length === 0 ? 'an empty scope_filter' : allowed.join(', '),
    );
  }
  if (scope === 'tagged') {
    if (filter.tag_key === undefined) {
      throw refuse(
        'scope_filter.tag_key',
        undefined,
        'A rule about tagged instances needs the key of the tag.',
        'a tag key',
      );
    }
    return { tag_key: filter.tag_key, ...(filter.tag_value !== undefined && { tag_value: filter.tag_value }) };
  }
  if (scope === 'all') return {};
  if (filter.instance_ids === undefined) {
    throw refuse(
      'scope_filter.instance_ids',
      undefined,
      'A rule about specific instances needs to know which.',
      'ids of instances',
    );
  }
  const ids: number[] = [];
  for (const ref of filter.instance_ids) ids.push(await resolveInstance(tx, actor, String(ref)));
  return { instance_ids: [...new Set(ids)] };
}

function assertAscending(steps: readonly EscalationRow[]): void {
  const at = steps.findIndex((step, i) => i > 0 && step.after_minutes <= steps[i - 1]!.after_minutes);
  if (at < 0) return;
  throw refuse(
    `escalation[${at}].after_minutes`,
    steps[at]!.after_minutes,
    'Each step of an escalation comes later than the one before.',
    `more than ${steps[at - 1]!.after_minutes}`,
  );
}

/** @throws AppError VALIDATION_ERROR that names the channels that are not there */
export async function assertChannels(
  tx: ReadTx,
  actor: TenantRef,
  field: string,
  ids: readonly number[] | null,
): Promise<void> {
  if (ids === null || ids.length === 0) return;
  const rows = await tx.rows<{ id: number }>(
    'SELECT c.id FROM flotilla.notification_channels c WHERE c.tenant_id = $1 AND c.id = ANY ($2::bigint[])',
    [actor.tenantId, ids],
  );
  const known = new Set(rows.map((row) => row.id));
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length === 0) return;
  const those = missing.length === 1 ? `channel ${missing[0]}` : `channels ${missing.join(', ')}`;
  throw refuse(
    field,
    missing,
    `There is no notification ${those}. Make it at /notification-channels first, or leave it out.`,
    'ids of GET /notification-channels',
  );
}
