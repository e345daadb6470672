import { createServer, connect } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** An address that leads to a server, can be cut, and leads to another one later: what a restart is to whoever looks on. */
export class WayThrough {
  private readonly open = new Set<Socket>();
  private server: Server | undefined;
  private port = 0;

  private constructor(private target: string) {}

  static async to(target: string): Promise<WayThrough> {
    const way = new WayThrough(target);
    await way.lead(target);
    return way;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Ends what goes through, and refuses what comes. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    for (const socket of this.open) socket.destroy();
    await closed;
    this.server = undefined;
  }

  /** The same address, before the server at `target`. */
  async lead(target: string): Promise<void> {
    this.target = target;
    const server = createServer((near) => {
      const { hostname, port } = new URL(this.target);
      const far = connect(Number(port), hostname);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.open.add(one);
        one
          .on('error', () => other.destroy())
          .on('close', () => {
            this.open.delete(one);
            other.destroy();
          });
        one.pipe(other);
      }
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
  }
}
