import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface KnownKey {
  readonly secretAccessKey: string;
  /** A key that ends comes with this token and no other. */
  readonly sessionToken?: string;
}

export interface Expected {
  readonly service: string;
  readonly region: string;
  readonly keys: Readonly<Record<string, KnownKey>>;
  readonly nowMs: number;
}

export type Verdict = { readonly accessKeyId: string } | { readonly code: string; readonly message: string };

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/**
 * The server's side of AWS Signature Version 4, written from its description and independent of the library that
 * signs: the fakes of AWS services let nobody in without it.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function verifyAwsSignature(request: SignedRequest, expected: Expected): Verdict {
  const { headers } = request;
  const authorization = headers.authorization;
  if (!authorization) return { code: 'MissingAuthenticationToken', message: 'Request is missing Authentication Token' };
  const parts = AUTHORIZATION.exec(authorization);
  if (!parts) return incomplete(`the Authorization header cannot be read: ${authorization}`);
  const [, accessKeyId = '', date = '', region = '', service = '', signedHeaders = '', signature = ''] = parts;
  const key = expected.keys[accessKeyId];
  if (!key) return { code: 'AuthFailure', message: 'AWS was not able to validate the provided access credentials' };
  if (service !== expected.service || region !== expected.region) {
    return mismatch(`Credential should be scoped to ${expected.region}/${expected.service}, not ${region}/${service}`);
  }
  const amzDate = one(headers['x-amz-date']);
  const at = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(amzDate);
  if (!at || !amzDate.startsWith(date)) return incomplete(`x-amz-date is ${amzDate || 'missing'}`);
  const [, y = 0, mo = 1, d = 0, h = 0, mi = 0, s = 0] = at.map(Number);
  if (Math.abs(Date.UTC(y, mo - 1, d, h, mi, s) - expected.nowMs) > 5 * 60_000) {
    return { code: 'RequestExpired', message: `Request has expired. Timestamp date is ${amzDate}` };
  }
  if (key.sessionToken !== undefined && one(headers['x-amz-security-token']) !== key.sessionToken) {
    return { code: 'AuthFailure', message: 'The security token included in the request is invalid' };
  }
  const names = signedHeaders.split(';');
  for (const required of ['host', 'x-amz-date']) {
    if (!names.includes(required)) return mismatch(`'${required}' must be a signed header`);
  }
  const unsigned = Object.keys(headers).find((name) => name.startsWith('x-amz-') && !names.includes(name));
  if (unsigned) return mismatch(`there were headers present in the request which were not signed: ${unsigned}`);
  const bodyHash = sha256(request.body);
  const declared = one(headers['x-amz-content-sha256']);
  if (declared && declared !== bodyHash) return mismatch('x-amz-content-sha256 is not the hash of the body');

  const [path = '/', query = ''] = request.target.split('?', 2);
  const canonical = [
    request.method,
    path.split('/').map(uriEncode).join('/'),
    canonicalQuery(query),
    ...names.map((name) => `${name}:${one(headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders,
    bodyHash,
  ].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', amzDate, scope, sha256(canonical)].join('\n');
  let signing: Buffer | string = `AWS4${key.secretAccessKey}`;
  for (const part of [date, region, service, 'aws4_request']) signing = hmac(signing, part);
  if (hmac(signing, toSign).toString('hex') === signature) return { accessKeyId };
  return mismatch('The request signature we calculated does not match the signature you provided');
}

const mismatch = (message: string): Verdict => ({ code: 'SignatureDoesNotMatch', message });
const incomplete = (message: string): Verdict => ({ code: 'IncompleteSignature', message });
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest();
const one = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join(',') : (value ?? ''));

function canonicalQuery(query: string): string {
  return [...new URLSearchParams(query)]
    .map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`)
    .sort()
    .join('&');
}

/** RFC 3986: only letters, digits and -._~ stay. */
function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
