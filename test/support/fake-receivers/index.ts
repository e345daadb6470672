import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { discord, opsgenie, pagerduty, slack, teams, webhook } from './protocols.js';

/** What was told. */
export interface Said {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON. */
  readonly body: unknown;
  readonly raw: string;
  readonly atMs: number;
  /** The answer's status; 0 where there was none. */
  status: number;
}

/** Instead of what the service would answer. */
export interface Fault {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** hang: no answer. drop: the connection ends. slow-body: headers come, the body never ends. */
  readonly how?: 'hang' | 'drop' | 'slow-body';
  /** Answers this much later; milliseconds. */
  readonly afterMs?: number;
}

const PROTOCOLS = [slack, pagerduty, opsgenie, teams, discord, webhook];

/**
 * Slack, PagerDuty, Opsgenie, Teams, Discord and somebody's own webhook on one port of loopback, told apart by their paths.
 * Each refuses what the real one refuses.
 */
export class FakeReceivers {
  readonly said: Said[] = [];
  /** Given to the next ones, oldest first. */
  readonly faults: Fault[] = [];
  /** Given to each until it is cleared. */
  always: Fault | undefined;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(port = 0): Promise<FakeReceivers> {
    const server = createServer().unref();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const fake = new FakeReceivers(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        const said: Said = {
          path: request.url ?? '/',
          headers: request.headers,
          body: JSON.parse(raw || 'null'),
          raw,
          atMs: Date.now(),
          status: 0,
        };
        fake.said.push(said);
        fake.answer(said, response);
      });
    });
    return fake;
  }

  /** What was taken, in order. */
  get taken(): Said[] {
    return this.said.filter((one) => one.status >= 200 && one.status < 300);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(said: Said, response: ServerResponse): void {
    const fault = this.faults.shift() ?? this.always;
    if (fault?.how === 'hang') return;
    if (fault?.how === 'drop') return void response.destroy();
    const usual = PROTOCOLS.map((protocol) => protocol(said)).find((one) => one !== null);
    const { status, body, contentType } = usual ?? { status: 404, body: 'nobody is here' };
    said.status = fault?.status ?? (fault?.body === undefined ? status : 200);
    const text = fault?.body ?? (typeof body === 'string' ? body : JSON.stringify(body));
    setTimeout(() => {
      response.writeHead(said.status, { 'content-type': contentType ?? 'application/json', ...fault?.headers });
      if (fault?.how === 'slow-body') response.write('.');
      else response.end(said.status === 204 ? undefined : text);
    }, fault?.afterMs ?? 0);
  }
}

type Found<T> = Exclude<T, false | null | undefined | 0 | ''>;

/** Waits until `find` finds something. @throws Error after `withinMs` */
export async function eventually<T>(find: () => T | Promise<T>, what: string, withinMs = 30_000): Promise<Found<T>> {
  for (const until = Date.now() + withinMs; ;) {
    const found = await find();
    if (found) return found as Found<T>;
    if (Date.now() > until) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
