import { createParser } from 'eventsource-parser';
import { sessions } from './session';

export interface StreamMessage {
  readonly event: string;
  readonly data: unknown;
}
type Listener = (message: StreamMessage) => void;
export type Liveness = 'connecting' | 'live' | 'away';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
/** A connection that held this long was a good one: that it ends is no failure yet, as when its access token does. */
const GOOD_MS = 5_000;
/** The server sends a heartbeat every 15 s: a silence of twice that is a connection that nobody closed. */
const SILENCE_MS = 35_000;

/**
 * The control plane's event stream, one connection for the whole page; goes on where it stopped (Last-Event-ID).
 * fetch instead of EventSource, which cannot send the access token in a header.
 */
class EventStream {
  private readonly listeners = new Set<Listener>();
  private readonly watchers = new Set<() => void>();
  private abort: AbortController | undefined;
  private lastEventId: string | undefined;
  private state: Liveness = 'connecting';

  readonly liveness = (): Liveness => this.state;
  readonly watch = (watcher: () => void) => {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  };

  /** @returns takes the listener back; the last one closes the connection */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    if (!this.abort) void this.run((this.abort = new AbortController()).signal);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      this.abort?.abort();
      this.abort = undefined;
    };
  }

  private async run(ended: AbortSignal): Promise<void> {
    let wait = FIRST_WAIT_MS;
    while (!ended.aborted) {
      const began = performance.now();
      try {
        await this.connect(ended);
      } catch {
        // the loop tries again; the banner says that nothing is live
      }
      if (ended.aborted) return;
      const held = performance.now() - began;
      const wasGood = this.state === 'live' && held > GOOD_MS;
      if (!wasGood) this.tell('away');
      if (held > LONGEST_WAIT_MS) wait = FIRST_WAIT_MS;
      await pause(wasGood ? FIRST_WAIT_MS / 4 : wait * (0.5 + Math.random()), ended);
      if (!wasGood) wait = Math.min(LONGEST_WAIT_MS, wait * 2);
    }
  }

  private async connect(ended: AbortSignal): Promise<void> {
    const token = await sessions.accessToken();
    if (token === undefined) return;
    const silence = new AbortController();
    let alarm = setTimeout(() => silence.abort(), SILENCE_MS);
    const response = await fetch('/api/stream', {
      headers: {
        Authorization: `Bearer ${token}`,
        Accept: 'text/event-stream',
        ...(this.lastEventId && { 'Last-Event-ID': this.lastEventId }),
      },
      signal: AbortSignal.any([ended, silence.signal]),
    });
    if (response.status === 401) await sessions.renew();
    if (!response.ok || !response.body) return;
    // nobody can tell what came while there was no place to go on from
    if (this.state === 'away' && this.lastEventId === undefined) this.spread({ event: 'reset', data: null });
    this.tell('live');
    const parser = createParser({
      onEvent: ({ event, data, id }) => {
        if (id) this.lastEventId = id;
        this.spread({ event: event ?? 'message', data: data ? (JSON.parse(data) as unknown) : null });
      },
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(alarm);
        alarm = setTimeout(() => silence.abort(), SILENCE_MS);
        parser.feed(value);
      }
    } finally {
      clearTimeout(alarm);
    }
  }

  private spread(message: StreamMessage): void {
    for (const listener of this.listeners) listener(message);
  }

  private tell(state: Liveness): void {
    if (this.state === state) return;
    this.state = state;
    for (const watcher of this.watchers) watcher();
  }
}

/** Waits; a network that comes back, or somebody who looks again, ends it. */
function pause(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      document.removeEventListener('visibilitychange', seen);
      ended.removeEventListener('abort', done);
      resolve();
    };
    const seen = () => !document.hidden && done();
    const timer = setTimeout(done, ms);
    window.addEventListener('online', done);
    document.addEventListener('visibilitychange', seen);
    ended.addEventListener('abort', done);
  });
}

export const stream = new EventStream();
