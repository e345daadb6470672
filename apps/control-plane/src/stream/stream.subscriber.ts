import { matchesEventType } from '@flotilla/contracts';
import type { Event } from '@flotilla/contracts';
import type { Response } from 'express';

/** Bytes that may wait for a slow reader before it is dropped. */
const MOST_WAITING_BYTES = 1024 * 1024;
/** How long a dropped reader gets to read why. */
const LINGER_MS = 2_000;
/** Bytes that may wait before a reader gets no more of what happened earlier, until it has read them. */
const MOST_AHEAD_BYTES = 256 * 1024;

/** Where a reader stands, as Last-Event-ID brings it back. */
export interface StreamPlace {
  /** The last event of the log that it has, by `sequence`. */
  readonly log: number;
  /** Which life of which replica sent it, and how many of its resumable frames came before. */
  readonly life: string;
  readonly frame: number;
}

/** @returns null for what is none of ours */
export function placeOf(lastEventId: string): StreamPlace | null {
  const found = /^(\d{1,15})-([0-9a-f]{12})\.(\d{1,15})$/.exec(lastEventId);
  return found && { log: Number(found[1]), life: found[2]!, frame: Number(found[3]) };
}

/** One open event stream. Writes never wait: who does not read is dropped, and nobody else notices. */
export class StreamSubscriber {
  private ended = false;
  /** The last event of the log that was sent, or passed over. */
  private logAt = 0;

  constructor(
    readonly tenantId: string,
    private readonly wanted: ReadonlySet<string> | null,
    private readonly response: Response,
    /** Types of the log; null: all. */
    private readonly types: readonly string[] | null = null,
  ) {}

  /** Where in the log it stands. */
  get sequence(): number {
    return this.logAt;
  }

  /** Puts it where it is to go on, and tells so. */
  begin(sequence: number, frameId: string, data: unknown): void {
    this.logAt = sequence;
    this.write(frame('ready', data, `${sequence}-${frameId}`));
  }

  wants(...names: readonly string[]): boolean {
    return !this.wanted || names.some((name) => this.wanted!.has(name));
  }

  /** Whether it can be sent more of the log now. */
  get keepsUp(): boolean {
    return !this.ended && this.response.writableLength < MOST_AHEAD_BYTES;
  }

  whenRead(then: () => void): void {
    this.response.once('drain', then);
  }

  /**
   * Sends one event that was made ready for all readers: `text` is its frame.
   *
   * @param frameId what makes it resumable, with the place in the log; null: it is not
   */
  event(name: string, text: string, frameId: string | null = null): void {
    if (!this.wants(name)) return;
    this.write(frameId === null ? text : `id: ${this.logAt}-${frameId}\n${text}`);
  }

  /** Sends an event of the log that it does not have yet. */
  logged(event: Event, text: string, frameId: string): void {
    if (event.sequence <= this.logAt) return;
    this.logAt = event.sequence;
    if (!this.types || matchesEventType(this.types, event.type)) this.event('log', text, frameId);
  }

  /** Sends a frame whatever the reader asked for: heartbeats, `reset`. */
  write(text: string): void {
    if (this.ended) return;
    if (this.response.writableLength > MOST_WAITING_BYTES) {
      return this.end('slow', `more than ${MOST_WAITING_BYTES} bytes waited to be read; connect again and read faster`);
    }
    this.response.write(text);
  }

  /** Ends the stream and says why. */
  end(code: string, reason: string): void {
    if (this.ended) return;
    this.ended = true;
    this.response.end(frame('dropped', { code, reason }));
    setTimeout(() => this.response.destroy(), LINGER_MS).unref();
  }

  get closed(): boolean {
    return this.ended || this.response.closed;
  }
}

/** An event as it goes over the wire. `id` is what Last-Event-ID brings back. */
export function frame(name: string, data: unknown, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
