import { Injectable } from '@nestjs/common';
import { ACTION_DEADLINE_MINUTES, chooseController, mayAnnounce, OWN_HOST_KINDS } from '@flotilla/domain';
import type { ActionVerb, AgentRef, Control, ControllerCandidate } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { ReadTx, WriteTx } from '@flotilla/persistence';
import { AgentActors } from './agent-actors.js';

/** Announcements of one agent that are kept; more is a fault or an attack. */
const MOST_CONTROLS = 256;
const MOST_IDS = 10_000;

/**
 * Kinds that act on machines from outside. Every other kind acts on the host that the agent runs on: an agent cannot
 * announce it for another agent's host.
 */
export const OUTSIDE_KINDS = ['aws', 'gcp', 'azure', 'oci', 'lambda', 'redfish', 'ipmi', 'bmc', 'kubernetes', 'slurm'];

/** Who can act on what, as the agents announced it. */
@Injectable()
export class Controllers {
  constructor(
    private readonly db: Db,
    private readonly actors: AgentActors,
  ) {}

  /**
   * Replaces everything that this agent announced before, but for the kinds that it was not granted: those are refused
   * and said in its error. An unchanged announcement writes nothing.
   */
  async announce(agent: AgentRef, controls: readonly Control[]): Promise<void> {
    const given = controls.filter((c) => c.kind.length > 0 && c.kind.length <= 64).slice(0, MOST_CONTROLS);
    await this.db.write(await this.actors.of(agent), async (tx) => {
      const row = await tx.row<{ controls: string[]; refused_controls: string[] }>(
        'SELECT a.controls, a.refused_controls FROM flotilla.agents a WHERE a.tenant_id = $1 AND a.id = $2',
        [agent.tenantId, agent.agentId],
      );
      const kept = given
        .filter((c) => mayAnnounce(c.kind, row?.controls ?? []))
        .map((c, ordinal) => ({
          ordinal,
          kind: c.kind,
          verbs: [...new Set(c.verbs)].slice(0, 32),
          instance_ids: [...new Set(c.instanceIds)].slice(0, MOST_IDS),
          // its own host needs no scope, and a scope would reach others
          scope: OWN_HOST_KINDS.includes(c.kind) ? {} : c.scope,
          level: c.level === 'power' ? 'power' : 'workload',
        }));
      const refused = [
        ...new Set(given.flatMap((c) => (mayAnnounce(c.kind, row?.controls ?? []) ? [] : c.kind))),
      ].sort();
      const news = row !== undefined && refused.join() !== row.refused_controls.join();
      if (news) await recordRefused(tx, agent, refused);
      const changed = await tx.rows(
        `WITH given AS (
           SELECT ordinal, kind, ARRAY(SELECT jsonb_array_elements_text(verbs)) AS verbs,
                  ARRAY(SELECT jsonb_array_elements_text(instance_ids)) AS instance_ids, scope, level
             FROM jsonb_to_recordset($3::jsonb)
               AS g(ordinal smallint, kind text, verbs jsonb, instance_ids jsonb, scope jsonb, level text)),
         gone AS (
           DELETE FROM flotilla.controllers c
            WHERE c.tenant_id = $1 AND c.agent_id = $2 AND c.ordinal NOT IN (SELECT g.ordinal FROM given g)
            RETURNING c.ordinal),
         put AS (
           INSERT INTO flotilla.controllers AS c (tenant_id, agent_id, ordinal, kind, verbs, instance_ids, scope, level)
           SELECT $1, $2, g.ordinal, g.kind, g.verbs, g.instance_ids, g.scope, g.level FROM given g
           ON CONFLICT (tenant_id, agent_id, ordinal) DO UPDATE SET
             kind = excluded.kind, verbs = excluded.verbs, instance_ids = excluded.instance_ids, scope = excluded.scope,
             level = excluded.level, announced_at = now()
           WHERE (c.kind, c.verbs, c.instance_ids, c.scope, c.level) IS DISTINCT FROM
                 (excluded.kind, excluded.verbs, excluded.instance_ids, excluded.scope, excluded.level)
           RETURNING c.ordinal)
         SELECT ordinal FROM gone UNION ALL SELECT ordinal FROM put`,
        [agent.tenantId, agent.agentId, JSON.stringify(kept)],
      );
      if (changed.length === 0) {
        if (!news) tx.withoutAudit('the announcement is the one that is known');
        return;
      }
      await this.nameInstances(tx, agent);
      await tx.record(
        'agent.controls_announced',
        { type: 'agent', id: agent.agentId },
        {
          controls: kept.map((c) => ({
            kind: c.kind,
            verbs: c.verbs,
            level: c.level,
            instances: c.instance_ids.length,
          })),
        },
      );
    });
  }

