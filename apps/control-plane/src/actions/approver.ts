import type { Actor, ReadTx } from '@flotilla/persistence';
import { AppError } from '../platform/index.js';
import type { ActionRow } from './actions.store.js';

/**
 * Whether this one may agree to an action. Where a second person is asked for it is persons who count and not what they
 * act through: a key is the person who made it, and the author of a policy is not the second person for what it asks.
 *
 * @throws AppError CONFLICT when they may not
 */
export async function assertMayApprove(tx: ReadTx, action: ActionRow, actor: Actor): Promise<void> {
  if (!action.second_person) return;
  const no = (why: string) =>
    new AppError('CONFLICT', `Action ${action.id} needs a second person: ${why}`, {
      field: 'requester',
      value: actor.label,
    });
  if (action.requester_type === actor.type && action.requester_id === actor.id) {
    throw no('who requested it cannot approve it.');
  }
  const approver = await personBehind(tx, actor.tenantId, actor.type, actor.id);
  const requester = await personBehind(tx, actor.tenantId, action.requester_type, action.requester_id);
  if (actor.type === 'api_key' && approver === null) {
    throw no('nobody knows whose this key is. Approve it as a person, or with a key that a person made.');
  }
  if (approver !== null && approver === (await authorOf(tx, action))) {
    throw no('who wrote what the policy asks cannot approve it.');
  }
  if (approver !== null && approver === requester) {
    throw no('the one who requested it and the one who would approve it are the same person behind different keys.');
  }
}

/** The user who wrote the version of the policy that asks; null: no policy, or nobody knows. */
async function authorOf(tx: ReadTx, { tenant_id, policy_id, policy_version }: ActionRow): Promise<string | null> {
  if (policy_id === null) return null;
  const row = await tx.row<{ type: string | null; id: string | null }>(
    `SELECT v.written_by_type AS type, v.written_by_id AS id FROM flotilla.enforcement_policy_versions v
      WHERE v.tenant_id = $1 AND v.policy_id = $2 AND v.version = $3`,
    [tenant_id, policy_id, policy_version],
  );
  return row?.type ? personBehind(tx, tenant_id, row.type, row.id) : null;
}

/** The user behind an actor: the user itself, or who made the key; null: nobody knows, or none. */
async function personBehind(tx: ReadTx, tenantId: string, type: string, id: string | null): Promise<string | null> {
  if (type === 'user') return id;
  if (type !== 'api_key' || id === null) return null;
  const row = await tx.row<{ person: string | null }>(
    'SELECT k.created_by::text AS person FROM flotilla.api_keys k WHERE k.tenant_id = $1 AND k.id = $2',
    [tenantId, id],
  );
  return row?.person ?? null;
}
