import type { AgentRef } from '@flotilla/domain';
import type { WriteTx } from '@flotilla/persistence';
import { AGENTS_CHANNEL, formatAgentNotice } from './agents.channel.js';

/**
 * Ends an agent for good, by whoever the transaction belongs to: its stream is cut wherever it is, and no certificate
 * brings it back. Safe to repeat.
 *
 * @returns false: there is no such agent
 */
export async function revokeAgent(tx: WriteTx, { tenantId, agentId }: AgentRef): Promise<boolean> {
  const agent = await tx.row<{ epoch: number; hostname: string; revoked: boolean }>(
    `SELECT a.epoch, a.hostname, a.status = 'revoked' AS revoked
       FROM flotilla.agents a WHERE a.tenant_id = $1 AND a.id = $2 FOR UPDATE`,
    [tenantId, agentId],
  );
  if (!agent) {
    tx.withoutAudit('there is no such agent');
    return false;
  }
  if (agent.revoked) {
    tx.withoutAudit('it was revoked before');
    return true;
  }
  await tx.rows(
    `UPDATE flotilla.agents a
        SET status = 'revoked', revoked_at = now(), connected_until = NULL, replica_id = NULL,
            disconnected_at = CASE WHEN a.replica_id IS NULL THEN a.disconnected_at ELSE now() END,
            disconnect_reason = CASE WHEN a.replica_id IS NULL THEN a.disconnect_reason ELSE 'revoked' END
      WHERE a.tenant_id = $1 AND a.id = $2`,
    [tenantId, agentId],
  );
  await tx.record('agent.revoked', { type: 'agent', id: agentId }, { hostname: agent.hostname });
  await tx.notify(
    AGENTS_CHANNEL,
    formatAgentNotice({ event: 'revoked', tenantId, agentId, epoch: Number(agent.epoch), replicaId: null }),
  );
  return true;
}