  private async nameInstances(tx: WriteTx, agent: AgentRef): Promise<void> {
    const values = [agent.tenantId, agent.agentId];
    await tx.rows('DELETE FROM flotilla.controller_instances WHERE tenant_id = $1 AND agent_id = $2', values);
    await tx.rows(
      `INSERT INTO flotilla.controller_instances (tenant_id, provider_id, agent_id, ordinal)
       SELECT DISTINCT c.tenant_id, named.id, c.agent_id, c.ordinal
         FROM flotilla.controllers c CROSS JOIN LATERAL unnest(c.instance_ids) AS named(id)
        WHERE c.tenant_id = $1 AND c.agent_id = $2 AND named.id <> 'self'`,
      values,
    );
  }

  /** Everybody who could act on this instance, connected or not. */
  async candidates(tx: ReadTx, tenantId: string, instanceId: number): Promise<ControllerCandidate[]> {
    const rows = await tx.rows<CandidateRow & Record<string, unknown>>(CANDIDATES, [
      tenantId,
      instanceId,
      OUTSIDE_KINDS.map((kind) => `${kind}%`),
      [...OWN_HOST_KINDS, 'sync'],
    ]);
    return rows.map((row) => ({
      agentId: row.agent_id,
      agentLabel: row.hostname,
      kind: row.kind,
      level: row.level,
      verbs: row.verbs,
      ownHost: row.own_host,
      reach: row.reach,
      lastSeenAtMs: row.last_seen_at?.getTime() ?? null,
    }));
  }

  /** The one to ask, or null together with everybody who is away. */
  async best(tx: ReadTx, tenantId: string, instanceId: number, verb: ActionVerb) {
    const candidates = await this.candidates(tx, tenantId, instanceId);
    return { chosen: chooseController(candidates, verb), candidates };
  }
}

async function recordRefused(tx: WriteTx, agent: AgentRef, refused: readonly string[]): Promise<void> {
  const sentence = `It announced controls that it was not granted (${refused.join(', ')}): they are refused. An admin can grant them with PATCH /agents/${agent.agentId}.`;
  await tx.rows(
    `UPDATE flotilla.agents a
        SET refused_controls = $3, last_error = coalesce($4, a.last_error),
            last_error_at = CASE WHEN $4::text IS NULL THEN a.last_error_at ELSE now() END
      WHERE a.tenant_id = $1 AND a.id = $2`,
    [agent.tenantId, agent.agentId, refused, refused.length > 0 ? sentence : null],
  );
  await tx.record(
    refused.length > 0 ? 'agent.controls_refused' : 'agent.controls_no_longer_refused',
    { type: 'agent', id: agent.agentId },
    { refused },
  );
}

interface CandidateRow {
  readonly agent_id: string;
  readonly hostname: string;
  readonly kind: string;
  readonly level: 'power' | 'workload';
  readonly verbs: string[];
  readonly own_host: boolean;
  readonly reach: 'connected' | 'sync' | 'lately' | 'away';
  readonly last_seen_at: Date | null;
}

