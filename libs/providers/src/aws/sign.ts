import { createHash, createHmac } from 'node:crypto';
import type { Hash, Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentials } from './credentials.js';

export interface AwsRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  /** Every one of them is signed, except those that a proxy may change. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** For whom and when a request is signed. */
export interface AwsScope {
  /** As AWS names it in the credential scope: `ec2`, `ce`, `logs`, `monitoring`, `sts`. */
  readonly service: string;
  readonly region: string;
  readonly credentials: AwsCredentials;
  /** AWS refuses what is more than five minutes from its own clock. */
  readonly at: Date;
}

/**
 * The headers to send: those of the request, `host`, `x-amz-date`, `x-amz-content-sha256`, `authorization` and, with
 * credentials that end, `x-amz-security-token` (Signature Version 4).
 *
 * @example
 * const url = new URL('https://ce.us-east-1.amazonaws.com/');
 * const headers = await signAwsRequest({ method: 'POST', url, headers: { 'x-amz-target': … }, body }, scope);
 * await fetch(url, { method: 'POST', headers, body });
 */
export async function signAwsRequest(request: AwsRequest, scope: AwsScope): Promise<Record<string, string>> {
  const { service, region, credentials, at } = scope;
  const { url } = request;
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: queryOf(url.searchParams),
      headers: { ...request.headers, host: url.host },
      ...(request.body === undefined ? {} : { body: request.body }),
    },
    { signingDate: at },
  );
  return signed.headers;
}

function queryOf(parameters: URLSearchParams): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name);
    query[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return query;
}

/** The hash that the signer asks for, by OpenSSL. */
class Sha256 {
  private hash: Hash | Hmac;

  constructor(private readonly secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = this.fresh();
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(typeof data === 'string' ? data : bytes(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.hash.digest()));
  }

  reset(): void {
    this.hash = this.fresh();
  }

  private fresh(): Hash | Hmac {
    if (this.secret === undefined) return createHash('sha256');
    return createHmac('sha256', typeof this.secret === 'string' ? this.secret : bytes(this.secret));
  }
}

const bytes = (data: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
