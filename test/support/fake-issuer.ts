import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Algorithm = 'RS256' | 'ES256' | 'EdDSA';

interface Key {
  readonly kid: string;
  readonly algorithm: Algorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** An OIDC issuer as a real HTTP server on loopback: publishes keys, signs tokens. */
export class FakeIssuer {
  /** How often its keys were asked for. */
  asked = 0;
  /** What it answers instead of its keys. */
  instead: { readonly status: number; readonly body: string; readonly location?: string } | undefined;
  private keys: Key[] = [];

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly url: string,
  ) {
    server.on('request', (_request, response) => {
      this.asked++;
      response.writeHead(this.instead?.status ?? 200, {
        'content-type': 'application/json',
        ...(this.instead?.location && { location: this.instead.location }),
      });
      response.end(this.instead?.body ?? JSON.stringify({ keys: this.keys.map(publicJwk) }));
    });
  }

  static async start(): Promise<FakeIssuer> {
    // a test that fails before it closes its issuer must not keep jest from ending
    const server = createServer().unref();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = new FakeIssuer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    issuer.newKey('RS256');
    return issuer;
  }

  get jwksUrl(): string {
    return `${this.url}/.well-known/jwks.json`;
  }

  /** Publishes one more key. @returns its kid */
  newKey(algorithm: Algorithm, kid: string = randomUUID(), bits = 2048): string {
    const pair =
      algorithm === 'RS256'
        ? generateKeyPairSync('rsa', { modulusLength: bits })
        : algorithm === 'ES256'
          ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
          : generateKeyPairSync('ed25519');
    this.keys.push({ kid, algorithm, ...pair });
    return kid;
  }

  /** Publishes a new key and none of the old ones. @returns its kid */
  rotate(algorithm: Algorithm = 'RS256'): string {
    this.keys = [];
    return this.newKey(algorithm);
  }

  /** The public half as PEM: what a forger would take as HMAC secret. */
  publicPem(): string {
    return this.keys.at(-1)!.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }

  /** Signs with the newest key, or the one of `kid`; lives five minutes. A claim or header field set undefined is left out. */
  token(claims: Record<string, unknown>, options: { kid?: string; header?: Record<string, unknown> } = {}): string {
    const key = this.keys.findLast((one) => options.kid === undefined || one.kid === options.kid)!;
    const now = Math.floor(Date.now() / 1000);
    const header = { alg: key.algorithm, typ: 'JWT', kid: key.kid, ...options.header };
    const signed = `${encode(header)}.${encode({ iss: this.url, iat: now, nbf: now, exp: now + 300, ...claims })}`;
    return `${signed}.${signature(key, signed)}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function signature({ algorithm, privateKey }: Key, text: string): string {
  const hash = algorithm === 'EdDSA' ? null : 'sha256';
  return sign(hash, Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
}

function publicJwk({ kid, algorithm, publicKey }: Key): object {
  return { ...publicKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' };
}
