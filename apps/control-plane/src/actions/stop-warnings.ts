import { HARM_CHECKS } from '@flotilla/domain';
import type { CheckResult, ControllerCandidate } from '@flotilla/domain';
import type { Actor, WriteTx } from '@flotilla/persistence';
import { AppError } from '../platform/index.js';
import { gateOnWire, StopGate } from '../stop-gate/index.js';
import type { ActionRequest } from './action-request.js';

export interface StopWarning {
  readonly check: string;
  readonly reason: string;
}

/**
 * What the gate says when a stop is requested. A person is told all of it, and may do it all the same: only a loss that
 * nobody sees coming (disks, a scaling group, jobs) has to be accepted by name, or forced, with a reason.
 *
 * @throws AppError CONFLICT when such a loss was neither accepted nor forced; VALIDATION_ERROR when it was, without a reason
 */
export async function askGate(
  tx: WriteTx,
  actor: Actor,
  instanceId: number,
  request: ActionRequest,
  chosen: ControllerCandidate,
): Promise<{ readonly gate: object | null; readonly warnings: StopWarning[] }> {
  if (request.verb !== 'stop' || request.dryRun === true) return { gate: null, warnings: [] };
  const question = {
    tenantId: actor.tenantId,
    instanceId,
    reason: request.policy ? ('policy' as const) : ('asked' as const),
    idleSinceMs: request.idle?.sinceMs ?? null,
    belowPercent: request.idle?.belowPercent ?? null,
    evenBusy: request.evenBusy ?? false,
    workload: chosen.level === 'workload',
  };
  const bare = await StopGate.judge(tx, question);
  if (!bare) return { gate: null, warnings: [] };
  const isHarm = ({ check, verdict, blocks }: CheckResult) =>
    blocks && verdict === 'refuse' && HARM_CHECKS.includes(check);
  const harms = bare.checks.filter(isHarm);
  if (!request.policy && harms.length > 0) assertAccepted(harms, request);
  const warnings = bare.checks
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ check, reason }) => ({ check, reason }));
  return { gate: gateOnWire(bare), warnings };
}

function assertAccepted(harms: readonly CheckResult[], request: ActionRequest): void {
  const open = harms.filter(({ check }) => !request.accept?.includes(check));
  const checks = harms.map(({ check, reason }) => ({ check, reason }));
  if (open.length > 0 && !request.force) {
    const names = open.map(({ check }) => `"${check}"`).join(', ');
    throw new AppError(
      'CONFLICT',
      `${open.map(({ reason }) => reason).join(' ')} If that is meant, ask again with "accept": [${names}] and a reason.`,
      { field: 'accept', checks },
    );
  }
  if (request.reason === null) {
    throw new AppError('VALIDATION_ERROR', 'Say why in "reason": this stop loses something for good.', {
      field: 'reason',
      expected: 'why the loss is accepted',
      checks,
    });
  }
}
