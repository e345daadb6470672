import { mayFight, policyProblems, policyWarnings } from '@flotilla/domain';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { resolveInstance } from '../instance-refs/index.js';
import { AppError } from '../platform/index.js';
import { rulesOf } from './policy-wire.js';
import type { PolicyDefinition } from './policy-wire.js';
import type { PolicyRow } from './policy-rows.js';

/**
 * The definition as it may be stored: instances by their numbers.
 *
 * @throws AppError VALIDATION_ERROR that names the field and the mend; CONFLICT for a name that is taken
 */
export async function assertFits(
  tx: ReadTx,
  actor: TenantRef,
  wanted: PolicyDefinition,
  except: number | null,
): Promise<PolicyDefinition> {
  const definition = { ...wanted, scope_filter: await storedScope(tx, actor, wanted) };
  const problems = policyProblems(rulesOf(definition));
  const [first] = problems;
  if (first) {
    throw new AppError('VALIDATION_ERROR', `${first.field}: ${first.problem}`, {
      field: first.field,
      value: valueAt(definition, first.field),
      expected: first.problem,
      ...(problems.length > 1 && { issues: problems.slice(1) }),
    });
  }
  const taken = await tx.row<{ id: number }>(
    `SELECT p.id FROM flotilla.enforcement_policies p
      WHERE p.tenant_id = $1 AND p.policy_name = $2 AND p.deleted_at IS NULL AND p.id IS DISTINCT FROM $3::bigint`,
    [actor.tenantId, definition.policy_name, except],
  );
  if (taken) {
    const message = `Policy ${taken.id} is called ${definition.policy_name} already. Choose another policy_name, or change that one.`;
    throw new AppError('CONFLICT', message, { field: 'policy_name', value: definition.policy_name });
  }
  return definition;
}

async function storedScope(tx: ReadTx, actor: TenantRef, { scope, scope_filter: filter }: PolicyDefinition) {
  const wrong = (field: string, expected: string) =>
    new AppError('VALIDATION_ERROR', `scope_filter.${field}: with scope ${scope}, ${expected}.`, {
      field: `scope_filter.${field}`,
      value: filter,
      expected,
    });
  if (scope === 'tagged') {
    if (filter.tag_key === undefined) throw wrong('tag_key', 'name the tag');
    if (filter.instance_ids)
      throw wrong('instance_ids', 'only a tag is named; use scope specific_instance for instances');
    return { tag_key: filter.tag_key, ...(filter.tag_value !== undefined && { tag_value: filter.tag_value }) };
  }
  if (filter.tag_key !== undefined) throw wrong('tag_key', 'no tag is named; use scope tagged for a tag');
  if (scope === 'all') {
    if (filter.instance_ids) throw wrong('instance_ids', 'no instance is named; use scope specific_instance for that');
    return {};
  }
  if (!filter.instance_ids) throw wrong('instance_ids', 'name the instances');
  const ids: number[] = [];
  for (const ref of filter.instance_ids) {
    ids.push(await resolveInstance(tx, actor, String(ref), typeof ref === 'number' ? 'numeric' : undefined));
  }
  return { instance_ids: [...new Set(ids)] };
}

/** What stands at `conditions.rules[0].metric`; undefined where there is nothing. */
function valueAt(definition: PolicyDefinition, field: string): unknown {
  const path = field.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], definition);
}

/** What is allowed and worth a word: of a policy by itself, and beside the others of its tenant. */
export function warningsOf(row: Pick<PolicyRow, 'id' | 'definition'>, others: readonly PolicyRow[]): string[] {
  const rules = rulesOf(row.definition);
  const fights = others
    .filter((other) => other.id !== row.id && mayFight(rules, rulesOf(other.definition)))
    .map(
      ({ id, definition }) =>
        `Policy ${id} (${definition.policy_name}) starts what this one stops, or stops what this one starts. Where both act within hours, they are kept off that instance; give them schedules or tags that do not meet.`,
    );
  return [...policyWarnings(rules), ...fights];
}
