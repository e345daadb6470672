import { rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { Server } from 'node:http';

export interface BackendAnswer {
  readonly status: number;
  readonly body: string;
}
export type Backend = (method: string, url: string) => Promise<BackendAnswer>;
export type EngineFault = 'refuses' | 'does-nothing' | 'hangs' | 'mute';

/** A container engine's socket with whoever really answers behind it: counts what changes something, and can misbehave. */
export class EngineFront {
  effects = 0;
  fault: EngineFault | null = null;
  /** Called when something was changed, before it is answered. */
  onEffect: () => void = () => {};
  private constructor(
    readonly socket: string,
    private readonly server: Server,
  ) {}

  static async start(socket: string, backend: Backend): Promise<EngineFront> {
    rmSync(socket, { force: true });
    const server = createServer((asked, answer) => {
      void (async () => {
        const { method = 'GET', url = '/' } = asked;
        const say = ({ status, body }: BackendAnswer) => {
          answer.writeHead(status, { 'content-type': 'application/json' });
          answer.end(status === 204 || status === 304 ? undefined : body);
        };
        if (method === 'GET') {
          if (front.fault === 'mute') return say({ status: 500, body: '{"message":"the store cannot be read"}' });
          return say(await backend(method, url));
        }
        if (front.fault === 'hangs') return;
        if (front.fault === 'refuses')
          return say({ status: 500, body: '{"message":"cannot kill container: no permission"}' });
        if (front.fault === 'does-nothing') return say({ status: 204, body: '' });
        const done = await backend(method, url);
        if (done.status === 204) {
          front.effects += 1;
          front.onEffect();
        }
        say(done);
      })().catch((error: Error) => {
        answer.writeHead(502);
        answer.end(JSON.stringify({ message: error.message }));
      });
    });
    const front = new EngineFront(socket, server);
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    return front;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** A real engine behind the front. */
export const engineAt =
  (socketPath: string): Backend =>
  (method, path) =>
    new Promise((resolve, reject) => {
      const sent = request({ socketPath, method, path, headers: { host: 'engine' } }, (answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (text: string) => (body += text));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      });
      sent.on('error', reject);
      sent.end();
    });
