import 'reflect-metadata';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash, createPublicKey, verify, X509Certificate } from 'node:crypto';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { status } from '@grpc/grpc-js';
import { formatEnrollmentToken, renewalProofText } from '@flotilla/contracts/agent';
import { eventually } from '../../../../test/support/agent-process/agent-process.js';
import { TestAuthority } from '../../../../test/support/fake-control-plane/authority.js';
import { FakeControlPlane } from '../../../../test/support/fake-control-plane/fake-control-plane.js';
import { silentLog } from '../log.js';
import type { LinkEvents } from '../session/link.js';
import type { Closed } from '../session/closing.js';
import { judge } from '../session/closing.js';
import { csrPem, derOfPem, newPrivateKeyPem } from './csr.js';
import { leave } from './enrol.js';
import { IdentityFile } from './identity.js';
import { Trust } from './trust.js';

const machine = { hostname: 'host-a', agentVersion: '1' };
let folder: string;
let fake: FakeControlPlane;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-enrol-'));
  fake = await FakeControlPlane.start();
});
afterEach(() => {
  fake.stop();
  rmSync(folder, { recursive: true, force: true });
});

const file = () => new IdentityFile(join(folder, 'identity.json'));
const trustOf = (token: string | null = fake.token, nowMs = () => Date.now()) =>
  new Trust({ file: file(), server: fake.address, token, machine, nowMs, log: silentLog });

/** Opens a stream and resolves when it was welcomed or closed. */
function attempt(trust: Trust): Promise<'welcome' | Closed> {
  return new Promise((resolve) => {
    const events: LinkEvents = {
      onMessage: (message) => {
        if (!message.welcome) return;
        trust.welcomed();
        resolve('welcome');
        link.cancel();
      },
      onDrain: () => {},
      onClosed: resolve,
    };
    const link = trust.open(events);
    link.write({ hello: { agentId: trust.agentId, walEpoch: 1 } });
  });
}

describe('the certificate request', () => {
  it('is one that another library reads, of a P-256 key, signed by that key', async () => {
    const request = new Pkcs10CertificateRequest(csrPem(newPrivateKeyPem()));
    expect(await request.verify()).toBe(true);
    expect(request.publicKey.algorithm).toMatchObject({ name: 'ECDSA', namedCurve: 'P-256' });
    expect(request.subject).toBe('CN=flotilla-agent');
  });
});

describe('enrolment', () => {
  it('trades the token for an identity in a file that only its owner reads, and opens a stream with it', async () => {
    const trust = trustOf();
    await trust.enrol();
    expect(fake.enrolments[0]).toMatchObject({ token: fake.token, machine: { hostname: 'host-a' } });
    expect(statSync(join(folder, 'identity.json')).mode & 0o777).toBe(0o600);
    expect(await attempt(trust)).toBe('welcome');
    // the peer of the stream showed the certificate of exactly that key
    const identity = file().load();
    const certificate = new X509Certificate(identity?.current.certificatePem ?? '');
    expect(certificate.publicKey.equals(createPublicKey(identity?.current.privateKeyPem ?? ''))).toBe(true);
  });

  it('sends nothing to a server that the token was not made for', async () => {
    const other = await TestAuthority.create();
    const foreign = formatEnrollmentToken({ id: '0123456789abcdef', secret: 'A'.repeat(27), caSha256: other.caSha256 });
    await expect(trustOf(foreign).enrol()).rejects.toThrow('is not the control plane that this token belongs to');
    expect(fake.enrolments).toEqual([]);
    expect(file().load()).toBeNull();
  });

  it('sends nothing to a server that shows the CA of the token without having its signature', async () => {
    const other = await TestAuthority.create();
    // an impostor: its own leaf, the right CA behind it
    const impostor = await FakeControlPlane.start(other);
    impostor.stop();
    Object.assign(other, { caPem: fake.authority.caPem });
    await impostor.listen(0);
    const trust = new Trust({
      file: file(),
      server: impostor.address,
      token: fake.token,
      machine,
      nowMs: () => Date.now(),
      log: silentLog,
    });
    await expect(trust.enrol()).rejects.toThrow(/is not the control plane|did not sign/);
    expect(impostor.enrolments).toEqual([]);
    impostor.stop();
  });

  it('tells what the server says to a token that is used up', async () => {
    const { caSha256 } = fake.authority;
    const used = formatEnrollmentToken({ id: 'ffffffffffffffff', secret: 'A'.repeat(27), caSha256 });
    await expect(trustOf(used).enrol()).rejects.toMatchObject({
      message: 'this token is not known',
      code: status.UNAUTHENTICATED,
    });
    await expect(trustOf('flt_enroll_cut').enrol()).rejects.toThrow('was it cut off');
  });
});

