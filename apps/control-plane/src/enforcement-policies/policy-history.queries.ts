import { Injectable } from '@nestjs/common';
import type { PolicyRun, PolicyRunQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, notFound, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';

type Run = z.input<typeof PolicyRun>;
const SCOPE = 'policy-runs:-id';

/** What policies did, what they left alone, and why. */
@Injectable()
export class PolicyHistoryQueries {
  constructor(private readonly db: Db) {}

  /** Newest first, also of a policy that was deleted. @throws AppError NOT_FOUND */
  async list(actor: TenantRef, policyId: number, query: PolicyRunQuery): Promise<Page<Run>> {
    const { offset, limit } = pageWindow(query);
    const before = query.cursor === undefined ? null : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.int()]))[0];
    const filter = [actor.tenantId, policyId, query.kind ?? null, query.instance_id ?? null];
    return this.db.read(actor, async (tx) => {
      const policy = await tx.row(
        'SELECT p.id FROM flotilla.enforcement_policies p WHERE p.tenant_id = $1 AND p.id = $2',
        [actor.tenantId, policyId],
      );
      if (!policy) throw notFound('enforcement policy', policyId);
      const counted = await tx.row<{ total: number }>(
        `SELECT count(*) AS total FROM flotilla.policy_runs r ${WHERE}`,
        filter,
      );
      const rows = await tx.rows<Run & Record<string, unknown>>(
        `SELECT ${RUN} FROM flotilla.policy_runs r ${WHERE} AND ($5::bigint IS NULL OR r.id < $5)
          ORDER BY r.id DESC LIMIT $6 OFFSET $7`,
        [...filter, before, limit + 1, offset],
      );
      return pageOf(rows, query, counted!.total, (last) => encodeCursor(actor, SCOPE, [last.id]));
    });
  }
}

const WHERE = `WHERE r.tenant_id = $1 AND r.policy_id = $2 AND ($3::text[] IS NULL OR r.kind = ANY ($3))
  AND ($4::bigint IS NULL OR $4 = ANY (r.instance_ids))`;

const RUN = `
  r.id, r.policy_id, r.policy_version, to_timestamp(r.minute * 60::bigint) AS timestamp, r.decided_at, r.kind, r.subject,
  r.execution_mode, to_jsonb(r.instance_ids) AS instance_ids, r.simulated,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('instance_id', i.provider_id, 'conditions_met', m.one -> 'conditions_met') ORDER BY m.place), '[]')
     FROM jsonb_array_elements(r.matched) WITH ORDINALITY AS m(one, place)
     LEFT JOIN flotilla.instances i ON i.tenant_id = r.tenant_id AND i.id = (m.one ->> 'instance_id')::bigint) AS triggers,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('action_type', o.action_type,
            'instance', CASE WHEN i.id IS NOT NULL THEN jsonb_build_object('id', i.id, 'instance_id', i.provider_id, 'name', i.name) END,
            'outcome', o.outcome, 'blocked_by', o.blocked_by, 'reason', o.reason, 'action_id', o.action_id,
            'action_status', a.status, 'action_message', a.message, 'details', o.details) ORDER BY o.ordinal), '[]')
     FROM flotilla.policy_outcomes o
     LEFT JOIN flotilla.instances i ON i.tenant_id = o.tenant_id AND i.id = o.instance_id
     LEFT JOIN flotilla.actions a ON a.tenant_id = o.tenant_id AND a.id = o.action_id
    WHERE o.tenant_id = r.tenant_id AND o.run_id = r.id) AS outcomes`;
