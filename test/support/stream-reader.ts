import type { TestApp } from './app.js';

export interface StreamedEvent {
  readonly id: string | null;
  readonly name: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into events of every shape
  readonly data: any;
}

/** Reads an event stream until it is closed. */
export class StreamReader {
  readonly events: StreamedEvent[] = [];
  status = 0;
  private readonly abort = new AbortController();

  static async open(
    app: TestApp,
    as: string,
    options: { query?: string; lastEventId?: string } = {},
  ): Promise<StreamReader> {
    const reader = new StreamReader();
    const response = await fetch(`${app.url}/api/stream${options.query ?? ''}`, {
      headers: { authorization: `Bearer ${as}`, ...(options.lastEventId && { 'last-event-id': options.lastEventId }) },
      signal: reader.abort.signal,
    });
    reader.status = response.status;
    void reader.pump(response.body!).catch(() => undefined);
    return reader;
  }

  private async pump(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      const frames = text.split('\n\n');
      text = frames.pop()!;
      for (const frame of frames) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1] ?? null;
        if (field('event'))
          this.events.push({ id: field('id'), name: field('event')!, data: JSON.parse(field('data')!) });
      }
    }
  }

  async find(name: string, matches: (event: StreamedEvent) => boolean = () => true): Promise<StreamedEvent> {
    for (let i = 0; i < 200; i++) {
      const found = this.events.find((event) => event.name === name && matches(event));
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`no ${name} among ${JSON.stringify(this.events)}`);
  }

  close(): void {
    this.abort.abort();
  }
}
