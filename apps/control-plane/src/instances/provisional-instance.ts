import type { InstanceElement } from '@flotilla/contracts';
import type { AgentRef } from '@flotilla/domain';
import type { WriteTx } from '@flotilla/persistence';

/**
 * A machine that could not ask its cloud who it is was reported under an id of its own. Now that its provider's id is
 * known, the same row goes on under it: history, GPUs and what people said stay where they are.
 *
 * @returns whether there was such a row
 */
export async function identified(tx: WriteTx, agent: AgentRef, element: InstanceElement): Promise<boolean> {
  const id = await provisional(tx, agent, element);
  if (id === null) return false;
  await tx.rows(
    'UPDATE flotilla.instances SET cloud_provider = $3, provider_id = $4 WHERE tenant_id = $1 AND id = $2',
    [agent.tenantId, id, element.cloud_provider, element.instance_id],
  );
  await tx.record(
    'instance.identified',
    { type: 'instance', id },
    { before: element.provisional_id, provider_id: element.instance_id, cloud_provider: element.cloud_provider },
  );
  return true;
}

/**
 * The provider's id was known already (a bill or a controller named it), and the machine stands there a second time
 * under the id of its first minutes. That one is ended: it keeps the history of those minutes and counts no more.
 */
export async function retireProvisional(tx: WriteTx, agent: AgentRef, element: InstanceElement): Promise<void> {
  const id = await provisional(tx, agent, element);
  if (id === null) return;
  await tx.rows(
    `UPDATE flotilla.instances
        SET state = 'terminated', state_changed_at = clock_timestamp(), state_source = 'report', agent_id = NULL
      WHERE tenant_id = $1 AND id = $2`,
    [agent.tenantId, id],
  );
  await tx.record(
    'instance.superseded',
    { type: 'instance', id },
    { provider_id: element.provisional_id, by: element.instance_id },
  );
}

/** Of this agent only: another one cannot take a machine's history by naming it. */
async function provisional(tx: WriteTx, agent: AgentRef, element: InstanceElement): Promise<number | null> {
  if (element.provisional_id === undefined) return null;
  const row = await tx.row<{ id: number }>(
    `SELECT i.id FROM flotilla.instances i
      WHERE i.tenant_id = $1 AND i.provider_id = $3 AND (i.cloud_provider, i.provider_id) <> ($4, $5)
        AND i.state <> 'terminated'
        AND (i.agent_id = $2 OR i.agent_id IS NULL AND EXISTS (
              SELECT FROM flotilla.instance_reports r
               WHERE r.tenant_id = i.tenant_id AND r.instance_id = i.id AND r.agent_id = $2))
      ORDER BY i.id LIMIT 1 FOR UPDATE OF i`,
    [agent.tenantId, agent.agentId, element.provisional_id, element.cloud_provider, element.instance_id],
  );
  return row?.id ?? null;
}
