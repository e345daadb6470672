import { once } from 'node:events';
import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectSocket, isIP } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import { VERSION } from '../version.js';
import { AddressGuard } from './addresses.js';
import { OutboundError } from './outbound-error.js';

export interface OutboundRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** From the look-up of the name to the last byte of the answer; milliseconds. Default 10 s. */
  readonly timeoutMs?: number;
  /** A longer answer is an error; bytes. Default 1 MiB. */
  readonly maxBytes?: number;
  /**
   * true: the status is what counts, so an answer that is too long or too slow after its headers is cut and not an error.
   * Where it would be one, a receiver that dribbles would be told the same again and again.
   */
  readonly partial?: boolean;
  /** The only ports that may be called. Default: any. */
  readonly ports?: readonly number[];
}

export interface OutboundAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** How names become addresses; all of them at once. */
export type ResolveName = (name: string) => Promise<readonly LookupAddress[]>;

const resolveBySystem: ResolveName = (name) =>
  new Promise((resolve, reject) => {
    systemLookup(name, { all: true, verbatim: true }, (error, found) => (error ? reject(error) : resolve(found)));
  });

/**
 * The only way to call an address that somebody configured: webhooks, channels, issuers, providers behind own hosts.
 *
 * Nothing inside the network is reached unless FLOTILLA_OUTBOUND_ALLOW opens it. What is checked is the address that the
 * socket connects to, so a name that changes between check and call helps nobody; literals are checked as well, because
 * Node looks up nothing for them. Plain HTTP is for opened addresses only. Redirects are errors, proxies are not used.
 */
export class Outbound {
  private readonly guard: AddressGuard;

  constructor(
    allow: readonly string[],
    private readonly resolve: ResolveName = resolveBySystem,
  ) {
    this.guard = new AddressGuard(allow);
  }

  /**
   * @returns whatever status came, but no redirect
   * @throws OutboundError with a sentence of our own: nothing of the answer, no address that the name led to
   */
  async call(address: string, request: OutboundRequest = {}): Promise<OutboundAnswer> {
    const url = this.parse(address, request.ports);
    const { timeoutMs = 10_000, maxBytes = 1_048_576 } = request;
    const abort = new AbortController();
    const deadline = setTimeout(() => abort.abort(), timeoutMs);
    try {
      const response = await this.send(url, request, abort.signal);
      return await read(url, response, maxBytes, request.partial ?? false);
    } catch (error) {
      if (error instanceof OutboundError) throw error;
      if (abort.signal.aborted) {
        throw new OutboundError('timeout', `${url.host} did not answer within ${timeoutMs / 1000} s.`);
      }
      throw new OutboundError('unreachable', `${url.host} could not be called: ${reasonOf(error)}.`);
    } finally {
      clearTimeout(deadline);
    }
  }

  /**
   * What can be told of an address without a look-up: for a form that somebody fills in. The call checks it all again.
   *
   * @throws OutboundError
   */
  assertCallable(address: string): void {
    this.parse(address, undefined);
  }

