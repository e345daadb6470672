import type { CostType } from '@flotilla/contracts';
import type { CopyValue } from '@flotilla/persistence';
import { tagJson, worthOf } from '../costs/index.js';
import type { RuleRow } from './rules.sql.js';

/** `$10`: the key. An empty value is no value. */
const TAG = `nullif(c.tags ->> $10, '')`;

/**
 * Sums by value of the key and by the rule that takes the charges: the first that fits, in the order of `rules`.
 *
 * The rules stand in the statement itself: a look-up in their table for every charge would cost more than all the rest.
 *
 * @param firstValue the number of the next free parameter
 */
export function showbackSql(type: CostType, rules: readonly RuleRow[], firstValue: number) {
  const values: CopyValue[] = [];
  const bind = (value: CopyValue, cast: string) => `$${firstValue - 1 + values.push(value)}::${cast}`;
  const whens = rules.map((rule) => {
    const conditions = [
      ...(rule.only_untagged ? [`${TAG} IS NULL`] : []),
      ...(rule.service === null ? [] : [`c.service = ${bind(rule.service, 'text')}`]),
      ...(rule.provider === null ? [] : [`c.provider = ${bind(rule.provider, 'text')}`]),
      ...(rule.account === null
        ? []
        : [`coalesce(c.sub_account_id, c.billing_account_id) = ${bind(rule.account, 'text')}`]),
      ...(rule.tag === null ? [] : [`c.tags @> ${bind(tagJson(rule.tag), 'jsonb')}`]),
      ...(rule.valid_from === null ? [] : [`c.charge_day >= ${bind(rule.valid_from, 'date')}`]),
      ...(rule.valid_to === null ? [] : [`c.charge_day <= ${bind(rule.valid_to, 'date')}`]),
    ];
    return `WHEN ${conditions.join(' AND ')} THEN ${bind(rule.id, 'bigint')}`;
  });
  const rule = whens.length === 0 ? 'NULL::bigint' : `CASE ${whens.join(' ')} END`;
  const sql = `
    SELECT w.tag_value AS value, w.rule_id AS "ruleId", sum(w.worth) AS cost, count(*) AS records, bool_or(w.simulated) AS simulated
      FROM (${worthOf(type, `, ${TAG} AS tag_value, ${rule} AS rule_id`)}) w
     WHERE w.worth IS NOT NULL GROUP BY w.tag_value, w.rule_id`;
  return { sql, values };
}

/** Hours × GPUs that instances ran in the window, by value of the key: `$1` tenant, `$2`, `$3` days, `$4` key. */
export const GPU_HOURS = `
  WITH gpus AS (
    SELECT i.id, nullif(i.tags ->> $4, '') AS value,
      coalesce(i.gpu_count, (SELECT count(*) FROM flotilla.devices d WHERE d.instance_id = i.id AND d.kind = 'gpu')) AS gpus
    FROM flotilla.instances i WHERE i.tenant_id = $1 AND i.tags ? $4
  ), ends AS (
    SELECT $2::date::timestamp AT TIME ZONE 'UTC' AS first, least(now(), ($3::date + 1)::timestamp AT TIME ZONE 'UTC') AS last
  )
  SELECT g.value, sum(g.gpus * extract(epoch FROM least(coalesce(s.until, e.last), e.last) - greatest(s.since, e.first)) / 3600)::text AS hours
    FROM gpus g JOIN flotilla.instance_spans s ON s.tenant_id = $1 AND s.instance_id = g.id AND s.state = 'running', ends e
   WHERE g.value IS NOT NULL AND s.since < e.last AND coalesce(s.until, e.last) > e.first
   GROUP BY g.value`;
