import { ACTION_DEADLINE_MINUTES } from '@flotilla/domain';
import type { ActionStatus, ActionVerb, ControllerCandidate } from '@flotilla/domain';
import type { Actor, WriteTx } from '@flotilla/persistence';
import { ACTIONS_CHANNEL } from './actions.channel.js';
import { NOTIFY_ACTION } from './actions.store.js';

/** How long an action waits for a person. */
export const APPROVAL_HOURS = 24;
/** A dry run is asked by somebody who waits for its sentence. */
const DRY_RUN_MINUTES = 2;
/** Hosts judge whole minutes: two make sure that a finished one is among them. */
const IDLE_LOOKBACK_MINUTES = 2;
/** A list of processes that was not read again for this long says nothing of now. */
const PROCESSES_KNOWN_MINUTES = 10;

export interface ActionRequest {
  readonly verb: ActionVerb;
  readonly reason: string | null;
  /** Skips the preconditions of idleness and of processes; never protection or approval. */
  readonly force: boolean;
  /** Only ask what would be done. */
  readonly dryRun?: boolean;
  /** The enforcement policy that asks, and which of its versions. */
  readonly policy?: { readonly id: number; readonly version: number };
  /** A person has to agree to it, whatever the tenant asks for. */
  readonly needsApproval?: boolean;
  /** A policy says in words that machines which work are stopped, too. */
  readonly evenBusy?: boolean;
  /** Losses that a person accepts, by the names of the gate's checks. */
  readonly accept?: readonly string[];
  /** What must still be true of its GPUs; without it the tenant's threshold since shortly before the request. */
  readonly idle?: { readonly sinceMs: number; readonly belowPercent: number };
}

/** What is known of the instance when something is requested of it. */
export interface RequestSubject {
  readonly provider_id: string;
  readonly cloud_provider: string;
  readonly state: string;
  readonly workload_state: 'running' | 'stopped' | null;
  readonly protected: boolean;
  readonly generation: number;
  readonly require_approval: boolean;
  readonly require_second_person: boolean;
  readonly idle_below_percent: number;
  readonly open_action: string | null;
  readonly open_status: string | null;
  readonly simulated: boolean;
  readonly has_gpu: boolean;
  /** An agent told what devices it has, be it none but the host. */
  readonly measured: boolean;
  readonly idle_asked_since: Date | null;
  /** null: not known, or too long ago. */
  readonly known_processes: readonly object[] | null;
}

interface NewAction {
  readonly id: string;
  readonly status: ActionStatus;
  readonly instanceId: number;
  readonly request: ActionRequest;
  readonly chosen: ControllerCandidate;
  readonly subject: RequestSubject;
  /** What the gate said, as it is stored; null: it was not asked. */
  readonly gate: object | null;
}

/** A dry run changes nothing: nobody has to agree to it. */
export const asksApproval = (subject: RequestSubject, request: ActionRequest): boolean =>
  !request.dryRun && (subject.require_approval || request.needsApproval === true);

/**
 * Writes the action with its first step and tells its agent.
 *
 * @returns the open action that was there first, when there is one; null: it is in
 */
export async function insertAction(
  tx: WriteTx,
  actor: Actor,
  { id, status, instanceId, request, chosen, subject, gate }: NewAction,
): Promise<{ id: string; status: string } | null> {
  const dryRun = request.dryRun ?? false;
  // a machine of which nothing was ever measured may have GPUs: whoever stops it from outside has to be sure
  const unseen = !subject.measured && !chosen.ownHost && chosen.kind !== 'sync';
  const asksIdle = request.verb === 'stop' && !request.force && !request.evenBusy && (subject.has_gpu || unseen);
  const minutes = dryRun ? DRY_RUN_MINUTES : ACTION_DEADLINE_MINUTES;
  const inserted = await tx.rows(INSERT_ACTION, [
    actor.tenantId,
    id,
    request.verb,
    instanceId,
    status,
    request.force,
    request.reason,
    actor.type,
    actor.id,
    actor.label,
    status === 'queued' ? `${minutes} minutes` : `${APPROVAL_HOURS} hours`,
    chosen.agentId,
    chosen.kind,
    chosen.level,
    chosen.ownHost,
    asksIdle ? (request.idle ? new Date(request.idle.sinceMs) : (subject.idle_asked_since ?? null)) : null,
    asksIdle ? (request.idle?.belowPercent ?? subject.idle_below_percent) : null,
    subject.generation,
    asksApproval(subject, request),
    subject.require_second_person,
    dryRun,
    asksIdle && subject.known_processes ? JSON.stringify(subject.known_processes) : null,
    request.policy?.id ?? null,
    request.policy?.version ?? null,
    request.evenBusy ?? false,
    request.accept ?? [],
    gate === null ? null : JSON.stringify(gate),
  ]);
  if (inserted.length > 0) return null;
  // another request won between our look and our insert; it has committed, or the insert would still be waiting
  const first = await tx.row<{ id: string; status: string }>(
    'SELECT a.id, a.status FROM flotilla.actions a WHERE a.tenant_id = $1 AND a.instance_id = $2 AND a.open',
    [actor.tenantId, instanceId],
  );
  return first ?? { id: 'another action', status: 'queued' };
}

