import { Injectable } from '@nestjs/common';
import { ACTION_DEADLINE_MINUTES, missingControllerMessage, nothingToDo, refusal } from '@flotilla/domain';
import type { ActionStatus, ActionVerb, ControllerCandidate } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { Actor, WriteTx } from '@flotilla/persistence';
import { AppError, notFound } from '../platform/index.js';
import { newActionId } from './action-id.js';
import { asksApproval, insertAction, REQUEST_SUBJECT } from './action-request.js';
import type { ActionRequest, RequestSubject } from './action-request.js';
import { tellApprovalNeeded } from './approval-notices.js';
import { assertMayApprove } from './approver.js';
import { ACTIONS_CHANNEL } from './actions.channel.js';
import { actionsStore } from './actions.store.js';
import type { ActionRow } from './actions.store.js';
import { Controllers } from './controllers.js';
import { askGate } from './stop-warnings.js';
import type { StopWarning } from './stop-warnings.js';

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
    const dryRun = request.dryRun ?? false;
    if (subject.open_action && !dryRun)
      throw secondAction(subject.provider_id, subject.open_action, subject.open_status!);
    const { chosen, candidates } = await this.controllers.best(tx, actor.tenantId, instanceId, request.verb);
    const done = nothingToDo(instance, request.verb, chosen?.level ?? 'power');
    if (done && !dryRun) throw new AppError('CONFLICT', done, { field: 'state', value: instance.state });
    if (!chosen) throw noController(request.verb, instance, candidates);
    const status: ActionStatus = asksApproval(subject, request) ? 'pending_approval' : 'queued';
    assertReason(request, status);
    const { gate, warnings } = await askGate(tx, actor, instanceId, request, chosen);
    const id = newActionId();
    const first = await insertAction(tx, actor, { id, status, instanceId, request, chosen, subject, gate });
    if (first) throw secondAction(subject.provider_id, first.id, first.status);
    await tx.record(
      'action.requested',
      { type: 'action', id },
      {
        verb: request.verb,
        instance_id: instanceId,
        provider_id: subject.provider_id,
        status,
        force: request.force,
        ...(dryRun ? { dry_run: true } : {}),
        ...(request.policy && { policy_id: request.policy.id, policy_version: request.policy.version }),
        reason: request.reason,
        controller: chosen.kind,
        agent_id: chosen.agentId,
      },
    );
    if (status === 'pending_approval') await tellApprovalNeeded(tx, actor, id, request, subject, warnings);
    return { action_id: id, status, ...(warnings.length > 0 && { warnings }) };
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
      await assertMayApprove(tx, action, actor);
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
    if (subject && subject.generation !== action.instance_generation) {
      throw new AppError(
        'CONFLICT',
        `Instance ${subject.provider_id} was started or stopped since action ${action.id} was requested. Reject it, look, and request it again.`,
        { field: 'instance', value: subject.provider_id },
      );
    }
  }
}

/** What a request answers. */
export interface QueuedAction {
  readonly action_id: string;
  readonly status: ActionStatus;
  /** Of a stop: what an automatic one would be refused for. */
  readonly warnings?: StopWarning[];
}

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

/** Who has to agree must know what for. */
function assertReason(request: ActionRequest, status: ActionStatus): void {
  if (status !== 'pending_approval' || request.reason) return;
  throw new AppError('VALIDATION_ERROR', 'Say why in "reason": somebody has to approve this, and reads it first.', {
    field: 'reason',
    expected: 'why it is asked for',
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

const moverOf = (actor: Actor) => ({ type: actor.type, id: actor.id, label: actor.label });
