import { Injectable } from '@nestjs/common';
import type { Action, ActionDetails, ActionQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, notFound, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';

type ActionRow = z.input<typeof Action>;
type DetailsRow = z.input<typeof ActionDetails>;
const SCOPE = 'actions:-id';

@Injectable()
export class ActionsQueries {
  constructor(private readonly db: Db) {}

  /** Newest first: ids sort as they were made. */
  async list(actor: TenantRef, query: ActionQuery): Promise<Page<ActionRow>> {
    const { offset, limit } = pageWindow(query);
    const before =
      query.cursor === undefined ? null : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.string()]))[0];
    const { status, instance_id: instanceId, type, dry_run: dryRun } = query;
    const filter = [actor.tenantId, status ?? null, instanceId ?? null, type ?? null, dryRun ?? null];
    const [rows, total] = await this.db.read(actor, async (tx) => [
      await tx.rows<ActionRow>(
        `SELECT ${FIELDS} ${FROM} ${WHERE} AND ($6::text IS NULL OR a.id < $6) ORDER BY a.id DESC LIMIT $7 OFFSET $8`,
        [...filter, before, limit + 1, offset],
      ),
      await tx.row<{ total: number }>(`SELECT count(*) AS total FROM flotilla.actions a ${WHERE}`, filter),
    ]);
    return pageOf(rows, query, total?.total ?? 0, (last) => encodeCursor(actor, SCOPE, [last.id]));
  }

  /** @throws AppError NOT_FOUND */
  async get(actor: TenantRef, id: string): Promise<DetailsRow> {
    const row = await this.db.read(actor, (tx) =>
      tx.row<DetailsRow & Record<string, unknown>>(
        `SELECT ${FIELDS}, ${DETAILS} ${FROM} WHERE a.tenant_id = $1 AND a.id = $2`,
        [actor.tenantId, id],
      ),
    );
    if (!row) throw notFound('action', id);
    return row;
  }
}

/** `$1` to `$5`: tenant, states, instance, verb, dry run. */
export const WHERE = `
  WHERE a.tenant_id = $1 AND ($2::text[] IS NULL OR a.status = ANY ($2)) AND ($3::bigint IS NULL OR a.instance_id = $3::bigint)
    AND ($4::text IS NULL OR a.verb = $4)
    AND ($5::boolean IS NULL OR a.dry_run = $5)`;

export const FROM = `
  FROM flotilla.actions a
  JOIN flotilla.instances i ON i.tenant_id = a.tenant_id AND i.id = a.instance_id
  JOIN flotilla.agents g ON g.tenant_id = a.tenant_id AND g.id = a.agent_id`;

/** JSON text of a moment as the API writes it; inside jsonb a timestamptz would keep microseconds and its offset. */
const iso = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const FIELDS = `
  a.id, a.verb AS type, a.status, a.instance_id, a.reason, a.force, a.dry_run, a.message, a.requested_at, a.deadline, a.updated_at,
  a.attempts, a.result_at AS finished_at, a.policy_id, a.policy_version,
  jsonb_build_object('provider_id', i.provider_id, 'cloud_provider', i.cloud_provider, 'name', i.name, 'simulated', i.simulated) AS instance,
  jsonb_build_object('type', a.requester_type, 'id', a.requester_id, 'label', a.requester_label) AS requester,
  jsonb_build_object('agent_id', a.agent_id, 'host', g.hostname, 'kind', a.control_kind, 'level', a.level) AS controller`;

const DETAILS = `
  a.gate, a.accepted, a.offered_at, a.accepted_at, CASE WHEN a.open THEN a.lease_until END AS lease_until,
  jsonb_build_object('required', a.approval_required, 'second_person', a.second_person, 'decision', a.decision,
    'by', CASE WHEN a.decision IS NOT NULL THEN
      jsonb_build_object('type', a.decided_by_type, 'id', a.decided_by_id, 'label', a.decided_by_label) END,
    'at', ${iso('a.decided_at')}, 'comment', a.decision_comment) AS approval,
  jsonb_build_object('idle_since', ${iso('a.idle_since')}, 'idle_below_percent', a.idle_below_percent,
    'generation', a.instance_generation, 'known_processes', jsonb_array_length(a.known_processes)) AS precondition,
  CASE WHEN a.result_at IS NOT NULL THEN jsonb_build_object('outcome', a.result_outcome, 'message', a.result_message,
    'exit_code', a.exit_code, 'output', a.output, 'output_truncated', a.output_truncated,
    'observed_state', a.observed_state, 'verified', a.verified, 'started_at', ${iso('a.host_started_at')},
    'finished_at', ${iso('a.host_finished_at')}) END AS result,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('at', ${iso('t.at')}, 'from', t.from_status, 'to', t.to_status,
      'by', jsonb_build_object('type', t.actor_type, 'id', t.actor_id, 'label', t.actor_label), 'note', t.note,
      'fence', nullif(t.fence, 0)) ORDER BY t.seq), '[]')
     FROM flotilla.action_transitions t WHERE t.tenant_id = a.tenant_id AND t.action_id = a.id) AS timeline`;
