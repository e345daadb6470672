import { AwsCredentialsError } from '@flotilla/providers/aws';
import { Ec2Error, isUncertain, isWithoutCapacity } from '@flotilla/providers/aws-ec2';
import type { Ec2Client, Ec2Instance } from '@flotilla/providers/aws-ec2';
import { HttpFailure } from '@flotilla/providers/http';
import type { StepAnswer } from '../executor.js';

const SETTLED = { stop: 'stopped', start: 'running' } as const;
/** Between looks: soon at first. */
const PAUSES_MS = [500, 1_000, 3_000] as const;
const pauseMs = (n: number): number => PAUSES_MS[Math.min(n, PAUSES_MS.length - 1)] as number;

/** Errors that say no for good: the request reached EC2 and nothing was done. */
const REFUSALS: readonly string[] = [
  'UnauthorizedOperation',
  'OperationNotPermitted',
  'UnsupportedOperation',
  'UnsupportedHibernationConfiguration',
  'InvalidInstanceID.NotFound',
  'InvalidInstanceID.Malformed',
  'AuthFailure',
  'SignatureDoesNotMatch',
  'OptInRequired',
  'Blocked',
  'PendingVerification',
];

/**
 * Asks EC2 for the change, once. While the instance is between two states EC2 refuses it (IncorrectInstanceState): that
 * did nothing, so it is asked again when the instance has come to rest.
 *
 * @param pause rejects when the time is over
 */
export async function askForChange(
  client: Ec2Client,
  verb: 'start' | 'stop',
  id: string,
  pause: (ms: number) => Promise<void>,
  signal: AbortSignal,
): Promise<StepAnswer> {
  for (;;) {
    try {
      const { before, now } = await client[verb](id, signal);
      return { how: 'done', said: `EC2 took it: ${before} → ${now}` };
    } catch (error) {
      if (!(error instanceof Ec2Error) || error.code !== 'IncorrectInstanceState') return answerFor(error, verb);
      const rested = await rest(client, id, pause, signal);
      if (rested?.state === SETTLED[verb]) return { how: 'done', said: `it came to be ${rested.state} by itself` };
      if (rested?.state !== (verb === 'stop' ? 'running' : 'stopped')) return answerFor(error, verb);
    }
  }
}

/** Waits while it is between two states. */
async function rest(
  client: Ec2Client,
  id: string,
  pause: (ms: number) => Promise<void>,
  signal: AbortSignal,
): Promise<Ec2Instance | null> {
  for (let n = 0; ; n++) {
    await pause(pauseMs(n));
    const seen = await client.instance(id, signal);
    if (seen?.state !== 'pending' && seen?.state !== 'stopping') return seen;
  }
}

/** What an error says about whether it was done, and what a person can do about it. */
export function answerFor(error: unknown, verb: 'start' | 'stop'): StepAnswer {
  if (error instanceof Ec2Error) {
    const said = `EC2 said ${error.code}: ${error.message}`;
    if (isWithoutCapacity(error)) {
      return {
        how: 'failed',
        said: `${said}. Nobody has a machine of this type for it now: it stays stopped. Ask again later, or keep capacity reserved for it`,
      };
    }
    if (REFUSALS.includes(error.code)) return { how: 'refused', said };
    return { how: isUncertain(error) ? 'uncertain' : 'failed', said };
  }
  if (error instanceof HttpFailure) {
    return error.mayHaveArrived
      ? { how: 'uncertain', said: `whether EC2 took it is not known: ${error.message}` }
      : { how: 'failed', said: `EC2 was not reached, so nothing was done: ${error.message}` };
  }
  if (error instanceof AwsCredentialsError) return { how: 'failed', said: error.message };
  const said = error instanceof Error ? error.message : String(error);
  return { how: 'uncertain', said: `${verb} broke off: ${said}` };
}

/**
 * After a start was taken: EC2 may still find that it has no machine, and put the instance back to `stopped`.
 *
 * @returns what EC2 said of it; null while it starts or runs
 */
export async function lateRefusal(
  client: Ec2Client,
  id: string,
  reasonBefore: string | null,
  pause: (ms: number) => Promise<void>,
  tries: number,
): Promise<string | null> {
  let begun = false;
  for (let n = 0; n < tries; n++) {
    await pause(pauseMs(n));
    const seen = await client.instance(id);
    if (seen?.state === 'running') return null;
    begun ||= seen?.state === 'pending';
    // a reason of an earlier try proves nothing until this one was seen to begin
    const fresh = begun || seen?.stateReason !== reasonBefore;
    if (seen?.state === 'stopped' && fresh && seen.stateReason?.startsWith('Server.')) return seen.stateReason;
  }
  return null;
}
