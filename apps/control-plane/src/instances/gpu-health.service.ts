import { Injectable } from '@nestjs/common';
import type { AgentRef } from '@flotilla/domain';
import { Db, systemActor } from '@flotilla/persistence';
import { FLEET_CHANGES_CHANNEL } from '../actions/index.js';
import { resolveInstance } from '../instance-refs/index.js';
import type { IdType } from '../instance-refs/index.js';
import { notFound } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';

/** NOTIFY channel: a person's word on a GPU waits for this agent. Payload: the agent's id. */
export const HEALTH_CLEARS_CHANNEL = 'flotilla_health_clears';

/** A person's word that a GPU is repaired, for the agent on its host. */
export interface HealthClear {
  readonly agent: AgentRef;
  readonly id: number;
  /** GPU uuid; never a MIG instance's. */
  readonly device: string;
  readonly by: string;
  readonly atMs: number;
}

/** An agent that stays away longer begins anew with what it finds. */
const KEPT = '30 days';

// The agent on the machine, and those that report it by POST /sync, which have no machine of their own here.
const TELL_AGENTS = `
  INSERT INTO flotilla.health_clears (tenant_id, agent_id, instance_id, device_uuid, requested_by)
  SELECT $1, a.agent_id, $2, $3, $4
    FROM (SELECT i.agent_id FROM flotilla.instances i
           WHERE i.tenant_id = $1 AND i.id = $2 AND i.agent_id IS NOT NULL
          UNION
          SELECT r.agent_id FROM flotilla.instance_reports r
            JOIN flotilla.sync_agents y ON y.tenant_id = r.tenant_id AND y.agent_id = r.agent_id
           WHERE r.tenant_id = $1 AND r.instance_id = $2 AND r.last_at > now() - interval '${KEPT}') a
  RETURNING agent_id`;

/** What people say about the health of GPUs. */
@Injectable()
export class GpuHealthService {
  constructor(private readonly db: Db) {}

  /**
   * A person says that the device is repaired. Its present reason does not count until it reports another one, or the
   * same one anew, and the agent on its host is told: at once where it is connected, otherwise when it comes back.
   *
   * @throws AppError NOT_FOUND, CONFLICT
   */
  async clear(actor: RequestActor, ref: string, idType: IdType | undefined, uuid: string, comment: string | null) {
    return this.db.write(actor, async (tx) => {
      const id = await resolveInstance(tx, actor, ref, idType);
      const instance = await tx.row<{ connected: boolean }>(
        `SELECT coalesce((SELECT a.connected_until > clock_timestamp() FROM flotilla.agents a
                                       WHERE a.tenant_id = i.tenant_id AND a.id = i.agent_id), false) AS connected
           FROM flotilla.instances i WHERE i.tenant_id = $1 AND i.id = $2 FOR UPDATE`,
        [actor.tenantId, id],
      );
      const device = await tx.row<{ health_reason: string | null; health: string; parent_uuid: string | null }>(
        `SELECT d.health, d.health_reason, d.parent_uuid FROM flotilla.devices d
          WHERE d.tenant_id = $1 AND d.instance_id = $2 AND d.uuid = $3 AND d.kind <> 'host' FOR UPDATE`,
        [actor.tenantId, id, uuid],
      );
      if (!device) throw notFound('GPU', uuid);
      const gpu = device.parent_uuid ?? uuid;
      // a MIG instance has the health of the GPU that holds it, and that GPU's other instances have it too
      const cleared = await tx.row<{ health_cleared_at: Date }>(
        `UPDATE flotilla.devices SET health = 'healthy', health_since = now(), advised_action = 'none',
           health_cleared_at = now(), health_cleared_by = $4, health_reason = NULL, health_evidence = NULL,
           health_cleared_reason = coalesce(health_reason, health_cleared_reason)
          WHERE tenant_id = $1 AND instance_id = $2 AND (uuid = $3 OR parent_uuid = $3) AND kind <> 'host'
          RETURNING health_cleared_at`,
        [actor.tenantId, id, gpu, actor.label],
      );
      const told = await tx.rows<{ agent_id: string }>(TELL_AGENTS, [actor.tenantId, id, gpu, actor.label]);
      for (const { agent_id } of told) await tx.notify(HEALTH_CLEARS_CHANNEL, agent_id);
      await tx.notify(FLEET_CHANGES_CHANNEL, JSON.stringify({ tenant_id: actor.tenantId, kind: 'instance', id }));
      await tx.record(
        'gpu.health_cleared',
        { type: 'instance', id },
        { uuid, before: device.health, reason: device.health_reason, comment },
      );
      return {
        uuid,
        health: 'healthy' as const,
        health_cleared_at: cleared!.health_cleared_at,
        health_cleared_by: actor.label,
        agent_connected: told.length === 0 ? null : (instance?.connected ?? false),
      };
    });
  }

  /** What these agents, whatever their tenants, have not confirmed yet, oldest first. */
  async waitingFor(agents: readonly AgentRef[]): Promise<HealthClear[]> {
    if (agents.length === 0) return [];
    const rows = await this.db.system((tx) =>
      tx.rows<{ tenant_id: string; agent_id: string; id: number; device_uuid: string; by: string; at: Date }>(
        `SELECT c.tenant_id, c.agent_id, c.id, c.device_uuid, c.requested_by AS by, c.requested_at AS at
           FROM flotilla.health_clears c
           JOIN unnest($1::uuid[], $2::uuid[]) AS a (tenant_id, agent_id)
             ON a.tenant_id = c.tenant_id AND a.agent_id = c.agent_id
          WHERE c.taken_at IS NULL AND c.requested_at > now() - interval '${KEPT}'
          ORDER BY c.id LIMIT 1000`,
        [agents.map(({ tenantId }) => tenantId), agents.map(({ agentId }) => agentId)],
      ),
    );
    return rows.map(({ tenant_id, agent_id, id, device_uuid, by, at }) => ({
      agent: { tenantId: tenant_id, agentId: agent_id },
      id,
      device: device_uuid,
      by,
      atMs: at.getTime(),
    }));
  }

  /** The agent did as it was told. Safe to call twice. */
  async taken(agent: AgentRef, ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    await this.db.write(systemActor(agent.tenantId, 'agent gateway'), async (tx) => {
      tx.withoutAudit('that somebody cleared it was recorded then');
      await tx.rows(
        `UPDATE flotilla.health_clears SET taken_at = now()
          WHERE tenant_id = $1 AND agent_id = $2 AND id = ANY ($3::bigint[]) AND taken_at IS NULL`,
        [agent.tenantId, agent.agentId, ids],
      );
    });
  }
}
