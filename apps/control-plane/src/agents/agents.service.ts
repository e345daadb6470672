import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { mayAnnounce } from '@flotilla/domain';
import type { AgentRef } from '@flotilla/domain';
import { Db, systemActor } from '@flotilla/persistence';
import { AppError, notFound } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { revokeAgent } from './revoke-agent.js';

/** How often the last call of an HTTP-only agent is written down, at most. */
const SEEN_EVERY_MS = 15_000;

interface KeyAgent {
  readonly ref: AgentRef;
  seenAtMs: number;
}

/** Agents, whichever way they speak. */
@Injectable()
export class AgentsService {
  private readonly byKey = new Map<string, KeyAgent>();

  constructor(private readonly db: Db) {}

  /**
   * The agent behind an API key that calls POST /sync: one per key, made at its first call. Remembers that it called.
   *
   * @throws AppError FORBIDDEN for a caller that is no API key, and for a revoked agent
   */
  async forApiKey(actor: RequestActor): Promise<AgentRef> {
    const { tenantId, apiKeyId } = actor;
    if (apiKeyId === null) {
      throw new AppError('FORBIDDEN', 'Agents call with an API key of the scope agent; this caller is a person.', {
        expected: 'X-API-Key with the scope agent',
      });
    }
    const known = this.byKey.get(`${tenantId} ${apiKeyId}`);
    if (known && Date.now() - known.seenAtMs < SEEN_EVERY_MS) return known.ref;
    const ref = (await this.seen(actor, apiKeyId)) ?? (await this.register(actor, apiKeyId));
    this.byKey.set(`${tenantId} ${apiKeyId}`, { ref, seenAtMs: Date.now() });
    return ref;
  }

  /** Whether a stream of this agent is open on any replica. */
  async isConnected(agent: AgentRef): Promise<boolean> {
    const row = await this.db.read(agent, (tx) =>
      tx.row(
        `SELECT 1 AS one FROM flotilla.agents a WHERE a.id = $1 AND a.status = 'enrolled' AND a.connected_until > now()`,
        [agent.agentId],
      ),
    );
    return row !== undefined;
  }

  /**
   * Replaces the kinds of controls from outside that the agent may announce. What it announced and may no longer is gone
   * at once. Safe to repeat.
   *
   * @throws AppError NOT_FOUND
   */
  async grant(actor: RequestActor, agentId: string, controls: readonly string[]): Promise<void> {
    const granted = [...new Set(controls)].sort();
    await this.db.write(actor, async (tx) => {
      const agent = await tx.row<{ hostname: string; controls: string[] }>(
        'SELECT a.hostname, a.controls FROM flotilla.agents a WHERE a.id = $1 FOR UPDATE',
        [agentId],
      );
      if (!agent) throw notFound('agent', agentId);
      if (agent.controls.join() === granted.join()) return tx.withoutAudit('the grants are these already');
      const key = [actor.tenantId, agentId];
      await tx.rows('UPDATE flotilla.agents a SET controls = $3 WHERE a.tenant_id = $1 AND a.id = $2', [
        ...key,
        granted,
      ]);
      const announced = await tx.rows<{ kind: string }>(
        'SELECT DISTINCT c.kind FROM flotilla.controllers c WHERE c.tenant_id = $1 AND c.agent_id = $2',
        key,
      );
      const withdrawn = announced.map(({ kind }) => kind).filter((kind) => !mayAnnounce(kind, granted));
      await tx.rows(
        'DELETE FROM flotilla.controllers c WHERE c.tenant_id = $1 AND c.agent_id = $2 AND c.kind = ANY ($3::text[])',
        [...key, withdrawn],
      );
      const details = { hostname: agent.hostname, before: agent.controls, controls: granted, withdrawn };
      await tx.record('agent.controls_granted', { type: 'agent', id: agentId }, details);
    });
  }

  /**
   * Ends an agent for good: its stream is cut on whichever replica holds it and its certificate is not renewed. Safe to
   * repeat. What it reported stays.
   *
   * @throws AppError NOT_FOUND
   */
  async revoke(actor: RequestActor, agentId: string): Promise<void> {
    await this.db.write(actor, async (tx) => {
      if (!(await revokeAgent(tx, { tenantId: actor.tenantId, agentId }))) throw notFound('agent', agentId);
    });
    for (const [key, known] of this.byKey) if (known.ref.agentId === agentId) this.byKey.delete(key);
  }

  private async seen(actor: RequestActor, apiKeyId: string): Promise<AgentRef | undefined> {
    const row = await this.db.write(systemActor(actor.tenantId, 'sync'), async (tx) => {
      tx.withoutAudit('when an agent was seen last');
      return tx.row<{ id: string; status: string }>(
        `UPDATE flotilla.agents a SET last_seen_at = now()
          WHERE a.tenant_id = $1 AND a.api_key_id = $2 RETURNING a.id, a.status`,
        [actor.tenantId, apiKeyId],
      );
    });
    if (row?.status === 'revoked') {
      throw new AppError('FORBIDDEN', 'The agent of this API key was revoked. Issue a new key to bring the host back.');
    }
    return row && { tenantId: actor.tenantId, agentId: row.id };
  }

  private async register(actor: RequestActor, apiKeyId: string): Promise<AgentRef> {
    const agentId = randomUUID();
    const found = await this.db.write(actor, async (tx) => {
      const made = await tx.row<{ id: string }>(
        `INSERT INTO flotilla.agents (tenant_id, id, hostname, transport, api_key_id, last_seen_at)
         VALUES ($1, $2, $3, 'sync', $4, now())
         ON CONFLICT (tenant_id, api_key_id) WHERE api_key_id IS NOT NULL DO NOTHING RETURNING id`,
        [actor.tenantId, agentId, actor.label.slice(0, 255), apiKeyId],
      );
      if (made) {
        await tx.record(
          'agent.registered',
          { type: 'agent', id: agentId },
          { transport: 'sync', api_key_id: apiKeyId },
        );
        return agentId;
      }
      tx.withoutAudit('another call of the same key registered it a moment ago');
      const other = await tx.row<{ id: string }>(
        `SELECT a.id FROM flotilla.agents a WHERE a.tenant_id = $1 AND a.api_key_id = $2`,
        [actor.tenantId, apiKeyId],
      );
      return other?.id;
    });
    if (!found) throw new Error('the agent of an API key was neither made nor found');
    return { tenantId: actor.tenantId, agentId: found };
  }
}
