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
  if (approver !== null && approver === requester) {
    throw no('the one who requested it and the one who would approve it are the same person behind different keys.');
  }
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
