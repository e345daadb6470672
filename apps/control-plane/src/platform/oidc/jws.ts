import { createPublicKey, verify } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { z } from 'zod';

export type SigningAlgorithm = 'RS256' | 'ES256' | 'EdDSA';

/** A public key of an issuer. The algorithm comes from the key and never from a token. */
export interface IssuerKey {
  readonly kid: string | undefined;
  readonly algorithm: SigningAlgorithm;
  readonly key: KeyObject;
}

/** A token that was taken apart; nothing in it is believed yet. */
export interface UnverifiedToken {
  readonly header: z.infer<typeof Header>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const Header = z.object({
  alg: z.string(),
  typ: z.string().optional(),
  kid: z.string().min(1).max(200).optional(),
  crit: z.unknown().optional(),
});
const TYPES = [undefined, 'jwt', 'at+jwt', 'application/at+jwt'];
const LEAST_RSA_BITS = 2048;

/** Takes a compact JWS apart; undefined for what is none, or needs extensions that we do not know. */
export function readToken(text: string): UnverifiedToken | undefined {
  const parts = text.split('.');
  if (parts.length !== 3 || !parts.every((part) => /^[\w-]+$/.test(part))) return undefined;
  const [head, body, signature] = parts as [string, string, string];
  const header = Header.safeParse(parsed(head));
  const claims = z.record(z.string(), z.unknown()).safeParse(parsed(body));
  if (!header.success || !claims.success || header.data.crit !== undefined) return undefined;
  if (!TYPES.includes(header.data.typ?.toLowerCase())) return undefined;
  return {
    header: header.data,
    claims: claims.data,
    signed: Buffer.from(`${head}.${body}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** Whether `key` made the signature, with the one algorithm that the key is for. */
export function isSignedBy(token: UnverifiedToken, { algorithm, key }: IssuerKey): boolean {
  if (token.header.alg !== algorithm) return false;
  const { signed, signature } = token;
  if (algorithm === 'EdDSA') return verify(null, signed, key, signature);
  if (algorithm === 'RS256') return verify('sha256', signed, key, signature);
  return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

/** The usable keys of a JWKS; keys of other kinds, for encryption or too short are left out. @throws Error for no JWKS */
export function keysOf(jwks: unknown): IssuerKey[] {
  const { keys } = z.object({ keys: z.array(z.record(z.string(), z.unknown())).max(100) }).parse(jwks);
  return keys.flatMap((jwk) => keyOf(jwk) ?? []);
}

function keyOf(jwk: Readonly<Record<string, unknown>>): IssuerKey | undefined {
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') return undefined;
  const algorithm = algorithmOf(jwk);
  if (!algorithm || (jwk['alg'] !== undefined && jwk['alg'] !== algorithm)) return undefined;
  try {
    // a private key would be taken as one: only the public half goes in
    const { kty, n, e, crv, x, y } = jwk;
    const key = createPublicKey({ key: { kty, n, e, crv, x, y } as JsonWebKey, format: 'jwk' });
    const bits = key.asymmetricKeyDetails?.modulusLength;
    if (bits !== undefined && bits < LEAST_RSA_BITS) return undefined;
    return { kid: typeof jwk['kid'] === 'string' ? jwk['kid'] : undefined, algorithm, key };
  } catch {
    return undefined;
  }
}

function algorithmOf({ kty, crv }: Readonly<Record<string, unknown>>): SigningAlgorithm | undefined {
  if (kty === 'RSA') return 'RS256';
  if (kty === 'EC' && crv === 'P-256') return 'ES256';
  if (kty === 'OKP' && crv === 'Ed25519') return 'EdDSA';
  return undefined;
}

function parsed(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}
