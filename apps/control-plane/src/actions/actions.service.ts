import { Injectable } from '@nestjs/common';
import { ACTION_DEADLINE_MINUTES, missingControllerMessage, nothingToDo, refusal } from '@flotilla/domain';
import type { ActionStatus, ActionVerb, ControllerCandidate } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { Actor, WriteTx } from '@flotilla/persistence';
import { AppError, notFound } from '../platform/index.js';
import { newActionId } from './action-id.js';
import { ACTIONS_CHANNEL } from './actions.channel.js';
import { actionsStore, NOTIFY_ACTION } from './actions.store.js';
import type { ActionRow } from './actions.store.js';
import { Controllers } from './controllers.js';

/** How long an action waits for a person. */
export const APPROVAL_HOURS = 24;

/** Hosts judge whole minutes: two make sure that a finished one is among them. */
const IDLE_LOOKBACK_MINUTES = 2;

export interface ActionRequest {
  readonly verb: ActionVerb;
  readonly reason: string | null;
  /** Skips the idle precondition; never protection or approval. */
  readonly force: boolean;
}

/** Requests and decisions of people. */
@Injectable()
export class ActionsService {
  constructor(
    private readonly db: Db,
    private readonly controllers: Controllers,
  ) {}

  /**
   * Puts an action in the queue, inside the transaction that found the instance.
   *
   * @throws AppError CONFLICT when nobody can act, nothing is to be done, the instance is protected, or another action
   *   of it is open (of any number of racing requests one wins)
   */
  async request(tx: WriteTx, actor: Actor, instanceId: number, request: ActionRequest): Promise<QueuedAction> {
    const subject = await tx.row<RequestSubject & Record<string, unknown>>(REQUEST_SUBJECT, [
      actor.tenantId,
      instanceId,
    ]);
    if (!subject) throw notFound('instance', instanceId);
    const instance = {
      providerId: subject.provider_id,
      cloudProvider: subject.cloud_provider,
      state: subject.state,
      workloadState: subject.workload_state,
      protected: subject.protected,
    };
    const against = refusal(instance, request.verb);
    if (against) throw new AppError('CONFLICT', against, { field: 'instance', value: subject.provider_id });
    if (subject.open_action) throw secondAction(subject.provider_id, subject.open_action, subject.open_status!);
    const { chosen, candidates } = await this.controllers.best(tx, actor.tenantId, instanceId, request.verb);
    const done = nothingToDo(instance, request.verb, chosen?.level ?? 'power');
    if (done) throw new AppError('CONFLICT', done, { field: 'state', value: instance.state });
    if (!chosen) throw noController(request.verb, instance, candidates);
    const id = newActionId();
    const status: ActionStatus = subject.require_approval ? 'pending_approval' : 'queued';
    const asksIdle = request.verb === 'stop' && !request.force && subject.has_gpu;
    await this.insert(tx, actor, id, status, request, chosen, subject, instanceId, asksIdle);
    await tx.record(
      'action.requested',
      { type: 'action', id },
      {
        verb: request.verb,
        instance_id: instanceId,
        provider_id: subject.provider_id,
        status,
        force: request.force,
        reason: request.reason,
        controller: chosen.kind,
        agent_id: chosen.agentId,
      },
    );
    return { action_id: id, status };
  }

