import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Answer = (response: ServerResponse, received: Received) => void;

/** A receiver of webhooks on loopback. Each path answers as it was told; what came is kept. */
export class FakeWebhookReceiver {
  readonly received: Received[] = [];
  private readonly answers = new Map<string, Answer>();
  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeWebhookReceiver> {
    const server = createServer();
    const receiver = new FakeWebhookReceiver(server);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const received = { path: request.url!, headers: request.headers, body: Buffer.concat(chunks).toString() };
        receiver.received.push(received);
        (receiver.answers.get(received.path) ?? ((one) => one.writeHead(200).end('ok')))(response, received);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  answer(path: string, status: number, headers: Record<string, string> = {}): void {
    this.answers.set(path, (response) => response.writeHead(status, headers).end('x'));
  }

  answerWith(path: string, answer: Answer): void {
    this.answers.set(path, answer);
  }

  at(path: string): Received[] {
    return this.received.filter((one) => one.path === path);
  }

  async wait(path: string, count: number, forMs = 8_000): Promise<Received[]> {
    const end = Date.now() + forMs;
    while (this.at(path).length < count) {
      if (Date.now() > end) throw new Error(`${this.at(path).length} of ${count} came at ${path}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return this.at(path);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** What a receiver with the library of Standard Webhooks makes of it. @throws when the signature is not right */
export function verifiedByStandard({ headers, body }: Received, secret: string): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>);
}
