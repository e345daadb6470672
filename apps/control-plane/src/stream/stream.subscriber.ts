import type { Response } from 'express';

/** Bytes that may wait for a slow reader before it is dropped. */
const MOST_WAITING_BYTES = 1024 * 1024;
/** How long a dropped reader gets to read why. */
const LINGER_MS = 2_000;

/** One open event stream. Writes never wait: who does not read is dropped, and nobody else notices. */
export class StreamSubscriber {
  private ended = false;

  constructor(
    readonly tenantId: string,
    private readonly wanted: ReadonlySet<string> | null,
    private readonly response: Response,
  ) {}

  /** Sends one event that was made ready for all readers: `text` is its frame. */
  event(name: string, text: string): void {
    if (this.wanted && !this.wanted.has(name)) return;
    this.write(text);
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
