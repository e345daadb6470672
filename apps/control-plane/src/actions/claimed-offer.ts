import type { ActionVerb, AgentRef, ControlLevel, KnownProcess } from '@flotilla/domain';
import { LIVE } from './actions.store.js';

/** One offer, leased to one agent, committed before anybody sees it. */
export interface ClaimedOffer {
  readonly agent: AgentRef;
  /** `act_…` */
  readonly actionId: string;
  /** Grows with every offer of this action; an acceptance under an older one is refused. */
  readonly fence: number;
  readonly verb: ActionVerb;
  /** Ask what would be done; nothing may be done. */
  readonly dryRun: boolean;
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
    /** How often the instance had been started or stopped, as known when it was requested. */
    readonly generation: number;
    /** The GPU processes that were known then: another one is a reason to refuse. null: not asked. */
    readonly knownProcesses: readonly KnownProcess[] | null;
  };
  /** Unix milliseconds. */
  readonly expiresAtMs: number;
  readonly leaseS: number;
  readonly reason: string;
}

/** A process as the action keeps it. */
export interface StoredProcess {
  readonly device: string;
  readonly pid: number;
  readonly name: string;
  readonly started_at_ms: number | null;
}

/** What an offer's verb is on the wire: a dry run has words of its own, so that an agent which knows no dry runs refuses it. */
export const wireVerb = ({ verb, dryRun }: Pick<ClaimedOffer, 'verb' | 'dryRun'>) =>
  dryRun ? (`dry_run_${verb}` as const) : verb;

export interface ClaimRow {
  readonly tenant_id: string;
  readonly agent_id: string;
  readonly id: string;
  readonly fence: number;
  readonly verb: ActionVerb;
  readonly dry_run: boolean;
  readonly instance_generation: number;
  readonly known_processes: readonly StoredProcess[] | null;
  readonly provider_id: string;
  readonly control_kind: string;
  readonly level: ControlLevel;
  readonly arguments: Record<string, unknown>;
  readonly force: boolean;
  readonly idle_since: Date | null;
  readonly idle_below_percent: number | null;
  readonly deadline: Date;
  readonly reason: string | null;
  /** The control plane judged it itself. */
  readonly judged: boolean;
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
    dryRun: row.dry_run,
    instanceId: row.provider_id,
    controlKind: row.control_kind,
    level: row.level,
    arguments: row.arguments,
    precondition: {
      force: row.force,
      // what the control plane judged itself is not asked again of an agent that cannot see that machine's GPUs
      idleSinceMs: row.judged ? 0 : (row.idle_since?.getTime() ?? 0),
      idleBelowPercent: row.judged ? 0 : (row.idle_below_percent ?? 0),
      generation: row.instance_generation,
      knownProcesses: row.judged ? null : knownProcessesOf(row.known_processes),
    },
    expiresAtMs: row.deadline.getTime(),
    leaseS: LEASE_S,
    reason: row.reason ?? '',
  };
}

export const knownProcessesOf = (stored: readonly StoredProcess[] | null): readonly KnownProcess[] | null =>
  stored?.map(({ device, pid, name, started_at_ms }) => ({ device, pid, name, startedAtMs: started_at_ms ?? 0 })) ??
  null;

/**
 * SQL: what is known of the instance `i` forbids to hand out its action `a` any more: it was protected, or started or
 * stopped by somebody else, since it was requested. `ActionsWatch` cancels it and says why.
 */
export const OVERTAKEN = '(NOT a.dry_run AND (i.protected OR i.generation <> a.instance_generation))';

/**
 * SQL: the action `a` is a stop whose agent runs elsewhere and sees nothing of the machine, so that the control plane
 * judges it. Who speaks `POST /sync` reports the machines that it acts on, and judges them itself.
 */
export const STOP_FROM_OUTSIDE =
  "(NOT a.own_host AND a.control_kind <> 'sync' AND a.verb = 'stop' AND NOT a.force AND a.idle_since IS NOT NULL)";

/**
 * SQL: the action `a` is a stop that a policy asked for, or that a person had to agree to: the safe-stop gate is asked in the
 * moment before it goes out. `force` is a person's word about idleness, so a policy's stop is asked all the same.
 */
export const GATED =
  "(a.verb = 'stop' AND NOT a.dry_run AND (a.policy_id IS NOT NULL OR (a.approval_required AND NOT a.force)))";

/** SQL: the action `a` of the instance `i` may go out now. */
export const DUE = `(${LIVE} AND a.deadline > clock_timestamp() AND NOT ${OVERTAKEN}
       AND (a.status = 'queued' AND (a.not_before IS NULL OR a.not_before <= clock_timestamp())
         OR a.status = 'dispatched' AND a.lease_until <= clock_timestamp() AND a.round_offers < ${MOST_OFFERS}))`;

// One statement: what it locks, it offers; what another replica has locked, it leaves. The lock re-reads the row, so an
// action that was offered a moment ago no longer matches.
export const CLAIM = `
  WITH due AS (
    SELECT a.tenant_id, a.id, a.status
      FROM flotilla.actions a
      JOIN flotilla.instances i ON i.tenant_id = a.tenant_id AND i.id = a.instance_id
     WHERE a.agent_id = ANY ($1::uuid[]) AND ${DUE} AND (NOT ${STOP_FROM_OUTSIDE} OR a.id = ANY ($4::text[]))
       AND (NOT ${GATED} OR a.id = ANY ($5::text[]))
     ORDER BY a.id
     LIMIT $2
     FOR UPDATE OF a SKIP LOCKED),
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
           nullif(concat_ws('; ', CASE WHEN m.id = ANY ($5) THEN 'the safe-stop gate let it pass (' || (m.gate ->> 'class') || ')' END,
             CASE WHEN m.round_offers > 1 THEN 'offered again: the offer before was not answered' END,
             CASE WHEN m.id = ANY ($4) THEN 'judged by the control plane: idle since ' ||
               to_char(m.idle_since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') ||
               CASE WHEN m.known_processes IS NULL THEN '' ELSE ', and no process that was not known then' END END), '')
      FROM m)
  SELECT m.tenant_id, m.agent_id, m.id, m.fence, m.verb, i.provider_id, m.control_kind, m.level, m.arguments, m.force,
         m.dry_run, m.instance_generation, m.known_processes,
         m.idle_since, m.idle_below_percent, m.deadline, m.reason, m.id = ANY ($4) AS judged, NOTIFY_ACTION
    FROM m JOIN flotilla.instances i ON i.tenant_id = m.tenant_id AND i.id = m.instance_id
   ORDER BY m.id`;
