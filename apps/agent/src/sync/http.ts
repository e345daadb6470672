import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** An answer of the REST API. */
export interface HttpAnswer {
  readonly status: number;
  /** Parsed JSON, or null when it was none. */
  readonly body: unknown;
  /** Unix milliseconds of the Date header, or null. */
  readonly serverMs: number | null;
  /** Seconds of Retry-After, or null. */
  readonly retryAfterS: number | null;
}

const ANSWER_CAP = 4 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

/**
 * POSTs JSON. `node:http` and not `fetch`, which would cost this process 10 MB.
 *
 * @throws Error when there is no answer within a minute, or it is over 4 MiB
 */
export function postJson(url: URL, apiKey: string, body: unknown): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const payload = Buffer.from(JSON.stringify(body));
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, {
      method: 'POST',
      timeout: TIMEOUT_MS,
      headers: {
        'content-type': 'application/json',
        'content-length': payload.length,
        'x-api-key': apiKey,
        accept: 'application/json',
      },
    });
    const late = setTimeout(() => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
    request.on('error', (error) => {
      clearTimeout(late);
      reject(error);
    });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > ANSWER_CAP) request.destroy(new Error('the answer is over 4 MiB'));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        clearTimeout(late);
        const serverMs = Date.parse(response.headers.date ?? '');
        const retryAfterS = Number(response.headers['retry-after'] ?? Number.NaN);
        resolve({
          status: response.statusCode ?? 0,
          body: parsed(Buffer.concat(chunks)),
          serverMs: Number.isFinite(serverMs) ? serverMs : null,
          retryAfterS: Number.isFinite(retryAfterS) ? retryAfterS : null,
        });
      });
    });
    request.end(payload);
  });
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}
