import type { AgentMessageInput, ControlMessage } from '@flotilla/contracts/agent';
import type { Link, LinkEvents } from '../../apps/agent/src/session/link.js';

/** The far end of one stream, held by the test. */
export class FarEnd implements Link {
  readonly received: AgentMessageInput[] = [];
  /** What `write` answers: false is "stop until drain". */
  takes = true;
  ended = false;

  constructor(readonly events: LinkEvents) {}

  write(message: AgentMessageInput): boolean {
    this.received.push(message);
    return this.takes;
  }
  end(): void {
    this.ended = true;
  }
  cancel(): void {
    this.events.onClosed({ code: 1, details: '', retryAfterMs: null });
  }

  say(message: object): void {
    this.events.onMessage({ epoch: 7, ...message } as ControlMessage);
  }
  welcome(more: object = {}): void {
    this.say({
      welcome: {
        epoch: 7,
        ackedSeq: 0,
        heartbeatS: 15,
        window: 2,
        serverTimeMs: 0,
        inventoryHash: '',
        config: null,
        ...more,
      },
    });
  }
  of<K extends keyof AgentMessageInput>(kind: K): NonNullable<AgentMessageInput[K]>[] {
    return this.received.flatMap((message) =>
      message[kind] ? [message[kind] as NonNullable<AgentMessageInput[K]>] : [],
    );
  }
}
