import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Outbound, OutboundError } from './index.js';
import type { OutboundRequest } from './index.js';

const LOOPBACK = ['127.0.0.0/8'];

describe('outgoing calls', () => {
  const servers: Server[] = [];
  let hits = 0;

  const serve = async (listener: RequestListener): Promise<number> => {
    const server = createServer((request, response) => {
      hits++;
      listener(request, response);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const faultOf = async (outbound: Outbound, url: string, request?: OutboundRequest) => {
    const error = await outbound.call(url, request).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OutboundError);
    const { fault, message } = error as OutboundError;
    return [fault, message] as const;
  };

  beforeEach(() => (hits = 0));
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('sends what was given and answers with what came, errors of the other side too', async () => {
    const port = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        response.writeHead(418, { 'x-kind': 'teapot' });
        response.end(`${request.method} ${request.headers['x-a']} ${request.headers['content-length']} ${body}`);
      });
    });
    const answer = await new Outbound(LOOPBACK).call(`http://127.0.0.1:${port}/x`, {
      method: 'POST',
      headers: { 'x-a': 'b' },
      body: 'grüße',
    });
    expect([answer.status, answer.headers['x-kind'], answer.body.toString()]).toEqual([
      418,
      'teapot',
      'POST b 7 grüße', // ü and ß are two bytes each
    ]);
  });

  it('never reaches the inside by a literal, a name, or a name that changes its mind', async () => {
    const port = await serve((_request, response) => response.end('inside'));
    const closed = new Outbound([]);
    for (const host of ['127.0.0.1', '2130706433', '[::ffff:127.0.0.1]', 'localhost']) {
      for (const scheme of ['http', 'https']) {
        expect((await faultOf(closed, `${scheme}://${host}:${port}/`))[0]).toBe('refused');
      }
    }
    // whether the final dot is looked up depends on the system; inside it must not lead
    await faultOf(closed, `http://localhost.:${port}/`);
    // a resolver that answers with an opened address first and with another one at the next question
    let asked = 0;
    const rebinding = new Outbound(['127.0.0.2'], async () => [
      { address: asked++ === 0 ? '127.0.0.2' : '127.0.0.1', family: 4 },
    ]);
    expect((await faultOf(rebinding, `http://rebind.example:${port}/`))[0]).toBe('unreachable');
    expect((await faultOf(rebinding, `http://rebind.example:${port}/`))[0]).toBe('refused');
    // one public and one inside address: neither is tried
    const mixed = new Outbound([], async () => [
      { address: '8.8.8.8', family: 4 },
      { address: '::1', family: 6 },
    ]);
    expect((await faultOf(mixed, `https://mixed.example:${port}/`))[0]).toBe('refused');
    expect((await faultOf(new Outbound([], async () => []), 'https://none.example/'))[0]).toBe('refused');
    expect(hits).toBe(0);
  });

  it('asks the resolver once for a call, and connects to what was checked', async () => {
    const port = await serve((request, response) => response.end(request.headers.host));
    let asked = 0;
    const outbound = new Outbound(LOOPBACK, async () => {
      asked++;
      return [{ address: '127.0.0.1', family: 4 }];
    });
    const { body } = await outbound.call(`http://issuer.example:${port}/`);
    expect([body.toString(), asked]).toEqual([`issuer.example:${port}`, 1]);
  });

  it('speaks plain HTTP to opened addresses only', async () => {
    const outbound = new Outbound(LOOPBACK, async () => [{ address: '8.8.8.8', family: 4 }]);
    const [fault, message] = await faultOf(outbound, 'http://public.example/');
    expect([fault, message]).toEqual(['refused', expect.stringContaining('Use https://')]);
    expect((await faultOf(outbound, 'http://8.8.8.8/'))[0]).toBe('refused');
  });

  it.each([
    ['ftp://127.0.0.1/', 'https://'],
    ['file:///etc/passwd', 'https://'],
    ['gopher://127.0.0.1:70/', 'https://'],
    ['/relative', 'https://'],
    ['https://user:secret@example.com/', 'user name'],
    ['https://example.com:25/', 'Port 25'],
  ])('refuses %s', async (url, words) => {
    const [fault, message] = await faultOf(new Outbound(LOOPBACK), url, { ports: [443, 8443] });
    expect([fault, message]).toEqual(['refused', expect.stringContaining(words)]);
    expect(message).not.toContain('secret');
  });

  it('follows no redirect', async () => {
    const inside = await serve((_request, response) => response.end('never'));
    const port = await serve((_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${inside}/` });
      response.end();
    });
    expect((await faultOf(new Outbound(LOOPBACK), `http://127.0.0.1:${port}/`))[0]).toBe('redirect');
    expect(hits).toBe(1);
  });

  it('ends an answer that is too long, and one that never ends', async () => {
    const long = await serve((_request, response) => response.end(Buffer.alloc(5_000)));
    const outbound = new Outbound(LOOPBACK);
    expect((await faultOf(outbound, `http://127.0.0.1:${long}/`, { maxBytes: 4_999 }))[0]).toBe('too_large');
    expect((await outbound.call(`http://127.0.0.1:${long}/`, { maxBytes: 5_000 })).body.length).toBe(5_000);
    const slow = await serve((_request, response) => {
      response.write('a');
      const drip = setInterval(() => response.write('a'), 20);
      response.once('close', () => clearInterval(drip));
    });
    const started = performance.now();
    expect((await faultOf(outbound, `http://127.0.0.1:${slow}/`, { timeoutMs: 200 }))[0]).toBe('timeout');
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('says in its own words why nobody answered, and names no address of the inside', async () => {
    const port = await serve((request) => request.socket.destroy());
    const outbound = new Outbound(LOOPBACK, async () => [{ address: '127.0.0.1', family: 4 }]);
    expect(await faultOf(outbound, `http://hidden.example:${port}/`)).toEqual([
      'unreachable',
      `hidden.example:${port} could not be called: the connection was cut.`,
    ]);
    const [, message] = await faultOf(outbound, 'http://hidden.example:1/');
    expect(message).toBe('hidden.example:1 could not be called: nothing listens there.');
    const [, tls] = await faultOf(outbound, `https://hidden.example:${port}/`);
    expect(tls).not.toContain('127.0.0.1');
  });

  it('takes the status where that is what counts, however long or slow the rest of the answer is', async () => {
    const long = await serve((_request, response) => response.end('x'.repeat(50_000)));
    const slow = await serve((_request, response) => {
      response.writeHead(202);
      response.write('a');
    });
    const outbound = new Outbound(LOOPBACK);
    const options = { partial: true, maxBytes: 100, timeoutMs: 300 };
    expect((await outbound.call(`http://127.0.0.1:${long}/`, options)).status).toBe(200);
    const cut = await outbound.call(`http://127.0.0.1:${slow}/`, options);
    expect([cut.status, cut.body.toString()]).toEqual([202, 'a']);
    expect((await faultOf(outbound, `http://127.0.0.1:${slow}/`, { timeoutMs: 300 }))[0]).toBe('timeout');
  });

  it('connects for other protocols to checked addresses only', async () => {
    const port = await serve((_request, response) => response.end());
    const opened = new Outbound(LOOPBACK, async () => [
      { address: '127.0.0.9', family: 4 }, // nothing listens there: the next one is tried
      { address: '127.0.0.1', family: 4 },
    ]);
    const socket = await opened.connect('mail.example', port, false, 1_000);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
    const faultOfConnect = async (outbound: Outbound, host: string, to: number, encrypted: boolean) =>
      ((await outbound.connect(host, to, encrypted, 500).catch((error: unknown) => error)) as OutboundError).fault;
    const name = (address: string) => new Outbound([], async () => [{ address, family: 4 }]);
    expect(await faultOfConnect(new Outbound([]), '127.0.0.1', port, true)).toBe('refused');
    expect(await faultOfConnect(name('10.0.0.1'), 'mail.example', port, true)).toBe('refused');
    expect(await faultOfConnect(name('8.8.8.8'), 'mail.example', port, false)).toBe('refused'); // in clear text
    expect(await faultOfConnect(new Outbound(LOOPBACK), '127.0.0.1', 1, true)).toBe('unreachable');
    expect(hits).toBe(0);
  });

  it('says of an address in a form what can be said without a look-up', () => {
    const closed = new Outbound([]);
    expect(() => closed.assertCallable('https://hooks.slack.com/services/T/B/x')).not.toThrow();
    for (const address of [
      'https://169.254.169.254/',
      'https://[::1]/',
      'ftp://example.com',
      'https://a:b@example.com/',
      'x',
    ]) {
      expect(() => closed.assertCallable(address)).toThrow(OutboundError);
    }
  });
});
