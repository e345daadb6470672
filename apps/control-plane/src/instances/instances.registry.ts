import { Injectable } from '@nestjs/common';
import type { AgentRef } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import { Controllers } from '../actions/index.js';
import { BoundedCache } from './bounded-cache.js';
import { RefusedByRegistry } from './inventory.js';

/** An answer may be this old on a replica that did not see the change; milliseconds. */
const TTL_MS = 30_000;

/** Instances as the agents know them: which one is whose. */
@Injectable()
export class InstanceRegistry {
  private readonly byAgent = new BoundedCache<number>(20_000, TTL_MS);
  private readonly byProviderId = new BoundedCache<number | RefusedByRegistry>(200_000, TTL_MS);

  constructor(
    private readonly db: Db,
    private readonly controllers: Controllers,
  ) {}

  /** The agent's own instance; null as long as no inventory of it has arrived. Cached. */
  async own(agent: AgentRef): Promise<number | null> {
    const known = this.byAgent.get(agent.agentId);
    if (known !== undefined) return known;
    const row = await this.db.read(agent, (tx) =>
      tx.row<{ id: number }>(
        `SELECT i.id FROM flotilla.instances i WHERE i.tenant_id = $1 AND i.agent_id = $2
          ORDER BY i.last_seen_at DESC NULLS LAST, i.id DESC LIMIT 1`,
        [agent.tenantId, agent.agentId],
      ),
    );
    if (row) this.byAgent.set(agent.agentId, row.id);
    return row?.id ?? null;
  }

  /**
   * The instance with this provider id, if this agent may write to it: its own, one that it controls, or one that it
   * reported. An empty id means its own. Cached.
   *
   * @throws RefusedByRegistry when there is none, or it is not this agent's to write
   */
  async resolve(agent: AgentRef, providerId: string): Promise<number> {
    if (providerId === '') {
      const own = await this.own(agent);
      if (own === null) throw new RefusedByRegistry('this agent has not sent the inventory of its own machine yet');
      return own;
    }
    const key = `${agent.agentId} ${providerId}`;
    const known = this.byProviderId.get(key) ?? (await this.find(agent, providerId));
    this.byProviderId.set(key, known);
    if (known instanceof RefusedByRegistry) throw known;
    return known;
  }

  /** Forgets what was remembered of this agent and instance, after it changed here. */
  changed(agent: AgentRef, providerId: string, instanceId: number, own: boolean): void {
    if (own) this.byAgent.set(agent.agentId, instanceId);
    this.byProviderId.set(`${agent.agentId} ${providerId}`, instanceId);
  }

  private async find(agent: AgentRef, providerId: string): Promise<number | RefusedByRegistry> {
    return this.db.read(agent, async (tx) => {
      const rows = await tx.rows<{ id: number; mine: boolean }>(
        `SELECT i.id, (i.agent_id = $3 OR EXISTS (
                  SELECT FROM flotilla.instance_reports r
                   WHERE r.tenant_id = i.tenant_id AND r.instance_id = i.id AND r.agent_id = $3)) IS TRUE AS mine
           FROM flotilla.instances i WHERE i.tenant_id = $1 AND i.provider_id = $2 ORDER BY i.id`,
        [agent.tenantId, providerId, agent.agentId],
      );
      if (rows.length === 0) {
        return new RefusedByRegistry(`instance ${providerId} is not known: report it in the section instances first`);
      }
      const writable = rows.filter((row) => row.mine);
      for (const row of rows.filter((one) => !one.mine)) {
        const able = await this.controllers.candidates(tx, agent.tenantId, row.id);
        if (able.some((candidate) => candidate.agentId === agent.agentId)) writable.push(row);
      }
      if (writable.length === 1) return writable[0]!.id;
      return new RefusedByRegistry(
        writable.length === 0
          ? `instance ${providerId} is another agent's`
          : `instance ${providerId} exists under several providers, and this agent may write to all of them: which one is not clear`,
      );
    });
  }
}
