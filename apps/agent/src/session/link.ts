import type { AgentMessageInput, ControlMessage } from '@flotilla/contracts/agent';
import type { Closed } from './closing.js';

/** One stream to the control plane, as the session sees it. */
export interface Link {
  /** @returns false when nothing more should be written before `onDrain` */
  write(message: AgentMessageInput): boolean;
  /** Ends our side in order. */
  end(): void;
  /** Ends it at once. */
  cancel(): void;
}

export interface LinkEvents {
  onMessage(message: ControlMessage): void;
  onDrain(): void;
  /** Called once, whoever ended it. */
  onClosed(closed: Closed): void;
}

/** Opens a stream with the credentials of the moment. */
export type OpenLink = (events: LinkEvents) => Link;
