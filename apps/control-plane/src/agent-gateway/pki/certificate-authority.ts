import 'reflect-metadata';
import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import type { AgentRef } from '@flotilla/domain';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  AuthorityKeyIdentifierExtension,
  X509Certificate as PeculiarCertificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Extension, JsonGeneralName, PublicKey } from '@peculiar/x509';
import { agentUri } from './agent-identity.js';
import { certificateSha256, exportPrivateKeyPem, KEY_ALGORITHM, randomSerial, SIGNATURE_ALGORITHM } from './x509.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Hosts whose clock is behind by up to two days can still tell that the server is genuine. */
const BACKDATED_MS = 2 * DAY_MS;

export const CA_LIFETIME_MS = 3_650 * DAY_MS;
export const SERVER_LIFETIME_MS = 30 * DAY_MS;
export const CLIENT_LIFETIME_MS = DAY_MS;

/** A request for a certificate that cannot be granted; the message says why. */
export class BadCertificateRequestError extends Error {}

export interface IssuedCertificate {
  readonly pem: string;
  readonly notAfterMs: number;
  /** SHA-256 over the certified public key. */
  readonly keySha256: Buffer;
}

export interface AuthorityMaterial {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** Makes a new authority: a key and its self-signed certificate. */
export async function createAuthority(nowMs: number): Promise<AuthorityMaterial> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  const name = `CN=Flotilla agents CA ${randomSerial().slice(0, 8)}`;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: name,
    issuer: name,
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: new Date(nowMs + CA_LIFETIME_MS),
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: SIGNATURE_ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificatePem: certificate.toString('pem'),
    privateKeyPem: await exportPrivateKeyPem(keys.privateKey),
  };
}

/** Signs for agents and for the gRPC listener. */
export class CertificateAuthority {
  readonly certificate: X509Certificate;
  /** Lower-case hexadecimal SHA-256 over the CA certificate's DER. */
  readonly sha256: string;

  private constructor(
    readonly certificatePem: string,
    private readonly signer: PeculiarCertificate,
    private readonly key: webcrypto.CryptoKey,
    private readonly now: () => number,
  ) {
    this.certificate = new X509Certificate(certificatePem);
    this.sha256 = certificateSha256(this.certificate);
  }

  static async load(material: AuthorityMaterial, now: () => number = Date.now): Promise<CertificateAuthority> {
    const der = createPrivateKey(material.privateKeyPem).export({ type: 'pkcs8', format: 'der' });
    const key = await webcrypto.subtle.importKey('pkcs8', der, KEY_ALGORITHM, false, ['sign']);
    return new CertificateAuthority(
      material.certificatePem,
      new PeculiarCertificate(material.certificatePem),
      key,
      now,
    );
  }

  /**
   * Certifies an agent's key for 24 hours.
   *
   * @param csrPem PKCS#10; its signature proves that the agent has the key. The names in it are ignored.
   * @throws BadCertificateRequestError when it is no request, is not signed by its own key, or has another kind of key
   */
  async issueForAgent(agent: AgentRef, csrPem: string): Promise<IssuedCertificate> {
    const request = await readRequest(csrPem);
    const issued = await this.issue(request.publicKey, `CN=${agent.agentId}`, CLIENT_LIFETIME_MS, HOUR_MS, [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension([{ type: 'url', value: agentUri(agent) }]),
    ]);
    return issued;
  }

  /** A key and certificate for the listener: PEM, the chain with the CA's certificate at its end. */
  async issueForServer(
    names: readonly string[],
  ): Promise<{ certificatePem: string; privateKeyPem: string; notAfterMs: number }> {
    const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
    const alternatives = names.map((name): JsonGeneralName => ({ type: isAddress(name) ? 'ip' : 'dns', value: name }));
    const issued = await this.issue(keys.publicKey, 'CN=Flotilla control plane', SERVER_LIFETIME_MS, BACKDATED_MS, [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(alternatives),
    ]);
    return {
      certificatePem: `${issued.pem.trimEnd()}\n${this.certificatePem.trimEnd()}\n`,
      privateKeyPem: await exportPrivateKeyPem(keys.privateKey),
      notAfterMs: issued.notAfterMs,
    };
  }

  /** Whether this authority signed the certificate. Says nothing about its dates. */
  signed(certificate: X509Certificate): boolean {
    return certificate.verify(this.certificate.publicKey);
  }

  private async issue(
    publicKey: PublicKey | webcrypto.CryptoKey,
    subject: string,
    lifetimeMs: number,
    backdatedMs: number,
    extensions: readonly Extension[],
  ): Promise<IssuedCertificate> {
    const now = this.now();
    const certificate = await X509CertificateGenerator.create({
      serialNumber: randomSerial(),
      subject,
      issuer: this.signer.subject,
      notBefore: new Date(now - backdatedMs),
      notAfter: new Date(now + lifetimeMs),
      publicKey,
      signingKey: this.key,
      signingAlgorithm: SIGNATURE_ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        await AuthorityKeyIdentifierExtension.create(this.signer.publicKey),
        ...extensions,
      ],
    });
    const pem = certificate.toString('pem');
    return {
      pem,
      notAfterMs: certificate.notAfter.getTime(),
      keySha256: Buffer.from(await webcrypto.subtle.digest('SHA-256', certificate.publicKey.rawData)),
    };
  }
}

async function readRequest(csrPem: string): Promise<Pkcs10CertificateRequest> {
  let request: Pkcs10CertificateRequest;
  try {
    request = new Pkcs10CertificateRequest(csrPem);
  } catch (error) {
    throw new BadCertificateRequestError('csr_pem is not a PEM certificate request (PKCS#10)', { cause: error });
  }
  const algorithm = request.publicKey.algorithm as { name: string; namedCurve?: string };
  if (algorithm.name !== 'ECDSA' || algorithm.namedCurve !== 'P-256') {
    throw new BadCertificateRequestError('csr_pem must hold an ECDSA key on the curve P-256');
  }
  if (!(await request.verify().catch(() => false))) {
    throw new BadCertificateRequestError('csr_pem is not signed by the key that it holds');
  }
  return request;
}

const isAddress = (name: string): boolean => /^[0-9.]+$/.test(name) || name.includes(':');
