import type { Hello } from '@flotilla/contracts/agent';

/** What a stream goes through. */
export type SessionState = 'hello' | 'opening' | 'open' | 'closed';
export type BodyName = 'batch' | NonNullable<import('@flotilla/contracts/agent').AgentMessage['body']>;

/** What may come in which state. Between Hello and Welcome an agent has nothing to say that can be used. */
const ALLOWED: Readonly<Record<SessionState, readonly BodyName[]>> = {
  hello: ['hello'],
  opening: ['heartbeat', 'live'],
  open: ['batch', 'live', 'heartbeat', 'inventory', 'actionAccepted', 'actionResult', 'queryAnswer', 'healthCleared'],
  closed: [],
};

export const isAllowed = (state: SessionState, body: BodyName): boolean => ALLOWED[state].includes(body);

/** The protocol versions that this control plane speaks. */
export const PROTOCOL = { min: 1, max: 1 } as const;

/** A sentence about what is wrong with a Hello, or null. */
export function helloFault(hello: Hello, certifiedAgentId: string): string | null {
  if (hello.agentId !== '' && hello.agentId !== certifiedAgentId) {
    return `hello says agent ${hello.agentId.slice(0, 64)}, the certificate says ${certifiedAgentId}`;
  }
  if (!Number.isSafeInteger(hello.walEpoch) || hello.walEpoch < 1) return 'wal_epoch must be from 1 to 2^53 - 1';
  if (hello.maxProtocol < PROTOCOL.min || hello.minProtocol > PROTOCOL.max) {
    return (
      `this control plane speaks protocol ${PROTOCOL.min} to ${PROTOCOL.max}, the agent ${hello.minProtocol} to ` +
      `${hello.maxProtocol}: update ${hello.maxProtocol < PROTOCOL.min ? 'the agent' : 'the control plane'}`
    );
  }
  if (!Number.isFinite(hello.intervalS) || hello.intervalS < 0) return 'interval_s must be a number of seconds';
  return null;
}

/** How an agent's clock differs from ours, in milliseconds; positive: ahead. Bounded to what the column holds. */
export function clockSkewMs(agentNowMs: number, serverNowMs: number): number | null {
  if (!Number.isFinite(agentNowMs) || agentNowMs <= 0) return null;
  return Math.trunc(Math.max(-2_147_483_647, Math.min(2_147_483_647, agentNowMs - serverNowMs)));
}