  /**
   * A plain connection for a protocol other than HTTP, to an address that was checked as for a call.
   *
   * @param encrypted whether the protocol will encrypt it; one that will not is for opened addresses only
   * @throws OutboundError
   */
  async connect(host: string, port: number, encrypted: boolean, timeoutMs: number): Promise<Socket> {
    const name = `${host}:${port}`;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new OutboundError('timeout', `${name} did not answer within ${timeoutMs / 1000} s.`)),
        timeoutMs,
      );
    });
    try {
      const found = isIP(host) ? [host] : (await Promise.race([this.resolve(host), late])).map((one) => one.address);
      this.assertAddresses(host, found, encrypted);
      let last: unknown;
      for (const address of found) {
        const socket = connectSocket({ host: address, port });
        try {
          await Promise.race([once(socket, 'connect'), late]);
          return socket;
        } catch (error) {
          socket.destroy();
          if (error instanceof OutboundError) throw error;
          last = error; // a host may have an address that this machine has no way to
        }
      }
      throw last;
    } catch (error) {
      if (error instanceof OutboundError) throw error;
      throw new OutboundError('unreachable', `${name} could not be called: ${reasonOf(error)}.`);
    } finally {
      clearTimeout(timer);
    }
  }

  private parse(address: string, ports: readonly number[] | undefined): URL {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (!url || !['https:', 'http:'].includes(url.protocol)) {
      throw new OutboundError('refused', 'Only addresses that begin with https:// can be called.');
    }
    if (url.username || url.password) {
      throw new OutboundError('refused', 'An address with a user name or password in it is not called.');
    }
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
    if (ports && !ports.includes(port)) {
      throw new OutboundError('refused', `Port ${port} may not be called here; ${ports.join(', ')} may.`);
    }
    const host = literalOf(url);
    if (isIP(host)) this.assertReachable(url, [host]);
    return url;
  }

  private assertReachable(url: URL, addresses: readonly string[]): void {
    this.assertAddresses(url.hostname, addresses, url.protocol === 'https:');
  }

  private assertAddresses(name: string, addresses: readonly string[], encrypted: boolean): void {
    if (addresses.length === 0 || !addresses.every((one) => this.guard.isReachable(one))) {
      throw new OutboundError(
        'refused',
        `${name} leads to an address inside the network, which outgoing calls do not reach. ` +
          'The operator can open it with FLOTILLA_OUTBOUND_ALLOW.',
      );
    }
    if (!encrypted && !addresses.every((one) => this.guard.isOpened(one))) {
      throw new OutboundError(
        'refused',
        'Plain http:// and mail without TLS are only for addresses opened with FLOTILLA_OUTBOUND_ALLOW. Use https://, or TLS.',
      );
    }
  }

  private send(url: URL, { method, headers, body }: OutboundRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const lookup: LookupFunction = (name, options, callback) => {
      this.resolve(name)
        .then((found) => {
          this.assertReachable(
            url,
            found.map((one) => one.address),
          );
          if (options.all) callback(null, [...found]);
          else callback(null, found[0]!.address, found[0]!.family);
        })
        .catch((error: Error) => callback(error, ''));
    };
    return new Promise((resolve, reject) => {
      const options = {
        method: method ?? 'GET',
        headers: {
          'user-agent': `flotilla/${VERSION}`,
          accept: '*/*',
          'accept-encoding': 'identity',
          ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
        lookup,
        signal,
        // no pool: a socket is for the one call that checked its address; and no proxy of the environment
        agent: false as const,
        maxHeaderSize: 16_384,
      };
      const sent = url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options);
      sent.once('response', resolve).once('error', reject);
      sent.end(body);
    });
  }
}

/** How long the rest of an answer is waited for whose status is what counts. */
const PARTIAL_REST_MS = 1_000;

async function read(url: URL, response: IncomingMessage, maxBytes: number, partial: boolean): Promise<OutboundAnswer> {
  const status = response.statusCode ?? 0;
  const chunks: Buffer[] = [];
  const rest = partial ? setTimeout(() => response.destroy(), PARTIAL_REST_MS) : undefined;
  try {
    if (status >= 300 && status < 400 && status !== 304) {
      throw new OutboundError('redirect', `${url.host} answered with a redirect, which is not followed.`);
    }
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        if (partial) break;
        throw new OutboundError('too_large', `${url.host} answered with more than ${maxBytes} bytes.`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (!partial || error instanceof OutboundError) throw error;
  } finally {
    clearTimeout(rest);
    response.destroy();
  }
  return { status, headers: response.headers, body: Buffer.concat(chunks) };
}

function literalOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no address is known for the name',
  EAI_AGAIN: 'the name could not be looked up just now',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it did not answer',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by nobody known (NODE_EXTRA_CA_CERTS adds a root)',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody known (NODE_EXTRA_CA_CERTS adds a root)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody known (NODE_EXTRA_CA_CERTS adds a root)',
};

/** Never the error's own text: it names addresses of the inside. */
function reasonOf(error: unknown): string {
  const codes = [error, ...((error as { errors?: unknown[] }).errors ?? [])].map(
    (one) => (one as { code?: string }).code,
  );
  return codes.flatMap((code) => REASONS[code ?? ''] ?? [])[0] ?? 'the connection failed';
}
