import { request } from 'node:http';

/** Bytes of an answer that are read; a host with thousands of containers stays below. */
const ANSWER_CAP = 16 * 1024 * 1024;

/** The engine did not get the request: nothing can have happened. */
export class NotSentError extends Error {}

export interface EngineAnswer {
  readonly status: number;
  readonly body: string;
}

export interface ContainerSeen {
  readonly id: string;
  readonly name: string;
  /** The engine's word: running, exited, created, paused, restarting, … */
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The Engine API (Docker's, which Podman speaks too) on a unix socket. */
export class Engine {
  constructor(private readonly socket: string) {}

  /** @throws NotSentError; Error when the engine says no or something else than containers */
  async list(label: string | null, signal: AbortSignal): Promise<ContainerSeen[]> {
    const filters = label === null ? '' : `&filters=${encodeURIComponent(JSON.stringify({ label: [label] }))}`;
    const list = jsonOf(await this.call('GET', `/containers/json?all=true${filters}`, signal));
    if (!Array.isArray(list)) throw new Error('the engine answered the list of containers with something else');
    return list.flatMap((one: Record<string, unknown>) => {
      const names = Array.isArray(one['Names']) ? one['Names'].map(String) : [];
      if (typeof one['Id'] !== 'string') return [];
      return {
        id: one['Id'],
        name: (names[0] ?? one['Id'].slice(0, 12)).replace(/^\//, ''),
        state: String(one['State'] ?? '').toLowerCase(),
        labels: (one['Labels'] ?? {}) as Record<string, string>,
      };
    });
  }

  /** When the container was started last, in the engine's words; null: there is no such container. */
  async startedAt(id: string, signal: AbortSignal): Promise<string | null> {
    const answer = await this.call('GET', `/containers/${encodeURIComponent(id)}/json`, signal);
    if (answer.status === 404) return null;
    const { State: state } = jsonOf(answer) as { State?: { StartedAt?: unknown } };
    return String(state?.StartedAt ?? '');
  }

  /** @throws NotSentError; any other error: nobody knows whether the engine does it */
  async call(method: 'GET' | 'POST', path: string, signal: AbortSignal): Promise<EngineAnswer> {
    return new Promise((resolve, reject) => {
      let connected = false;
      // a connection of its own: one that was used before could break without saying whether the request got through
      const options = {
        socketPath: this.socket,
        method,
        path,
        signal,
        agent: false,
        headers: { host: 'engine' },
      } as const;
      const sent = request(options, (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > ANSWER_CAP) answer.destroy(new Error('the engine answered with more than 16 MiB'));
          else chunks.push(chunk);
        });
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
      });
      sent.on('socket', (socket) => socket.once('connect', () => (connected = true)));
      sent.on('error', (error: NodeJS.ErrnoException) => {
        if (connected) return reject(error);
        const mend =
          error.code === 'EACCES'
            ? 'the user of the agent may not use it: make it a member of the group of the socket'
            : 'is the engine running, and is `socket` the right path?';
        reject(new NotSentError(`${this.socket} cannot be reached (${error.code ?? error.message}): ${mend}`));
      });
      sent.end();
    });
  }
}

/** @throws Error with the engine's own words when it said no */
function jsonOf(answer: EngineAnswer): unknown {
  if (answer.status !== 200) throw new Error(`the engine answered ${answer.status}: ${wordsOf(answer)}`);
  return JSON.parse(answer.body) as unknown;
}

/** The engine's sentence: `{"message": …}` by Docker, `{"cause", "message"}` by Podman. */
export function wordsOf({ body }: EngineAnswer): string {
  try {
    return String((JSON.parse(body) as { message?: unknown }).message ?? body).slice(0, 500);
  } catch {
    return body.slice(0, 500).trim();
  }
}
