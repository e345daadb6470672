import type { ActionVerb, AgentRef, ControlLevel } from '@flotilla/domain';

/** One offer, leased to one agent, committed before anybody sees it. */
export interface ClaimedOffer {
  readonly agent: AgentRef;
  /** `act_…` */
  readonly actionId: string;
  /** Grows with every offer of this action; an acceptance under an older one is refused. */
  readonly fence: number;
  readonly verb: ActionVerb;
  /** The instance as its provider calls it. */
  readonly instanceId: string;
  readonly controlKind: string;
  readonly level: ControlLevel;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly precondition: {
    readonly force: boolean;
    /** Unix milliseconds; 0: not asked. */
    readonly idleSinceMs: number;
    readonly idleBelowPercent: number;
  };
  /** Unix milliseconds. */
  readonly expiresAtMs: number;
  readonly leaseS: number;
  readonly reason: string;
}

export interface ClaimRow {
  readonly tenant_id: string;
  readonly agent_id: string;
  readonly id: string;
  readonly fence: number;
  readonly verb: ActionVerb;
  readonly provider_id: string;
  readonly control_kind: string;
  readonly level: ControlLevel;
  readonly arguments: Record<string, unknown>;
  readonly force: boolean;
  readonly idle_since: Date | null;
  readonly idle_below_percent: number | null;
  readonly deadline: Date;
  readonly reason: string | null;
}

/** How long an accepted action lives without a heartbeat that names it; seconds. */
export const LEASE_S = 60;
/** How long an offer may stay unanswered; seconds. */
export const OFFER_S = 30;
/** Offers in a row that nobody accepted, before the action goes back to the queue. */
export const MOST_OFFERS = 3;

export function offerOf(row: ClaimRow): ClaimedOffer {
  return {
    agent: { tenantId: row.tenant_id, agentId: row.agent_id },
    actionId: row.id,
    fence: row.fence,
    verb: row.verb,
    instanceId: row.provider_id,
    controlKind: row.control_kind,
    level: row.level,
    arguments: row.arguments,
    precondition: {
      force: row.force,
      idleSinceMs: row.idle_since?.getTime() ?? 0,
      idleBelowPercent: row.idle_below_percent ?? 0,
    },
    expiresAtMs: row.deadline.getTime(),
    leaseS: LEASE_S,
    reason: row.reason ?? '',
  };
}

// One statement: what it locks, it offers; what another replica has locked, it leaves. The lock re-reads the row, so an
// action that was offered a moment ago no longer matches.
export const CLAIM = `
  WITH due AS (
    SELECT a.tenant_id, a.id, a.status
      FROM flotilla.actions a
     WHERE a.agent_id = ANY ($1::uuid[]) AND a.open AND a.deadline > clock_timestamp()
       AND (a.status = 'queued' AND (a.not_before IS NULL OR a.not_before <= clock_timestamp())
         OR a.status = 'dispatched' AND a.lease_until <= clock_timestamp() AND a.round_offers < ${MOST_OFFERS})
     ORDER BY a.id
     LIMIT $2
     FOR UPDATE SKIP LOCKED),
  m AS (
    UPDATE flotilla.actions a
       SET status = 'dispatched', fence = a.fence + 1, attempts = a.attempts + 1,
           round_offers = CASE due.status WHEN 'queued' THEN 1 ELSE a.round_offers + 1 END,
           lease_until = clock_timestamp() + $3 * interval '1 second', offered_at = clock_timestamp(), not_before = NULL,
           transitions = a.transitions + 1, updated_at = clock_timestamp()
      FROM due WHERE a.tenant_id = due.tenant_id AND a.id = due.id
     RETURNING a.*, due.status AS was),
  told AS (
    INSERT INTO flotilla.action_transitions
      (tenant_id, action_id, seq, from_status, to_status, actor_type, actor_label, fence, note)
    SELECT m.tenant_id, m.id, m.transitions, m.was, 'dispatched', 'system', 'dispatch', m.fence,
           CASE m.round_offers WHEN 1 THEN NULL ELSE 'offered again: the offer before was not answered' END
      FROM m)
  SELECT m.tenant_id, m.agent_id, m.id, m.fence, m.verb, i.provider_id, m.control_kind, m.level, m.arguments, m.force,
         m.idle_since, m.idle_below_percent, m.deadline, m.reason, NOTIFY_ACTION
    FROM m JOIN flotilla.instances i ON i.tenant_id = m.tenant_id AND i.id = m.instance_id
   ORDER BY m.id`;
