import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A question as it arrived. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes as JSON, a text as it is. */
  readonly body: unknown;
  /** Breaks the connection after so many bytes of the body. */
  readonly cutAt?: number;
}

/** An HTTP server on loopback that speaks for a provider: it remembers what it was asked. */
export class FakeProvider {
  readonly asked: Asked[] = [];
  /** Given instead of what the provider would answer, oldest first. */
  readonly instead: Answer[] = [];

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly url: string,
  ) {}

  static async start(answer: (asked: Asked) => Answer): Promise<FakeProvider> {
    const server = createServer().unref();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const fake = new FakeProvider(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const target = request.url ?? '/';
        const asked: Asked = {
          method: request.method ?? '',
          url: new URL(target, fake.url),
          target,
          headers: request.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        };
        fake.asked.push(asked);
        const { status = 200, headers = {}, body, cutAt } = fake.instead.shift() ?? answer(asked);
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        response.writeHead(status, {
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(text)),
          ...headers,
        });
        if (cutAt === undefined) return void response.end(text);
        response.write(text.slice(0, cutAt), () => response.destroy());
      });
    });
    return fake;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
