import type { Actor, SystemTx, WriteTx } from '@flotilla/persistence';
import { NotificationOutbox } from '../notification-channels/index.js';
import type { ActionRequest, RequestSubject } from './action-request.js';
import { APPROVAL_HOURS } from './action-request.js';

const outbox = new NotificationOutbox();

/** Tells people that an action waits for one of them. It stands for itself: nobody is paged again when it is decided. */
export async function tellApprovalNeeded(
  tx: WriteTx,
  actor: Actor,
  id: string,
  request: ActionRequest,
  subject: RequestSubject,
  warnings: readonly { readonly check: string; readonly reason: string }[],
): Promise<void> {
  const who = request.policy ? `Policy ${request.policy.id}` : actor.label;
  const asked = `${who} asks to ${request.verb} ${subject.provider_id}`;
  await outbox.add(tx, {
    tenantId: actor.tenantId,
    kind: 'message',
    alertId: null,
    alertType: 'approval_needed',
    severity: 'medium',
    dedupKey: `approval:${id}`,
    title: `Approval needed: ${request.verb} ${subject.provider_id}`,
    text: `${asked}${request.reason ? `: ${request.reason}` : '.'} It expires in ${APPROVAL_HOURS} hours.`,
    fields: [
      ['Action', id],
      ['Instance', subject.provider_id],
      ['Asked by', who],
      ...(subject.require_second_person ? ([['Approval by', 'a second person']] as const) : []),
      ...warnings.slice(0, 5).map(({ check, reason }): [string, string] => [check, reason]),
    ],
    link: `/actions/${id}`,
    channelIds: null,
    at: new Date(),
    simulated: subject.simulated,
  });
}

/** Tells the same people that nobody answered in time, so that nothing is done. */
export async function tellApprovalExpired(
  tx: SystemTx,
  { tenant_id: tenantId, id, verb, instance_id: instanceId }: ExpiredAction,
): Promise<void> {
  const instance = await tx.row<{ provider_id: string; simulated: boolean }>(
    'SELECT i.provider_id, i.simulated FROM flotilla.instances i WHERE i.tenant_id = $1 AND i.id = $2',
    [tenantId, instanceId],
  );
  const { provider_id: providerId, simulated } = instance!;
  await outbox.add(tx, {
    tenantId,
    kind: 'message',
    alertId: null,
    alertType: 'approval_needed',
    severity: 'medium',
    simulated,
    dedupKey: `approval:${id}:expired`,
    title: `Nobody approved in time: ${verb} ${providerId}`,
    text: `The request to ${verb} ${providerId} waited ${APPROVAL_HOURS} hours for an approval and has expired: nothing was done. Whoever still wants it asks again.`,
    fields: [
      ['Action', id],
      ['Instance', providerId],
    ],
    link: `/actions/${id}`,
    channelIds: null,
    at: new Date(),
  });
}

interface ExpiredAction {
  readonly tenant_id: string;
  readonly id: string;
  readonly verb: string;
  readonly instance_id: number;
}
