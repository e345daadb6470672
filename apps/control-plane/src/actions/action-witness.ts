import { wanted } from '@flotilla/domain';
import type { WriteTx } from '@flotilla/persistence';
import { applyVerifiedState } from './action-effects.js';
import { actionsStore } from './actions.store.js';
import type { ActionRow, Mover } from './actions.store.js';

/**
 * Somebody other than the host that acted saw the machine's state: settles a power action whose effect nobody could
 * confirm (a host that stopped itself).
 *
 * @param witness the agent that reports; the agent that acted is no witness of a stop, but a started host that speaks is
 */
export async function witnessState(
  tx: WriteTx,
  tenantId: string,
  instanceId: number,
  state: string,
  witness: Mover & { readonly id: string },
): Promise<void> {
  if (state !== 'running' && state !== 'stopped') return;
  const waiting = await tx.row<{ id: string }>(
    `SELECT a.id FROM flotilla.actions a
      WHERE a.tenant_id = $1 AND a.instance_id = $2 AND a.open AND a.status = 'unknown' AND a.level = 'power'
        AND a.result_outcome = 'succeeded'`,
    [tenantId, instanceId],
  );
  const action: ActionRow | undefined = waiting && (await actionsStore.lock(tx, tenantId, waiting.id));
  if (!action || action.status !== 'unknown' || wanted(action.verb) !== state) return;
  if (state === 'stopped' && witness.id === action.agent_id) return;
  await actionsStore.step(tx, action, 'succeeded', witness, `${witness.label} reports that the machine is ${state}`, {
    sql: 'verified = true, observed_state = $9',
    values: [state],
  });
  await applyVerifiedState(tx, action, state);
}
