import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export { awsMetadata } from './aws.js';
export { azureMetadata } from './azure.js';
export { gcpMetadata } from './gcp.js';

/** Answers one request, or says in one line what is wrong with it. */
export type MetadataRules = (request: IncomingMessage, response: ServerResponse) => string | undefined;

/** The metadata service of a cloud on loopback: it answers by the cloud's own rules and remembers who broke them. */
export class FakeMetadata {
  /** `GET /latest/…` in the order in which they came. */
  readonly requests: string[] = [];
  /** What was asked against the cloud's rules; a client that is right leaves this empty. */
  readonly broken: string[] = [];
  /** It takes the connection and says nothing. */
  silent = false;

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly address: string,
  ) {}

  static async start(rules: MetadataRules): Promise<FakeMetadata> {
    // a test that fails before it stops this must not keep jest from ending
    const server = createServer().unref();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const fake = new FakeMetadata(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      fake.requests.push(`${request.method} ${request.url}`);
      if (fake.silent) return;
      const wrong = rules(request, response);
      if (wrong === undefined) return;
      fake.broken.push(`${request.method} ${request.url}: ${wrong}`);
      if (!response.headersSent) response.writeHead(400).end(wrong);
    });
    return fake;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
