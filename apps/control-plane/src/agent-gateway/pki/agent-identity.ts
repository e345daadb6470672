import type { AgentRef } from '@flotilla/domain';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const SHAPE = new RegExp(`^URI:urn:flotilla:tenant:(${UUID}):agent:(${UUID})$`);

/** The name in an agent's certificate: the only place where its tenant and id come from. */
export const agentUri = (agent: AgentRef): string => `urn:flotilla:tenant:${agent.tenantId}:agent:${agent.agentId}`;

/**
 * Whose certificate this is, or null when it names no agent or more than one thing.
 *
 * @param subjectAltName as Node writes it
 */
export function agentOfCertificate(subjectAltName: string | undefined): AgentRef | null {
  const match = SHAPE.exec(subjectAltName ?? '');
  return match?.[1] && match[2] ? { tenantId: match[1], agentId: match[2] } : null;
}