  /** @throws AppError CONFLICT in any status but pending_approval, or when the tenant asks for a second person */
  async approve(actor: Actor, id: string, comment: string | null): Promise<QueuedAction> {
    return this.db.write(actor, async (tx) => {
      const action = await this.load(tx, actor, id);
      expectStatus(action, ['pending_approval'], 'approved');
      if (action.deadline_passed)
        throw new AppError('CONFLICT', `Action ${id} waited for approval too long and expires now. Request it again.`, {
          field: 'status',
          value: 'expired',
        });
      if (action.second_person && isRequester(action, actor)) {
        throw new AppError('CONFLICT', `Action ${id} needs a second person: who requested it cannot approve it.`, {
          field: 'requester',
          value: actor.label,
        });
      }
      await this.controllersStillThere(tx, action);
      await actionsStore.step(tx, action, 'queued', moverOf(actor), comment ?? 'approved', {
        sql: `decision = 'approved', decided_at = clock_timestamp(), decided_by_type = $9, decided_by_id = $10,
          decided_by_label = $11, decision_comment = $12, deadline = clock_timestamp() + interval '${ACTION_DEADLINE_MINUTES} minutes'`,
        values: [actor.type, actor.id, actor.label, comment],
      });
      await tx.record('action.approved', { type: 'action', id }, { comment });
      await tx.notify(ACTIONS_CHANNEL, action.agent_id);
      return { action_id: id, status: 'queued' };
    });
  }

  async reject(actor: Actor, id: string, comment: string | null): Promise<QueuedAction> {
    return this.end(actor, id, 'rejected', ['pending_approval'], comment);
  }

  /**
   * Takes an action back. An offer that is out is void from now on; if its host had accepted it in the same moment, its
   * result is still kept and the instance follows it.
   */
  async cancel(actor: Actor, id: string, comment: string | null): Promise<QueuedAction> {
    return this.end(actor, id, 'cancelled', ['pending_approval', 'queued', 'dispatched'], comment);
  }

  private async end(
    actor: Actor,
    id: string,
    to: 'rejected' | 'cancelled',
    from: readonly ActionStatus[],
    comment: string | null,
  ): Promise<QueuedAction> {
    return this.db.write(actor, async (tx) => {
      const action = await this.load(tx, actor, id);
      expectStatus(action, from, to);
      const offered = action.fence > 0;
      await actionsStore.step(tx, action, to, moverOf(actor), comment ?? to, {
        sql: `decision = $3, decided_at = clock_timestamp(), decided_by_type = $9, decided_by_id = $10,
          decided_by_label = $11, decision_comment = $12, cancel_pending = ${offered}`,
        values: [actor.type, actor.id, actor.label, comment],
      });
      await tx.record(`action.${to}`, { type: 'action', id }, { comment });
      if (offered) await tx.notify(ACTIONS_CHANNEL, action.agent_id);
      return { action_id: id, status: to };
    });
  }

  private async load(tx: WriteTx, actor: Actor, id: string): Promise<ActionRow> {
    const action = await actionsStore.lock(tx, actor.tenantId, id);
    if (!action) throw notFound('action', id);
    return action;
  }

  /** While it waited, the instance may have been protected or terminated. */
  private async controllersStillThere(tx: WriteTx, action: ActionRow): Promise<void> {
    const subject = await tx.row<RequestSubject & Record<string, unknown>>(REQUEST_SUBJECT, [
      action.tenant_id,
      action.instance_id,
    ]);
    const against =
      subject &&
      refusal(
        {
          providerId: subject.provider_id,
          state: subject.state,
          workloadState: subject.workload_state,
          protected: subject.protected,
        },
        action.verb,
      );
    if (against) throw new AppError('CONFLICT', against, { field: 'instance', value: subject.provider_id });
  }

  private async insert(
    tx: WriteTx,
    actor: Actor,
    id: string,
    status: ActionStatus,
    request: ActionRequest,
    chosen: ControllerCandidate,
    subject: RequestSubject,
    instanceId: number,
    asksIdle: boolean,
  ): Promise<void> {
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
      status === 'queued' ? `${ACTION_DEADLINE_MINUTES} minutes` : `${APPROVAL_HOURS} hours`,
      chosen.agentId,
      chosen.kind,
      chosen.level,
      chosen.ownHost,
      asksIdle ? (subject.idle_asked_since ?? null) : null,
      asksIdle ? subject.idle_below_percent : null,
      subject.generation,
      subject.require_approval,
      subject.require_second_person,
    ]);
    if (inserted.length > 0) return;
    // another request won between our look and our insert; it has committed, or the insert would still be waiting
    const first = await tx.row<{ id: string; status: string }>(
      'SELECT a.id, a.status FROM flotilla.actions a WHERE a.tenant_id = $1 AND a.instance_id = $2 AND a.open',
      [actor.tenantId, instanceId],
    );
    throw secondAction(subject.provider_id, first?.id ?? 'another action', first?.status ?? 'queued');
  }
}

