import { frame } from './stream.subscriber.js';
import type { StreamSubscriber } from './stream.subscriber.js';

/** Events that a reader who lost its connection can still get. */
const MOST_KEPT = 500;

/** The readers of one tenant on this replica, and the last events that they were sent. */
export class StreamChannel {
  readonly subscribers = new Set<StreamSubscriber>();
  /** Things that changed and were not read yet. */
  readonly actions = new Set<string>();
  readonly instances = new Set<number>();
  readonly events = new Set<string>();
  /** Newest values sent, by device: unix milliseconds. */
  readonly liveAt = new Map<number, number>();
  emptySinceMs: number | null = null;
  private readonly kept: { readonly seq: number; readonly name: string; readonly text: string }[] = [];
  private seq = 0;

  constructor(
    readonly tenantId: string,
    /** Tells event ids of this channel from those of another replica or another life. */
    private readonly life: string,
  ) {}

  /** Sends to all; `resumable` events can be asked for again. */
  send(name: string, data: unknown, resumable: boolean): void {
    let text: string;
    if (resumable) {
      const seq = ++this.seq;
      text = frame(name, data, `${this.life}.${seq}`);
      this.kept.push({ seq, name, text });
      if (this.kept.length > MOST_KEPT) this.kept.shift();
    } else {
      text = frame(name, data);
    }
    for (const subscriber of this.subscribers) subscriber.event(name, text);
  }

  /** Sends what came after `lastEventId`. @returns false when that is not known any more: the reader must load anew */
  replay(subscriber: StreamSubscriber, lastEventId: string): boolean {
    const [life, text] = lastEventId.split('.');
    const seq = Number(text);
    if (life !== this.life || !Number.isSafeInteger(seq) || seq > this.seq) return false;
    if (seq < this.seq && (this.kept[0]?.seq ?? Infinity) > seq + 1) return false;
    for (const event of this.kept) if (event.seq > seq) subscriber.event(event.name, event.text);
    return true;
  }
}
