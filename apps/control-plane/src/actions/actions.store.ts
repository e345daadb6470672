import { holdsInstance } from '@flotilla/domain';
import type { ActionStatus, ActionVerb, ControlLevel } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';
import { FLEET_CHANGES_CHANNEL } from './fleet-changes.js';

/** A row of flotilla.actions, as far as commands need it. */
export interface ActionRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly verb: ActionVerb;
  readonly instance_id: number;
  readonly status: ActionStatus;
  readonly open: boolean;
  readonly agent_id: string;
  readonly control_kind: string;
  readonly level: ControlLevel;
  readonly own_host: boolean;
  readonly dry_run: boolean;
  readonly instance_generation: number;
  readonly requester_type: string;
  readonly requester_id: string | null;
  readonly second_person: boolean;
  /** The policy that asks for it, and its version; null: none. */
  readonly policy_id: number | null;
  readonly policy_version: number | null;
  readonly fence: number;
  readonly round_offers: number;
  readonly accepted_at: Date | null;
  readonly result_at: Date | null;
  readonly result_outcome: string | null;
  readonly deadline: Date;
  readonly deadline_passed: boolean;
}

/** Who moves an action, for its timeline. */
export interface Mover {
  readonly type: string;
  readonly id: string | null;
  readonly label: string;
}

/** SQL: tells watchers about the action `m`. */
export const NOTIFY_ACTION = `pg_notify('${FLEET_CHANGES_CHANNEL}',
  json_build_object('tenant_id', m.tenant_id, 'kind', 'action', 'id', m.id)::text)`;

/** SQL: an action `a` that somebody has yet to do something about; as the index actions_live has it. */
export const LIVE = "(a.open OR (a.dry_run AND a.status IN ('queued', 'dispatched', 'running')))";

const COLUMNS = `a.tenant_id, a.id, a.verb, a.instance_id, a.status, a.open, a.agent_id, a.control_kind, a.level, a.own_host,
  a.dry_run, a.instance_generation, a.requester_type, a.requester_id, a.second_person, a.policy_id, a.policy_version, a.fence, a.round_offers, a.accepted_at, a.result_at, a.result_outcome,
  a.deadline, a.deadline <= clock_timestamp() AS deadline_passed`;

/** Loads and saves actions inside a transaction that it is handed. Every step it saves leaves a row in the timeline. */
export const actionsStore = {
  /** The action, locked until the transaction ends. */
  async lock(tx: ReadTx, tenantId: string, id: string): Promise<ActionRow | undefined> {
    return tx.row<ActionRow & Record<string, unknown>>(
      `SELECT ${COLUMNS} FROM flotilla.actions a WHERE a.tenant_id = $1 AND a.id = $2 FOR UPDATE`,
      [tenantId, id],
    );
  },

  /** What was given to this agent and has no end yet, locked, oldest first. */
  async lockUnfinished(tx: ReadTx, tenantId: string, agentId: string): Promise<ActionRow[]> {
    return tx.rows<ActionRow & Record<string, unknown>>(
      `SELECT ${COLUMNS} FROM flotilla.actions a
        WHERE a.tenant_id = $1 AND a.agent_id = $2
          AND (a.open OR a.cancel_pending OR a.status = 'unknown' OR a.dry_run)
          AND a.status IN ('dispatched', 'running', 'unknown') AND a.result_at IS NULL
          AND a.requested_at > clock_timestamp() - interval '8 days'
        ORDER BY a.id LIMIT 1000 FOR UPDATE`,
      [tenantId, agentId],
    );
  },

  /**
   * Takes an action one step on (or remarks something, when `to` is where it stands), together with `set`: SQL
   * assignments of further columns, whose values are numbered from $9. Watchers hear of it.
   */
  async step(
    tx: ReadTx,
    action: Pick<ActionRow, 'tenant_id' | 'id' | 'status' | 'deadline_passed'>,
    to: ActionStatus,
    mover: Mover,
    note: string | null,
    set: { readonly sql: string; readonly values: readonly unknown[] } = { sql: '', values: [] },
  ): Promise<void> {
    await tx.rows(
      `WITH moved AS (
         UPDATE flotilla.actions SET status = $3, open = ${holdsInstance(to, action.deadline_passed)} AND NOT dry_run,
           transitions = transitions + 1, message = coalesce($4, message),
           updated_at = clock_timestamp()${set.sql && `, ${set.sql}`}
         WHERE tenant_id = $1 AND id = $2
         RETURNING tenant_id, id, transitions, fence),
       told AS (
         INSERT INTO flotilla.action_transitions
           (tenant_id, action_id, seq, from_status, to_status, actor_type, actor_id, actor_label, fence, note)
         SELECT m.tenant_id, m.id, m.transitions, $8, $3, $5, $6, $7, m.fence, $4 FROM moved m)
       SELECT ${NOTIFY_ACTION} FROM moved m`,
      [action.tenant_id, action.id, to, note, mover.type, mover.id, mover.label, action.status, ...set.values],
    );
  },
};