/** What a request answers. */
export interface QueuedAction {
  readonly action_id: string;
  readonly status: ActionStatus;
}

interface RequestSubject {
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
  readonly has_gpu: boolean;
  readonly idle_asked_since: Date | null;
}

// Idle is asked from shortly before the request on: what is busy now, or becomes busy while the action waits, is not
// stopped without force.
const REQUEST_SUBJECT = `
  SELECT i.provider_id, i.cloud_provider, i.state, i.workload_state, i.protected, i.generation,
         t.require_approval, t.require_second_person, t.idle_below_percent,
         a.id AS open_action, a.status AS open_status, clock_timestamp() - interval '${IDLE_LOOKBACK_MINUTES} minutes' AS idle_asked_since,
         EXISTS (SELECT FROM flotilla.devices d
                  WHERE d.tenant_id = i.tenant_id AND d.instance_id = i.id AND d.kind <> 'host') AS has_gpu
    FROM flotilla.instances i
    JOIN flotilla.tenants t ON t.tenant_id = i.tenant_id
    LEFT JOIN flotilla.actions a ON a.tenant_id = i.tenant_id AND a.instance_id = i.id AND a.open
   WHERE i.tenant_id = $1 AND i.id = $2`;

const INSERT_ACTION = `
  WITH m AS (
    INSERT INTO flotilla.actions (tenant_id, id, verb, instance_id, status, force, reason, requester_type, requester_id,
      requester_label, deadline, agent_id, control_kind, level, own_host, idle_since, idle_below_percent,
      instance_generation, approval_required, second_person, transitions)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp() + $11::interval, $12::text::uuid, $13, $14, $15, $16, $17, $18,
      $19, $20, 1)
    ON CONFLICT (tenant_id, instance_id) WHERE open DO NOTHING
    RETURNING tenant_id, id, status),
  told AS (
    INSERT INTO flotilla.action_transitions (tenant_id, action_id, seq, to_status, actor_type, actor_id, actor_label, note)
    SELECT m.tenant_id, m.id, 1, m.status, $8, $9, $10, $7 FROM m)
  SELECT m.id, ${NOTIFY_ACTION}, CASE WHEN m.status = 'queued' THEN pg_notify('${ACTIONS_CHANNEL}', $12::text) END FROM m`;

function secondAction(providerId: string, id: string, status: string): AppError {
  return new AppError(
    'CONFLICT',
    `Instance ${providerId} already has an open action: ${id} is ${status}. Wait for it or cancel it.`,
    { field: 'instance', value: providerId, action_id: id, status },
  );
}

function noController(
  verb: ActionVerb,
  instance: { providerId: string; cloudProvider: string },
  candidates: readonly ControllerCandidate[],
): AppError {
  return new AppError('CONFLICT', missingControllerMessage(verb, instance, candidates), {
    field: 'controller',
    expected: `a connected controller that can ${verb} it`,
    known: candidates.map((c) => ({
      agent_id: c.agentId,
      host: c.agentLabel,
      kind: c.kind,
      verbs: c.verbs,
      reach: c.reach,
    })),
  });
}

function expectStatus(action: ActionRow, from: readonly ActionStatus[], to: string): void {
  if (from.includes(action.status)) return;
  throw new AppError('CONFLICT', `Action ${action.id} is ${action.status}: it can no longer be ${to}.`, {
    field: 'status',
    value: action.status,
    expected: from.join(' or '),
  });
}

/** Keys of one person are that person only as far as we can know: the same key, or the same user. */
const isRequester = (action: ActionRow, actor: Actor): boolean =>
  action.requester_type === actor.type && action.requester_id === actor.id;

const moverOf = (actor: Actor) => ({ type: actor.type, id: actor.id, label: actor.label });
