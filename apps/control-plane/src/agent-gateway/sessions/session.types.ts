import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { ControlMessageInput } from '@flotilla/contracts/agent';
import type { AgentRef } from '@flotilla/domain';
import type { ActionDispatch, Controllers } from '../../actions/index.js';
import type { GpuHealthService, GpuProcesses } from '../../instances/index.js';
import type { GatewayOptions } from '../agent-gateway.options.js';
import type { Gate } from './gate.js';
import type { IntakeDeps } from './intake.js';
import type { Incoming } from './incoming.js';
import type { Session } from './session.js';
import type { Claim, Claimed } from './sessions.store.js';

export type AgentCall = ServerDuplexStream<Incoming, ControlMessageInput>;

/** Who is at the other end, by its certificate. */
export interface Peer {
  readonly agent: AgentRef;
  readonly address: string | null;
  /** Unix milliseconds when its certificate ends; null on a listener without TLS. */
  readonly notAfterMs: number | null;
  readonly keySha256: Buffer | null;
}

/** What every stream of this replica shares. */
export interface SessionDeps extends IntakeDeps {
  readonly actions: ActionDispatch;
  readonly controllers: Controllers;
  readonly processes: GpuProcesses;
  readonly health: Pick<GpuHealthService, 'taken'>;
  readonly writes: Gate;
  readonly options: GatewayOptions;
  /** Makes the stream its agent's only one. undefined: not there, revoked or suspended. */
  readonly claim: (claim: Claim) => Promise<Claimed | undefined>;
  /** What of a spool is stored. */
  readonly position: (agent: AgentRef, walEpoch: number) => Promise<number>;
  /** The stream is open: others of the same agent end, actions may be offered. */
  readonly onOpen: (session: Session) => void;
  readonly onClosed: (session: Session, reason: string) => void;
}