describe('renewal', () => {
  it('asks at half life, and the new certificate takes over when a stream opened with it', async () => {
    let now = Date.now();
    const trust = trustOf(fake.token, () => now);
    await trust.enrol();
    const before = file().load();
    expect(await trust.tick()).toBe(false);
    now += 12 * 3_600_000 + 1000;
    expect(await trust.tick()).toBe(true);
    expect(file().load()).toMatchObject({
      current: before?.current,
      candidate: { certificatePem: expect.any(String) },
    });
    expect(await attempt(trust)).toBe('welcome');
    const after = file().load();
    expect(after?.candidate).toBeNull();
    expect(after?.current.certificatePem).not.toBe(before?.current.certificatePem);
    expect(after?.current.privateKeyPem).not.toBe(before?.current.privateKeyPem);
  });

  it('goes back to the one before when the new one is refused', async () => {
    let now = Date.now();
    const trust = trustOf(fake.token, () => now);
    await trust.enrol();
    const before = file().load();
    now += 13 * 3_600_000;
    await trust.tick();
    fake.refuse = { code: status.UNAUTHENTICATED, details: 'unknown certificate' };
    const closed = await attempt(trust);
    expect(closed).toMatchObject({ code: status.UNAUTHENTICATED });
    await trust.closed(judge(closed as Closed), false);
    expect(file().load()).toMatchObject({ current: before?.current, candidate: null });
    fake.refuse = null;
    expect(await attempt(trust)).toBe('welcome');
  });

  it('proves its key when the certificate ended while the host was off', async () => {
    fake.certificateLifeMs = 1_000;
    const trust = trustOf();
    await trust.enrol();
    const before = file().load();
    fake.certificateLifeMs = 3_600_000;
    await eventually('it ended', () => Date.now() > (before?.current.notAfterMs ?? 0));
    expect(await trust.tick()).toBe(true);
    const [renewal] = fake.renewals;
    expect(renewal?.endedCertificatePem).toBe(before?.current.certificatePem);
    const sha256 = createHash('sha256')
      .update(derOfPem(renewal?.csrPem ?? ''))
      .digest('hex');
    const text = renewalProofText(trust.agentId, renewal?.issuedAtMs ?? 0, sha256);
    const key = new X509Certificate(before?.current.certificatePem ?? '').publicKey;
    expect(verify('sha256', Buffer.from(text), key, renewal?.proof ?? Buffer.alloc(0))).toBe(true);
    expect(await attempt(trust)).toBe('welcome');
  });

  it('takes itself out, by a renewed certificate where its own has ended', async () => {
    const trust = trustOf();
    await trust.enrol();
    const identity = file().load()!;
    await leave(identity.server, identity, Date.now());
    expect(fake.left).toBe(1);
    const renewals = fake.renewals.length;
    await leave(identity.server, identity, Date.now() + 25 * 3_600_000);
    expect([fake.left, fake.renewals.length]).toEqual([2, renewals + 1]);
  });

  it('enrols anew with a token of another control plane, and keeps the identity with one of the same', async () => {
    await trustOf().enrol();
    expect(trustOf().isEnrolled).toBe(true);
    expect(trustOf(null).isEnrolled).toBe(true);
    const other = await TestAuthority.create();
    const foreign = formatEnrollmentToken({ id: '0123456789abcdef', secret: 'A'.repeat(27), caSha256: other.caSha256 });
    expect(trustOf(foreign).isEnrolled).toBe(false);
  });
});
