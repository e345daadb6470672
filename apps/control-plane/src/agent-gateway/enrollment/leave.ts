import { createHash } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { LeaveResponseInput } from '@flotilla/contracts/agent';
import { revokeAgent } from '../../agents/index.js';
import type { CertifiedPeer } from '../grpc/peer.js';
import { CallError } from '../grpc/status.js';
import type { EnrollmentDeps } from './enroll.js';
import { findAgentKeys } from './enrollment.store.js';

/**
 * An agent that takes itself out. Only a certificate of the present counts: a copy of one that was replaced must not be
 * able to end the agent that goes on with the newer one.
 *
 * @param peer what the connection's certificate says; null without a valid one
 * @throws CallError
 */
export async function leave(deps: EnrollmentDeps, peer: CertifiedPeer | null): Promise<LeaveResponseInput> {
  if (!peer) throw new CallError(status.UNAUTHENTICATED, 'only an agent with a valid certificate can leave');
  const { agent, publicKeyDer } = peer;
  const row = await deps.db.system((tx) => findAgentKeys(tx, agent));
  if (!row) throw new CallError(status.PERMISSION_DENIED, 'this agent is not known here any more');
  const key = createHash('sha256').update(publicKeyDer).digest();
  if (![row.key_sha256, row.candidate_key_sha256].some((known) => known?.equals(key))) {
    throw new CallError(status.PERMISSION_DENIED, 'this certificate was replaced by a newer one');
  }
  const itself = {
    tenantId: agent.tenantId,
    type: 'agent' as const,
    id: agent.agentId,
    label: `agent ${agent.agentId}`,
  };
  await deps.db.write(itself, (tx) => revokeAgent(tx, agent));
  return {};
}