// Idle is asked from shortly before the request on: what is busy now, or becomes busy while the action waits, is not
// stopped without force. The processes that use GPUs now are what the person (or the policy) knows of.
export const REQUEST_SUBJECT = `
  SELECT i.provider_id, i.cloud_provider, i.state, i.workload_state, i.protected, i.generation, i.simulated,
         t.require_approval, t.require_second_person, t.idle_below_percent,
         a.id AS open_action, a.status AS open_status, clock_timestamp() - interval '${IDLE_LOOKBACK_MINUTES} minutes' AS idle_asked_since,
         EXISTS (SELECT FROM flotilla.devices d
                  WHERE d.tenant_id = i.tenant_id AND d.instance_id = i.id AND d.kind <> 'host') AS has_gpu,
         EXISTS (SELECT FROM flotilla.devices d WHERE d.tenant_id = i.tenant_id AND d.instance_id = i.id) AS measured,
         (SELECT (SELECT coalesce(jsonb_agg(jsonb_build_object('device', e ->> 'device', 'pid', e -> 'pid',
                    'name', coalesce(e ->> 'name', ''),
                    'started_at_ms', (extract(epoch FROM (e ->> 'started_at')::timestamptz) * 1000)::bigint)), '[]')
                    FROM jsonb_array_elements(p.processes) AS e WHERE e ->> 'type' <> 'G')
            FROM flotilla.gpu_processes p
           WHERE p.tenant_id = i.tenant_id AND p.instance_id = i.id
             AND p.at > clock_timestamp() - interval '${PROCESSES_KNOWN_MINUTES} minutes') AS known_processes
    FROM flotilla.instances i
    JOIN flotilla.tenants t ON t.tenant_id = i.tenant_id
    LEFT JOIN flotilla.actions a ON a.tenant_id = i.tenant_id AND a.instance_id = i.id AND a.open
   WHERE i.tenant_id = $1 AND i.id = $2`;

const INSERT_ACTION = `
  WITH m AS (
    INSERT INTO flotilla.actions (tenant_id, id, verb, instance_id, status, force, reason, requester_type, requester_id,
      requester_label, deadline, agent_id, control_kind, level, own_host, idle_since, idle_below_percent,
      instance_generation, approval_required, second_person, transitions, dry_run, open, known_processes, policy_id,
      policy_version, even_busy, accepted, gate)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp() + $11::interval, $12::text::uuid, $13, $14, $15, $16, $17, $18,
      $19, $20, 1, $21, NOT $21::boolean, $22, $23, $24, $25, $26, $27)
    ON CONFLICT (tenant_id, instance_id) WHERE open DO NOTHING
    RETURNING tenant_id, id, status),
  told AS (
    INSERT INTO flotilla.action_transitions (tenant_id, action_id, seq, to_status, actor_type, actor_id, actor_label, note)
    SELECT m.tenant_id, m.id, 1, m.status, $8, $9, $10, $7 FROM m)
  SELECT m.id, ${NOTIFY_ACTION}, CASE WHEN m.status = 'queued' THEN pg_notify('${ACTIONS_CHANNEL}', $12::text) END FROM m`;