// A scope covers an instance of its provider and region, but not the machine that the agent itself runs on: it would not
// live to see the end. Where the scope names an account, the instance must be known to be of that account (its metadata
// service says so), or the agent must have reported it. An agent on POST /sync that called within the hour is expected
// to call again. A grant that was taken back counts at once. Materialized, and agents by their key: a plan that begins with all agents of a tenant takes seconds.
const CANDIDATES = `
  WITH instance AS MATERIALIZED (
    SELECT i.tenant_id, i.id, i.provider_id, i.cloud_provider, i.region, i.agent_id
      FROM flotilla.instances i WHERE i.tenant_id = $1 AND i.id = $2),
  able AS MATERIALIZED (
    SELECT c.agent_id, c.kind, c.level, c.verbs, true AS own_host
      FROM instance i JOIN flotilla.controllers c ON c.tenant_id = $1 AND c.agent_id = i.agent_id
     WHERE 'self' = ANY (c.instance_ids)
    UNION ALL
    SELECT c.agent_id, c.kind, c.level, c.verbs, c.agent_id IS NOT DISTINCT FROM i.agent_id
      FROM instance i
      JOIN flotilla.controller_instances n ON n.tenant_id = $1 AND n.provider_id = i.provider_id
      JOIN flotilla.controllers c ON c.tenant_id = $1 AND c.agent_id = n.agent_id AND c.ordinal = n.ordinal
     WHERE (i.agent_id IS NULL OR c.agent_id = i.agent_id OR c.kind LIKE ANY ($3::text[]))
    UNION ALL
    SELECT c.agent_id, c.kind, c.level, c.verbs, false
      FROM instance i JOIN flotilla.controllers c ON c.tenant_id = $1 AND c.scope <> '{}'
     WHERE c.instance_ids = '{}' AND c.kind LIKE i.cloud_provider || '%'
       AND (c.scope ->> 'region' IS NULL OR i.region IS NULL OR c.scope ->> 'region' = i.region)
       AND c.agent_id IS DISTINCT FROM i.agent_id
       AND (c.scope ->> 'account' IS NULL OR EXISTS (
         SELECT FROM flotilla.instance_facts f
          WHERE f.tenant_id = $1 AND f.instance_id = i.id AND f.fact = 'account'
            AND f.value = to_jsonb(c.scope ->> 'account'))
         OR EXISTS (
         SELECT FROM flotilla.instance_reports r
          WHERE r.tenant_id = $1 AND r.instance_id = i.id AND r.agent_id = c.agent_id))
    UNION ALL
    SELECT s.agent_id, 'sync', 'power', ARRAY['start', 'stop'], false
      FROM instance i
      JOIN flotilla.instance_reports r ON r.tenant_id = $1 AND r.instance_id = i.id
      JOIN flotilla.sync_agents s ON s.tenant_id = $1 AND s.agent_id = r.agent_id
     WHERE s.controls_reported AND (i.agent_id IS NULL OR i.agent_id = s.agent_id))
  SELECT able.*, a.hostname, a.last_seen_at,
         CASE WHEN a.connected_until > clock_timestamp() THEN 'connected'
              WHEN s.last_sync_at > clock_timestamp() - interval '1 hour' THEN 'sync'
              WHEN a.last_seen_at > clock_timestamp() - interval '${ACTION_DEADLINE_MINUTES} minutes' THEN 'lately'
              ELSE 'away' END AS reach
    FROM able
    CROSS JOIN LATERAL (
      SELECT g.hostname, g.last_seen_at, g.connected_until FROM flotilla.agents g
       WHERE g.tenant_id = $1 AND g.id = able.agent_id AND g.status = 'enrolled'
         AND (able.kind = ANY ($4::text[]) OR EXISTS (
           SELECT FROM unnest(g.controls) AS granted(kind)
            WHERE able.kind = granted.kind OR starts_with(able.kind, granted.kind || '-')))
       OFFSET 0) a
    LEFT JOIN LATERAL (
      SELECT s.last_sync_at FROM flotilla.sync_agents s
       WHERE s.tenant_id = $1 AND s.agent_id = able.agent_id OFFSET 0) s ON true`;
