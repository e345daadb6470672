import { Injectable } from '@nestjs/common';
import type { AgentRef } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { Actor } from '@flotilla/persistence';

const MOST = 20_000;

/** Agents as actors of transactions, under their host's name. The names are remembered: they never change by themselves. */
@Injectable()
export class AgentActors {
  private readonly names = new Map<string, string>();

  constructor(private readonly db: Db) {}

  async of(agent: AgentRef): Promise<Actor> {
    let label = this.names.get(agent.agentId);
    if (label === undefined) {
      const row = await this.db.read(agent, (tx) =>
        tx.row<{ hostname: string }>('SELECT a.hostname FROM flotilla.agents a WHERE a.tenant_id = $1 AND a.id = $2', [
          agent.tenantId,
          agent.agentId,
        ]),
      );
      label = row?.hostname ?? `agent ${agent.agentId}`;
      if (this.names.size >= MOST) this.names.clear();
      this.names.set(agent.agentId, label);
    }
    return { tenantId: agent.tenantId, type: 'agent', id: agent.agentId, label };
  }
}
