import type { ReadTx, TenantRef, WriteTx } from '@flotilla/persistence';
import type { PolicyBlock } from '@flotilla/domain';
import { TENANT } from './policy-watch.js';
import type { WatchedPolicy } from './policy-watch.js';

export interface NewRun {
  readonly policyId: number;
  readonly version: number;
  readonly minute: number;
  readonly kind: 'triggered' | 'schedule' | 'cooldown';
  readonly subject: 'instance' | 'tenant';
  readonly executionMode: string;
  readonly instanceIds: readonly number[];
  readonly matched: readonly object[];
  readonly simulated: boolean;
}

/** What came of an action of a run for one instance, or for none in particular. */
export interface Outcome {
  readonly actionType: string;
  readonly instanceId: number | null;
  readonly outcome: 'requested' | 'awaits_approval' | 'would_act' | 'tagged' | 'notified' | 'blocked';
  readonly blockedBy: PolicyBlock | null;
  readonly reason: string;
  readonly actionId: string | null;
  readonly details?: object | undefined;
}

/** The history of policies, from which also follows what they may do next. */
export const runsStore = {
  /** @returns its number; null: this minute of this policy was decided before */
  async insert(tx: WriteTx, tenant: TenantRef, run: NewRun): Promise<number | null> {
    const row = await tx.row<{ id: number }>(
      `INSERT INTO flotilla.policy_runs (tenant_id, policy_id, policy_version, minute, kind, subject, execution_mode,
         instance_ids, matched, simulated)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       ON CONFLICT (tenant_id, policy_id, minute, kind) DO NOTHING RETURNING id`,
      [
        tenant.tenantId,
        run.policyId,
        run.version,
        run.minute,
        run.kind,
        run.subject,
        run.executionMode,
        run.instanceIds,
        JSON.stringify(run.matched),
        run.simulated,
      ],
    );
    return row?.id ?? null;
  },

  async addOutcomes(tx: WriteTx, tenant: TenantRef, runId: number, outcomes: readonly Outcome[]): Promise<void> {
    const rows = outcomes.map((one, ordinal) => ({
      ordinal,
      action_type: one.actionType,
      instance_id: one.instanceId,
      outcome: one.outcome,
      blocked_by: one.blockedBy,
      reason: one.reason,
      action_id: one.actionId,
      details: one.details ?? {},
    }));
    await tx.rows(
      `INSERT INTO flotilla.policy_outcomes (tenant_id, run_id, ordinal, action_type, instance_id, outcome, blocked_by, reason,
         action_id, details)
       SELECT $1, $2, o.* FROM jsonb_to_recordset($3::jsonb) AS o(ordinal integer, action_type text, instance_id bigint,
         outcome text, blocked_by text, reason text, action_id text, details jsonb)`,
      [tenant.tenantId, runId, JSON.stringify(rows)],
    );
  },

  /**
   * The newest triggers before a minute, as far back as cooldowns look.
   *
   * @returns policy → instance (or TENANT) → Unix minute
   */
  async lastTriggers(
    tx: ReadTx,
    tenant: TenantRef,
    policies: readonly WatchedPolicy[],
    minute: number,
  ): Promise<Map<number, Map<number, number>>> {
    const rows = await tx.rows<{ policy_id: number; instance_id: number; minute: number }>(
      `SELECT r.policy_id, coalesce(i.id, ${TENANT}) AS instance_id, max(r.minute) AS minute
         FROM unnest($2::bigint[], $3::integer[]) AS p(id, since)
         JOIN flotilla.policy_runs r ON r.tenant_id = $1 AND r.policy_id = p.id AND r.minute >= p.since AND r.minute < $4
          AND r.kind = 'triggered'
         LEFT JOIN LATERAL unnest(r.instance_ids) AS i(id) ON true
        GROUP BY 1, 2`,
      [
        tenant.tenantId,
        policies.map(({ row }) => row.id),
        policies.map(({ rules }) => minute - Math.max(1, rules.cooldownMinutes)),
        minute,
      ],
    );
    const last = new Map<number, Map<number, number>>();
    for (const row of rows) {
      const of = last.get(row.policy_id) ?? new Map<number, number>();
      last.set(row.policy_id, of.set(row.instance_id, row.minute));
    }
    return last;
  },
};
