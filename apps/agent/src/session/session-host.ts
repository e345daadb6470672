import type { AgentMessageInput, ConfigInput, HelloInput, Welcome } from '@flotilla/contracts/agent';
import type { QueryReply, Result } from '../executors/action-runner.js';
import type { ActionOffer } from '../executors/executor.js';
import type { SpoolEntry } from '../spool/entry.js';
import type { Verdict } from './closing.js';

/** What the session asks of the rest of the agent. */
export interface SessionHost {
  /** Everything of the hello but what the session itself knows. */
  hello(): HelloInput;
  heartbeat(): { spool: HelloInput['spool']; collectors: { name: string; state: string; message: string }[] };
  /** The inventory to send, or null while nothing is known yet. */
  inventory(): { hash: string; message: AgentMessageInput } | null;
  /** The newest values, or null when there are none. */
  live(): AgentMessageInput | null;
  welcomed(welcome: Welcome, roundTripMs: number): void;
  configured(config: ConfigInput): void;
  slow(intervalS: number): void;
  /** A person says that a GPU is repaired; kept when this returns. */
  clearHealth(device: string, by: string): void;
  /** The stream ended for this reason; returns once a new attempt may be made (a certificate was renewed). */
  closed(verdict: Verdict, wasLive: boolean): Promise<void>;
  /** The control plane refused an entry for good; null when it is not known any more what it held. */
  rejected(entry: SpoolEntry | null, reason: string): void;
  readonly actions: {
    offer(offer: ActionOffer): void;
    cancel(id: string): void;
    query(id: string): QueryReply;
    acknowledged(id: string): void;
    readonly running: string[];
    readonly unacknowledged: Result[];
  };
}
