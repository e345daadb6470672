import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { Server, TLSSocket } from 'node:tls';
import { TestAuthority } from '../../../../test/support/fake-control-plane/authority.js';
import { AgentCredentials } from './agent-credentials.js';

let authority: TestAuthority;
let server: Server;
/** The names that the TLS hellos carried; false: none. */
let named: (string | false | null | undefined)[];
const sockets: Socket[] = [];

beforeAll(async () => {
  authority = await TestAuthority.create();
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

async function serve(address?: string): Promise<number> {
  const { chainPem, keyPem } = await authority.forServer(address);
  named = [];
  server = createServer({ cert: chainPem, key: keyPem, ALPNProtocols: ['h2'] }, (socket: TLSSocket) => {
    named.push((socket as TLSSocket & { servername?: string | false }).servername);
    socket.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function dial(port: number, host: string, anyName: boolean): Promise<string> {
  const made = new AgentCredentials({
    host,
    caPem: authority.caPem,
    anyName,
    privateKeyPem: null,
    certificatePem: null,
  });
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  await new Promise((resolve) => socket.once('connect', resolve));
  return made
    ._createSecureConnector(null, null)
    .connect(socket)
    .then(
      () => 'connected',
      (error: Error) => error.message,
    );
}

describe('TLS to an address without a name', () => {
  it('names no IP address in the hello, and warns of nothing', async () => {
    const warnings: Error[] = [];
    const hear = (warning: Error) => warnings.push(warning);
    process.on('warning', hear);
    const port = await serve('127.0.0.1');
    expect(await dial(port, '127.0.0.1', false)).toBe('connected');
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('warning', hear);
    expect(named).toEqual([false]);
    expect(warnings.map(String)).toEqual([]);
  });

  it('still refuses a certificate of another address or name', async () => {
    expect(await dial(await serve('127.0.0.2'), '127.0.0.1', false)).toMatch(/IP: 127\.0\.0\.1 is not in the cert/);
    server.close();
    expect(await dial(await serve(), '127.0.0.1', false)).toMatch(/does not match certificate|is not in the cert/);
  });

  it('takes any name from a pinned CA, and none from another CA', async () => {
    const port = await serve();
    expect(await dial(port, '127.0.0.1', true)).toBe('connected');
    authority = await TestAuthority.create();
    expect(await dial(port, '127.0.0.1', true)).toMatch(/signature|self.signed|unable to/i);
  });

  it('names a host that has a name', async () => {
    expect(await dial(await serve(), 'localhost', true)).toBe('connected');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(named).toEqual(['localhost']);
  });
});
