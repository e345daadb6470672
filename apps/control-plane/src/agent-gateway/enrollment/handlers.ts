import { status } from '@grpc/grpc-js';
import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import type { AgentEnrollmentHandlers } from '@flotilla/contracts/agent';
import { CallError, isAway, toStatus } from '../grpc/status.js';
import type { GatewayLog } from '../grpc/log.js';
import { addressOf, certifiedPeer } from '../grpc/peer.js';
import { enroll } from './enroll.js';
import type { EnrollmentDeps } from './enroll.js';
import { leave } from './leave.js';
import { renew } from './renew.js';
import { Throttle } from './throttle.js';

/** Enrolments of one address: enough for a rack behind one NAT, too few to guess or to burn the processor. */
const BURST = 60;
const PER_MINUTE = 120;

/** The unary methods. Certificates are made a few at a time, so that streams are not starved of the processor. */
export function enrollmentHandlers(
  deps: EnrollmentDeps & { readonly log: GatewayLog; readonly now?: () => number },
): AgentEnrollmentHandlers {
  const throttle = new Throttle(BURST, PER_MINUTE);
  const renewals = new Throttle(5_000, 6_000);
  const now = deps.now ?? Date.now;

  const answer = async <I, O>(
    call: ServerUnaryCall<I, O>,
    callback: sendUnaryData<O>,
    limit: Throttle,
    work: (request: I, address: string | null) => Promise<O>,
  ) => {
    const address = addressOf(call.getPeer());
    try {
      const waitMs = limit.take(address ?? 'unknown');
      if (waitMs > 0) {
        throw new CallError(
          status.RESOURCE_EXHAUSTED,
          'too many enrolments from this address; try again later',
          waitMs,
        );
      }
      callback(null, await work(call.request, address));
    } catch (error) {
      if (!(error instanceof CallError)) {
        deps.log[isAway(error) ? 'warn' : 'error']({ err: error, address }, 'an enrolment call failed');
      } else deps.log.info({ address, reason: error.message }, 'an enrolment call was refused');
      callback(toStatus(error));
    }
  };

  return {
    Enroll: (call, callback) =>
      void answer(call, callback, throttle, (request, address) => enroll(deps, request, address)),
    Renew: (call, callback) =>
      void answer(call, callback, renewals, (request) =>
        renew(deps, request, certifiedPeer(call, now())?.agent ?? null, now()),
      ),
    Leave: (call, callback) => void answer(call, callback, renewals, () => leave(deps, certifiedPeer(call, now()))),
  } as AgentEnrollmentHandlers;
}
