import type { Log } from '../log.js';
import { backoffMs } from '../session/backoff.js';
import { EnrolmentError } from './enrol.js';
import { UntrustedServerError } from './presented-chain.js';
import type { Trust } from './trust.js';

/** gRPC codes of an enrolment that no repetition mends: the token is wrong, used up or ended. */
const FINAL_CODES = [3, 5, 7, 9, 16];

/**
 * Enrols, again and again while the server is out of reach.
 *
 * @throws EnrolmentError, UntrustedServerError when trying again would not help
 */
export async function enrolWithPatience(trust: Trust, hasEnded: () => boolean, log: Log): Promise<void> {
  for (let failures = 1; !hasEnded(); failures++) {
    try {
      return await trust.enrol();
    } catch (error) {
      const isFinal =
        error instanceof UntrustedServerError ||
        (error instanceof EnrolmentError && (error.code === null || FINAL_CODES.includes(error.code)));
      if (isFinal) throw error;
      const waitMs = backoffMs(failures, Math.random());
      log.warn({ retry_in_ms: waitMs }, `the host could not be enrolled yet: ${(error as Error).message}`);
      await new Promise<void>((resolve) => void setTimeout(resolve, waitMs));
    }
  }
}
