import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import type { CertificateAuthority } from './certificate-authority.js';
import { certificateSha256 } from './x509.js';

export interface ServerKeyPair {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly notAfterMs: number;
}

/** What the operator configured instead of a certificate of our own: PEM texts. */
export interface ConfiguredCertificate {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/** What agents must trust to believe this server. */
export interface ServerTrust {
  /** Fingerprint of the certificate at the end of the chain; null: the machine's root certificates vouch for it. */
  readonly caSha256: string | null;
  /** The same certificate as PEM; empty together with null. */
  readonly caPem: string;
}

/** Half of the life of a certificate is left when it is renewed. */
const RENEW_AT = 0.5;

/** The listener's key and certificate: the configured ones, or our own, renewed by themselves. */
export class ServerIdentity {
  private current: ServerKeyPair | undefined;
  private issuedAtMs = 0;

  constructor(
    private readonly authority: CertificateAuthority,
    private readonly names: readonly string[],
    private readonly configured: ConfiguredCertificate | null,
    private readonly now: () => number = Date.now,
  ) {}

  /** The pair to serve now; a new one when the last is past half of its life. */
  async keyPair(): Promise<ServerKeyPair> {
    if (this.configured) {
      const certificatePem = this.configured.cert.toString();
      const notAfterMs = Date.parse(new X509Certificate(certificatePem).validTo);
      return { certificatePem, privateKeyPem: this.configured.key.toString(), notAfterMs };
    }
    const half = this.current && this.issuedAtMs + (this.current.notAfterMs - this.issuedAtMs) * RENEW_AT;
    if (this.current && half !== undefined && this.now() < half) return this.current;
    this.issuedAtMs = this.now();
    this.current = await this.authority.issueForServer(this.names);
    return this.current;
  }

  /** A chain that ends in a self-signed certificate is pinned by it; any other is for public roots to judge. */
  trust(): ServerTrust {
    if (!this.configured) return { caSha256: this.authority.sha256, caPem: this.authority.certificatePem };
    const chain = this.configured.cert.toString().match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
    const last = new X509Certificate(chain?.at(-1) ?? this.configured.cert);
    const selfSigned = last.subject === last.issuer && last.verify(last.publicKey);
    return selfSigned ? { caSha256: certificateSha256(last), caPem: last.toString() } : { caSha256: null, caPem: '' };
  }
}

/**
 * The names in our own certificate: every name under which agents may reach the listener.
 *
 * @param bind address of the listener; a wildcard stands for every address of this machine
 * @param publicUrl FLOTILLA_PUBLIC_URL, or null
 */
export function serverNames(bind: string, publicUrl: string | null): string[] {
  const names = new Set(['localhost', '127.0.0.1', '::1']);
  if (bind === '0.0.0.0' || bind === '::') {
    names.add(hostname());
    for (const addresses of Object.values(networkInterfaces())) {
      for (const address of addresses ?? []) if (!address.address.startsWith('fe80')) names.add(address.address);
    }
  } else if (isIP(bind) > 0 || bind.length > 0) {
    names.add(bind);
  }
  if (publicUrl) names.add(new URL(publicUrl).hostname.replace(/^\[|\]$/g, ''));
  return [...names];
}
