import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ProviderError } from './errors.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface RequestLimits {
  /** For the whole of one request, milliseconds. */
  readonly deadlineMs: number;
  /** Bytes of an answer; a larger one is refused. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One HTTP request, one answer. `node:http` and not `fetch`: that costs the agent 10 MB. Redirects are not followed: a
 * key must not travel to where an answer points.
 *
 * @throws ProviderError `unreachable` without an answer in time, `bad_answer` when it is larger than it may be
 */
export function sendRequest(request: HttpRequest, limits: RequestLimits): Promise<HttpAnswer> {
  const { url, method, body, headers } = request;
  const place = url.host;
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(late);
      limits.signal?.removeEventListener('abort', aborted);
      reject(
        error instanceof ProviderError
          ? error
          : new ProviderError('unreachable', `${place} cannot be reached: ${error.message}`),
      );
    };
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = send(url, {
      method,
      headers: {
        accept: 'application/json',
        ...headers,
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
    });
    const late = setTimeout(() => {
      outgoing.destroy(new Error(`no whole answer within ${limits.deadlineMs / 1000} s`));
    }, limits.deadlineMs);
    const aborted = () => void outgoing.destroy(new Error('given up, because this process ends'));
    if (limits.signal?.aborted) aborted();
    limits.signal?.addEventListener('abort', aborted);
    outgoing.on('error', fail);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= limits.maxBytes) return void chunks.push(chunk);
        const most = `${Math.floor(limits.maxBytes / 2 ** 20)} MiB`;
        outgoing.destroy();
        fail(new ProviderError('bad_answer', `${place} sent more than ${most}; ask for a shorter time at once`));
      });
      // cut off in the middle: node says 'aborted'
      incoming.on('error', fail);
      incoming.on('end', () => {
        clearTimeout(late);
        limits.signal?.removeEventListener('abort', aborted);
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    outgoing.end(body);
  });
}
