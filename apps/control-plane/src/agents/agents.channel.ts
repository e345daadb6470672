import type { AgentRef } from '@flotilla/domain';

/** NOTIFY channel: an agent connected, went away or was revoked. Payload: an AgentNotice as JSON. */
export const AGENTS_CHANNEL = 'flotilla_agents';

export interface AgentNotice extends AgentRef {
  /** `offline`: its replica died or it stopped answering, and its lease ended. */
  readonly event: 'connected' | 'disconnected' | 'offline' | 'revoked';
  /** The stream's epoch; older streams of the same agent are superseded. */
  readonly epoch: number;
  /** The replica that holds the stream; null when none does. */
  readonly replicaId: string | null;
}

export const formatAgentNotice = (notice: AgentNotice): string =>
  JSON.stringify([notice.event, notice.tenantId, notice.agentId, notice.epoch, notice.replicaId]);

/** Reads a payload; null when it is none (another version of this program). */
export function parseAgentNotice(payload: string): AgentNotice | null {
  try {
    const [event, tenantId, agentId, epoch, replicaId] = JSON.parse(payload) as [
      AgentNotice['event'],
      string,
      string,
      number,
      string | null,
    ];
    return typeof agentId === 'string' && typeof epoch === 'number'
      ? { event, tenantId, agentId, epoch, replicaId }
      : null;
  } catch {
    return null;
  }
}
