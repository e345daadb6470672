import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Extension, PublicKey, X509Certificate } from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;
const HOUR_MS = 3_600_000;

/** A small certificate authority for tests, made by another library than the agent's own code. */
export class TestAuthority {
  private serial = 1;

  private constructor(
    readonly caPem: string,
    readonly caSha256: string,
    private readonly certificate: X509Certificate,
    private readonly keys: webcrypto.CryptoKeyPair,
  ) {}

  static async create(): Promise<TestAuthority> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const name = 'CN=test agents CA';
    const certificate = await X509CertificateGenerator.create({
      serialNumber: '01',
      subject: name,
      issuer: name,
      notBefore: new Date(Date.now() - HOUR_MS),
      notAfter: new Date(Date.now() + 24 * HOUR_MS),
      publicKey: keys.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: SIGNING,
      extensions: [new BasicConstraintsExtension(true, 0, true)],
    });
    const sha256 = createHash('sha256').update(Buffer.from(certificate.rawData)).digest('hex');
    return new TestAuthority(certificate.toString('pem'), sha256, certificate, keys);
  }

  /** The chain (leaf, CA) and key of a server. The name in it is one that nobody dials, or that IP address. */
  async forServer(address?: string): Promise<{ chainPem: string; keyPem: string }> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const leaf = await this.issue(keys.publicKey, 24 * HOUR_MS, [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        address ? { type: 'ip', value: address } : { type: 'dns', value: 'a-name-that-nobody-dials.test' },
      ]),
    ]);
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    return {
      chainPem: `${leaf.toString('pem')}\n${this.caPem}\n`,
      keyPem: `-----BEGIN PRIVATE KEY-----\n${pkcs8.match(/.{1,64}/g)?.join('\n')}\n-----END PRIVATE KEY-----\n`,
    };
  }

  /** @throws when the request is not signed by its own key */
  async forAgent(csrPem: string, agentId: string, lifeMs: number): Promise<{ pem: string; notAfterMs: number }> {
    const request = new Pkcs10CertificateRequest(csrPem);
    if (!(await request.verify())) throw new Error('the request is not signed by the key that it holds');
    const certificate = await this.issue(request.publicKey, lifeMs, [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension([{ type: 'url', value: `urn:test:agent:${agentId}` }]),
    ]);
    return { pem: certificate.toString('pem'), notAfterMs: certificate.notAfter.getTime() };
  }

  private issue(publicKey: PublicKey | webcrypto.CryptoKey, lifeMs: number, extensions: Extension[]) {
    return X509CertificateGenerator.create({
      serialNumber: (++this.serial).toString(16).padStart(4, '0'),
      subject: 'CN=test',
      issuer: this.certificate.subject,
      notBefore: new Date(Date.now() - HOUR_MS),
      notAfter: new Date(Date.now() + lifeMs),
      publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: SIGNING,
      extensions,
    });
  }
}
