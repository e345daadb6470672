import type { Event } from '@flotilla/contracts';
import { frame } from './stream.subscriber.js';
import type { StreamPlace, StreamSubscriber } from './stream.subscriber.js';

/** Events that a reader who lost its connection can still get. */
const MOST_KEPT = 500;

/** The readers of one tenant on this replica, and the last events that they were sent. */
export class StreamChannel {
  readonly subscribers = new Set<StreamSubscriber>();
  /** Things that changed and were not read yet. */
  readonly actions = new Set<string>();
  readonly instances = new Set<number>();
  readonly events = new Set<string>();
  readonly alerts = new Set<number>();
  /** Newest values sent, by device: unix milliseconds. */
  readonly liveAt = new Map<number, number>();
  emptySinceMs: number | null = null;
  private readonly kept: { readonly seq: number; readonly name: string; readonly text: string }[] = [];
  private seq = 0;
  private pulling = false;
  private pullAgain = false;

  constructor(
    readonly tenantId: string,
    /** Tells frames of this channel from those of another replica or another life. */
    private readonly life: string,
  ) {}

  /** The frame that was sent last. */
  get frameId(): string {
    return `${this.life}.${this.seq}`;
  }

  /** Sends to all; `resumable` events can be asked for again. */
  send(name: string, data: unknown, resumable: boolean): void {
    const text = frame(name, data);
    if (resumable) {
      this.kept.push({ seq: ++this.seq, name, text });
      if (this.kept.length > MOST_KEPT) this.kept.shift();
    }
    for (const subscriber of this.subscribers) subscriber.event(name, text, resumable ? this.frameId : null);
  }

  /** Whether what came after a place is still known here: not after a restart, nor on another replica. */
  knows({ life, frame: seq }: StreamPlace): boolean {
    return life === this.life && seq <= this.seq && (seq === this.seq || (this.kept[0]?.seq ?? Infinity) <= seq + 1);
  }

  /** Sends what came after a place that is known. */
  replay(subscriber: StreamSubscriber, { frame: seq }: StreamPlace): void {
    for (const event of this.kept) {
      if (event.seq > seq) subscriber.event(event.name, event.text, `${this.life}.${event.seq}`);
    }
  }

  /**
   * Sends each reader what it does not have of the log, in order. One reading at a time: what comes meanwhile is in the
   * next. Who does not read as quickly as the log is read waits, and holds up nobody.
   */
  async pull(after: (sequence: number) => Promise<readonly Event[]>): Promise<void> {
    if (this.pulling) return void (this.pullAgain = true);
    this.pulling = true;
    try {
      do {
        this.pullAgain = false;
        const ready = [...this.subscribers].filter((one) => one.keepsUp);
        if (ready.length === 0) continue;
        const events = await after(Math.min(...ready.map((one) => one.sequence)));
        for (const event of events) {
          const text = frame('log', event);
          for (const one of ready) one.logged(event, text, this.frameId);
        }
        if (events.length > 0) this.pullAgain = true;
      } while (this.pullAgain);
    } finally {
      this.pulling = false;
    }
    for (const one of this.subscribers) if (!one.keepsUp) one.whenRead(() => void this.pull(after));
  }
}
