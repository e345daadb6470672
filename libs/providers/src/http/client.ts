import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connectTo, UntrustedError } from './connect.js';
import type { TlsTrust } from './connect.js';
import { HttpFailure } from './failure.js';

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the look-up of the name to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface HttpOptions {
  readonly tls?: TlsTrust;
  /** An answer that is larger is refused; default 8 MiB. */
  readonly maxAnswerBytes?: number;
}

const MAX_ANSWER_BYTES = 8 << 20;

/**
 * One request over a connection of its own. Not fetch, because an act on a machine needs what fetch does not give: own
 * trust per far end (a BMC's self-signed certificate), the certificate checked before a password leaves, and the
 * difference between "never left" and "no answer". No redirect is followed: it could lead the credentials elsewhere.
 *
 * @throws HttpFailure; an answer with an error status is an answer
 */
export function callHttp(call: HttpCall, options: HttpOptions = {}): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { url, method, timeoutMs, signal } = call;
    const where = `${method} ${url.origin}${url.pathname}`;
    let sent = false;
    let request: ClientRequest | null = null;
    const abort = new AbortController();
    const fail = (message: string, cause?: unknown) => {
      stop();
      reject(new HttpFailure(`${where}: ${message}`, sent, { cause }, cause instanceof UntrustedError));
      abort.abort();
      request?.destroy();
    };
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
    const onAbort = () => fail('given up, its time is over');
    const stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort);
    connectTo(url, options.tls ?? {}, abort.signal).then(
      (socket) => {
        if (abort.signal.aborted) return void socket.destroy();
        sent = true;
        request = send(call, socket);
        request.on('error', (error) => fail(error.message, error));
        request.on('response', (response) => {
          collect(response, options.maxAnswerBytes ?? MAX_ANSWER_BYTES).then(
            (text) => {
              stop();
              resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
            },
            (error: unknown) => fail(messageOf(error), error),
          );
        });
      },
      (error: unknown) => fail(messageOf(error), error),
    );
  });
}

function send({ url, method, headers, body }: HttpCall, socket: Socket): ClientRequest {
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)({
    method,
    path: url.pathname + url.search,
    headers: {
      host: url.host,
      connection: 'close',
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    },
    createConnection: () => socket,
  });
  request.end(body);
  return request;
}

async function collect(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
