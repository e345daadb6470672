import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Serves GET /metrics and nothing else. A handful of scrapers is expected; more are turned away. */
export class MetricsServer {
  private server: Server | null = null;

  constructor(
    private readonly render: () => string,
    /** It ended although nobody stopped it, or could not begin. */
    private readonly onFault: (error: Error) => void,
  ) {}

  get isListening(): boolean {
    return this.server?.listening ?? false;
  }

  /** @returns the port; rejects when it cannot listen there */
  listen(host: string, port: number): Promise<number> {
    const server = createServer(
      { requestTimeout: 5_000, headersTimeout: 5_000, keepAliveTimeout: 60_000, maxHeaderSize: 8_192 },
      (request, response) => {
        const path = (request.url ?? '').split('?', 1)[0];
        const isKnown = path === '/metrics';
        if (isKnown && (request.method === 'GET' || request.method === 'HEAD')) {
          response.writeHead(200, { 'content-type': TYPE }).end(this.render());
        } else if (isKnown) response.writeHead(405, { allow: 'GET, HEAD' }).end();
        else response.writeHead(404, { 'content-type': 'text/plain' }).end('there is /metrics\n');
        request.resume();
      },
    );
    server.maxConnections = 16;
    // the scrapes of a monitor must not keep an agent alive that was asked to end
    server.unref();
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.removeListener('error', reject);
        server.on('error', (error) => this.onFault(error));
        this.server = server;
        resolve((server.address() as AddressInfo).port);
      });
    });
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (!server) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
