import { wanted } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';
import { FLEET_CHANGES_CHANNEL } from './fleet-changes.js';
import type { ActionRow } from './actions.store.js';

/**
 * Brings the instance in line with what was verified: the machine's state for a power action, the workload's otherwise.
 * Every verified start and stop moves the generation on, so that a precondition on an older one fails.
 */
export async function applyVerifiedState(
  tx: ReadTx,
  action: Pick<ActionRow, 'tenant_id' | 'instance_id' | 'level' | 'agent_id' | 'verb'>,
  state: 'running' | 'stopped',
): Promise<void> {
  const generation = state === wanted(action.verb) ? 'generation + 1' : 'generation';
  const set =
    action.level === 'power'
      ? `state_changed_at = CASE WHEN state = $3 THEN state_changed_at ELSE clock_timestamp() END, state = $3,
         state_source = 'action', state_agent_id = $4,
         state_boot_id = (SELECT g.boot_id FROM flotilla.agents g WHERE g.tenant_id = $1 AND g.id = instances.agent_id)`
      : 'workload_state = $3';
  await tx.rows(
    `UPDATE flotilla.instances SET ${set}, generation = ${generation} WHERE tenant_id = $1 AND id = $2 AND state <> 'terminated'
     RETURNING pg_notify('${FLEET_CHANGES_CHANNEL}',
       json_build_object('tenant_id', tenant_id, 'kind', 'instance', 'id', id)::text)`,
    action.level === 'power'
      ? [action.tenant_id, action.instance_id, state, action.agent_id]
      : [action.tenant_id, action.instance_id, state],
  );
}
