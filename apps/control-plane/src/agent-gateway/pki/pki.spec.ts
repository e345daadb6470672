import 'reflect-metadata';
import { connect, createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { webcrypto } from 'node:crypto';
import { CertificateAuthority, createAuthority } from './certificate-authority.js';
import { agentOfCertificate } from './agent-identity.js';
import { open, seal, SealBrokenError } from './sealing.js';
import { ServerIdentity, serverNames } from './server-identity.js';
import { KEY_ALGORITHM, SIGNATURE_ALGORITHM, exportPrivateKeyPem } from './x509.js';

const agent = { tenantId: '11111111-1111-4111-8111-111111111111', agentId: '22222222-2222-4222-8222-222222222222' };
const DAY_MS = 86_400_000;

async function request(keys?: webcrypto.CryptoKeyPair) {
  const pair = keys ?? (await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']));
  const csr = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=whatever the agent says',
    keys: pair,
    signingAlgorithm: SIGNATURE_ALGORITHM,
  });
  return { csrPem: csr.toString('pem'), keyPem: await exportPrivateKeyPem(pair.privateKey) };
}

describe('sealing', () => {
  const key = Buffer.alloc(32, 7);

  it('opens what was sealed for the same purpose under the same key', () => {
    expect(open(key, 'a', seal(key, 'a', 'geheim ✓'))).toBe('geheim ✓');
  });

  it.each([
    ['another master key', () => open(Buffer.alloc(32, 8), 'a', seal(key, 'a', 'x'))],
    ['another purpose', () => open(key, 'b', seal(key, 'a', 'x'))],
    [
      'one changed bit',
      () => {
        const sealed = seal(key, 'a', 'x');
        sealed[sealed.length - 1]! ^= 1;
        return open(key, 'a', sealed);
      },
    ],
    ['a cut end', () => open(key, 'a', seal(key, 'a', 'x').subarray(0, 20))],
  ])('does not open with %s', (_, attempt) => {
    expect(attempt).toThrow(SealBrokenError);
  });
});

describe('the authority', () => {
  it('certifies the key of a request for 24 hours under the name that it is told, not the one that is asked for', async () => {
    const nowMs = Date.UTC(2026, 10, 22);
    const authority = await CertificateAuthority.load(await createAuthority(nowMs), () => nowMs);
    const issued = await authority.issueForAgent(agent, (await request()).csrPem);
    const certificate = new X509Certificate(issued.pem);
    expect(agentOfCertificate(certificate.subjectAltName)).toEqual(agent);
    expect(authority.signed(certificate)).toBe(true);
    expect(issued.notAfterMs).toBe(nowMs + DAY_MS);
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']); // clientAuth only
  });

  it('refuses what is no request, a wrong signature and a weak kind of key', async () => {
    const authority = await CertificateAuthority.load(await createAuthority(Date.now()));
    await expect(authority.issueForAgent(agent, 'hello')).rejects.toThrow('not a PEM certificate request');
    const { csrPem } = await request();
    const der = Buffer.from(csrPem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    der[der.length - 3]! ^= 1;
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
    await expect(authority.issueForAgent(agent, forged)).rejects.toThrow('not signed by the key');
    const rsa = await webcrypto.subtle.generateKey(
      { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: Buffer.of(1, 0, 1), modulusLength: 2048 },
      true,
      ['sign', 'verify'],
    );
    const csr = await Pkcs10CertificateRequestGenerator.create({
      name: 'CN=x',
      keys: rsa,
      signingAlgorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    });
    await expect(authority.issueForAgent(agent, csr.toString('pem'))).rejects.toThrow('P-256');
  });

  it('does not know the certificates of another authority', async () => {
    const ours = await CertificateAuthority.load(await createAuthority(Date.now()));
    const theirs = await CertificateAuthority.load(await createAuthority(Date.now()));
    const issued = await theirs.issueForAgent(agent, (await request()).csrPem);
    expect(ours.signed(new X509Certificate(issued.pem))).toBe(false);
  });

  it('makes a server certificate that TLS accepts for its names, and a client certificate that TLS accepts', async () => {
    const authority = await CertificateAuthority.load(await createAuthority(Date.now()));
    const identity = new ServerIdentity(authority, serverNames('127.0.0.1', 'https://gpu.example.com'), null);
    const pair = await identity.keyPair();
    expect(await identity.keyPair()).toBe(pair);
    expect(new X509Certificate(pair.certificatePem).subjectAltName).toContain('DNS:gpu.example.com');
    const server = createServer({
      cert: pair.certificatePem,
      key: pair.privateKeyPem,
      ca: authority.certificatePem,
      requestCert: true,
      rejectUnauthorized: true,
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      const asked = await request();
      const issued = await authority.issueForAgent(agent, asked.csrPem);
      const authorized = new Promise((resolve) => server.once('secureConnection', (s) => resolve(s.authorized)));
      const socket = connect({
        port: (server.address() as AddressInfo).port,
        host: '127.0.0.1',
        ca: authority.certificatePem,
        cert: issued.pem,
        key: createPrivateKey(asked.keyPem).export({ type: 'pkcs8', format: 'pem' }),
      });
      await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
      expect(await authorized).toBe(true);
      socket.destroy();
    } finally {
      server.close();
    }
  });

  it('renews the server certificate at half of its life', async () => {
    let nowMs = Date.UTC(2026, 10, 22);
    const authority = await CertificateAuthority.load(await createAuthority(nowMs), () => nowMs);
    const identity = new ServerIdentity(authority, ['localhost'], null, () => nowMs);
    const first = await identity.keyPair();
    nowMs += 14 * DAY_MS; // of 30
    expect(await identity.keyPair()).toBe(first);
    nowMs += 2 * DAY_MS;
    expect((await identity.keyPair()).notAfterMs).toBe(nowMs + 30 * DAY_MS);
  });
});

describe('what agents are told to trust', () => {
  it('is our CA without a configured certificate, the root of a private chain, and public roots otherwise', async () => {
    const ours = await CertificateAuthority.load(await createAuthority(Date.now()));
    const company = await CertificateAuthority.load(await createAuthority(Date.now()));
    const pair = await company.issueForServer(['gpu.example.com']);
    const leaf = pair.certificatePem.slice(0, pair.certificatePem.indexOf('-----END') + 26);
    const trust = (cert: string | null) =>
      new ServerIdentity(ours, [], cert === null ? null : { cert, key: pair.privateKeyPem }).trust().caSha256;
    expect(trust(null)).toBe(ours.sha256);
    expect(trust(pair.certificatePem)).toBe(company.sha256);
    expect(trust(leaf)).toBeNull();
  });
});

describe('the name in a certificate', () => {
  it.each([
    ['nothing', undefined],
    ['a host name', 'DNS:localhost'],
    [
      'two agents',
      `URI:urn:flotilla:tenant:${agent.tenantId}:agent:${agent.agentId}, URI:urn:flotilla:tenant:${agent.tenantId}:agent:${agent.tenantId}`,
    ],
    ['an upper-case id', `URI:urn:flotilla:tenant:${agent.tenantId}:agent:AAAAAAAA-2222-4222-8222-222222222222`],
  ])('is nobody for %s', (_, name) => {
    expect(agentOfCertificate(name)).toBeNull();
  });
});
