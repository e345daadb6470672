import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { renewalProofText } from '@flotilla/contracts/agent';
import { startTestGateway } from '../../../../../test/support/agent-gateway.js';
import type { TestGateway } from '../../../../../test/support/agent-gateway.js';
import { createTestDatabase } from '../../../../../test/support/database.js';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { createTenant } from '../../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../../test/support/fleet.js';
import {
  callEnroll,
  callLeave,
  callRenew,
  enrollTestAgent,
  newAgentKey,
  TestStream,
} from '../../../../../test/support/test-agent.js';
import type { AgentKey, Credentials } from '../../../../../test/support/test-agent.js';
import { createAuthority, CertificateAuthority, loadOrCreateAuthority } from '../pki/index.js';

const DAY_MS = 86_400_000;

describe('enrolment over TLS', () => {
  let database: TestDatabase;
  let gateway: TestGateway;
  let tenant: TestTenant;
  let caPem: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    gateway = await startTestGateway(database.db);
    tenant = await createTenant(database.db);
    caPem = gateway.authority.certificatePem;
  });
  afterAll(async () => {
    await gateway.stop();
    await database.close();
  });

  const mint = (wanted: { multiUse?: boolean; expiresInS?: number } = {}) =>
    gateway.tokens.mint(tenant.actor, { name: 'rack 7', multiUse: false, expiresInS: 3600, ...wanted });
  const enroll = async (token: string, key?: AgentKey) =>
    callEnroll(gateway.address, caPem, {
      token,
      csrPem: (key ?? (await newAgentKey())).csrPem,
      machine: { hostname: 'gpu-\u001b[31m7', machineFingerprint: 'fp' },
    });
  const agents = async () => (await database.db.system((tx) => tx.rows('SELECT a.id FROM flotilla.agents a'))).length;

  it('gives one agent for a single-use token, and a certificate that opens a stream', async () => {
    const { token } = await mint();
    const key = await newAgentKey();
    const answer = await enroll(token, key);
    expect(answer.tenantId).toBe(tenant.tenantId);
    expect(answer.notAfterMs - Date.now()).toBeGreaterThan(DAY_MS - 60_000);
    const row = await database.db.system((tx) =>
      tx.row('SELECT a.hostname, a.status, a.enrollment_token_id FROM flotilla.agents a WHERE a.id = $1', [
        answer.agentId,
      ]),
    );
    expect(row).toMatchObject({ hostname: 'gpu-[31m7', status: 'enrolled' });
    const stream = new TestStream(gateway.address, { ...answer, privateKeyPem: key.privateKeyPem, caPem });
    expect((await stream.hello()).epoch).toBe(1);
    stream.close();
    const before = await agents();
    await expect(enroll(token)).rejects.toMatchObject({ code: status.UNAUTHENTICATED, details: /good for one host/ });
    expect(await agents()).toBe(before);
  });

  it('gives a single-use token to one of several that come at once', async () => {
    const { token } = await mint();
    const before = await agents();
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => enroll(token)));
    expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    expect(await agents()).toBe(before + 1);
  });

  it('takes a multi-use token again and again, until it is revoked', async () => {
    const { token, id } = await mint({ multiUse: true });
    const first = await enroll(token);
    const second = await enroll(token);
    expect(first.agentId).not.toBe(second.agentId);
    await gateway.tokens.revoke(tenant.actor, id);
    await expect(enroll(token)).rejects.toMatchObject({ code: status.UNAUTHENTICATED, details: /revoked/ });
  });

  it('refuses an ended token, a wrong secret, and what is no token, and does not tell unknown from wrong', async () => {
    const { token, id } = await mint();
    // by place, for a secret may hold the mark that stands between the parts
    const secretAt = token.indexOf(id) + id.length + 1;
    const wrong = token.slice(0, secretAt) + 'A'.repeat(27) + token.slice(secretAt + 27);
    const unknown = token.replace(id, '0123456789abcdef');
    const messages = await Promise.all(
      [wrong, unknown].map((text) => enroll(text).catch((error: Error & { details: string }) => error.details)),
    );
    expect(messages[0]).toBe('this enrolment token is not known here');
    expect(messages[1]).toBe(messages[0]);
    await expect(enroll('flt_live_x')).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
    await database.db.system((tx) =>
      tx.rows(
        `UPDATE flotilla.enrollment_tokens SET created_at = now() - interval '2 hours', expires_at = now() - interval '1 s' WHERE id = $1`,
        [id],
      ),
    );
    await expect(enroll(token)).rejects.toMatchObject({ code: status.UNAUTHENTICATED, details: /its time is over/ });
  });

  it('does not use up a token for a request that cannot be certified', async () => {
    const { token } = await mint();
    await expect(enroll(token, { csrPem: 'nonsense', privateKeyPem: '' })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
    await expect(enroll(token)).resolves.toBeDefined();
  });

  it('keeps tokens within their greatest age', async () => {
    await expect(mint({ expiresInS: 25 * 3600 })).rejects.toThrow('at most 24 hours');
    await expect(mint({ multiUse: true, expiresInS: 400 * 86_400 })).rejects.toThrow('at most a year');
  });

  it('says how to add a host, and that loopback is not enough', async () => {
    const minted = await mint();
    expect(minted.installCommand).toBe(
      `npm run agent -- --server 127.0.0.1:${gateway.gateway.port} --token ${minted.token}`,
    );
    expect(minted.note).toContain('FLOTILLA_PUBLIC_URL');
  });

  describe('the stream', () => {
    it('needs a certificate', async () => {
      const stream = new TestStream(gateway.address, null, caPem);
      expect(await stream.end()).toMatchObject({ code: status.UNAUTHENTICATED });
      stream.close();
    });

    it('takes none of another authority', async () => {
      const { token } = await mint();
      const real = await enrollTestAgent(gateway.address, caPem, token);
      const other = await CertificateAuthority.load(await createAuthority(Date.now()));
      const key = await newAgentKey();
      const forged = await other.issueForAgent({ tenantId: tenant.tenantId, agentId: real.agentId }, key.csrPem);
      const stream = new TestStream(gateway.address, {
        ...real,
        certificatePem: forged.pem,
        privateKeyPem: key.privateKeyPem,
      });
      expect(await stream.end()).toMatchObject({ code: status.UNAUTHENTICATED });
      stream.close();
    });

    it('takes none that has ended, and cuts a stream whose certificate ends under way', async () => {
      const { token } = await mint();
      const real = await enrollTestAgent(gateway.address, caPem, token);
      const ref = { tenantId: tenant.tenantId, agentId: real.agentId };
      const ended = await certificateOf(gateway, ref, Date.now() - 2 * DAY_MS);
      const first = new TestStream(gateway.address, { ...real, ...ended });
      expect(await first.end()).toMatchObject({ code: status.UNAUTHENTICATED });
      first.close();
      const ending = await certificateOf(gateway, ref, Date.now() - DAY_MS + 3_500);
      const second = new TestStream(gateway.address, { ...real, ...ending });
      await second.hello();
      expect(await second.end()).toMatchObject({ code: status.UNAUTHENTICATED, details: /has ended/ });
      second.close();
    });
  });

  describe('renewal', () => {
    let real: Credentials;
    beforeEach(async () => {
      real = await enrollTestAgent(gateway.address, caPem, (await mint()).token);
    });
    const renewEnded = async (
      ended: { certificatePem: string; privateKeyPem: string },
      changes: { issuedAtMs?: number } = {},
    ) => {
      const { csrPem } = await newAgentKey();
      const issuedAtMs = changes.issuedAtMs ?? Date.now();
      const der = Buffer.from(csrPem.replace(/-----[^-]+-----/g, ''), 'base64');
      const text = renewalProofText(real.agentId, issuedAtMs, createHash('sha256').update(der).digest('hex'));
      const proof = sign('sha256', Buffer.from(text), createPrivateKey(ended.privateKeyPem));
      return callRenew(gateway.address, caPem, {
        csrPem,
        endedCertificatePem: ended.certificatePem,
        proof,
        issuedAtMs,
      });
    };
    const remember = (keyPem: string) =>
      database.db.system((tx) =>
        tx.rows('UPDATE flotilla.agents SET key_sha256 = $2 WHERE id = $1', [real.agentId, keyHash(keyPem)]),
      );

    it('over mutual TLS gives a new certificate that works, whatever id the request names', async () => {
      const key = await newAgentKey();
      const renewed = await callRenew(gateway.address, caPem, { agentId: 'somebody else', csrPem: key.csrPem }, real);
      const stream = new TestStream(gateway.address, { ...real, ...renewed, privateKeyPem: key.privateKeyPem });
      await stream.hello();
      stream.close();
    });

    it('brings an ended certificate back by proof of its key', async () => {
      const ref = { tenantId: tenant.tenantId, agentId: real.agentId };
      const ended = await certificateOf(gateway, ref, Date.now() - 60 * DAY_MS);
      await remember(ended.privateKeyPem);
      await expect(renewEnded(ended)).resolves.toMatchObject({ caPem });
    });

    it.each([
      ['more than 90 days', 92, {}, 'more than 90 days'],
      ['a proof of the day before yesterday', 60, { issuedAtMs: Date.now() - 2 * DAY_MS }, 'more than a day away'],
    ])('refuses %s', async (_, days, changes, expected) => {
      const ref = { tenantId: tenant.tenantId, agentId: real.agentId };
      const ended = await certificateOf(gateway, ref, Date.now() - days * DAY_MS);
      await remember(ended.privateKeyPem);
      await expect(renewEnded(ended, changes)).rejects.toMatchObject({ details: expect.stringContaining(expected) });
    });

    it('refuses a proof by another key, a replaced key and nothing at all', async () => {
      const ref = { tenantId: tenant.tenantId, agentId: real.agentId };
      const ended = await certificateOf(gateway, ref, Date.now() - 10 * DAY_MS);
      await expect(renewEnded(ended)).rejects.toMatchObject({
        details: expect.stringContaining('replaced by a newer one'),
      });
      const thief = { ...ended, privateKeyPem: (await newAgentKey()).privateKeyPem };
      await expect(renewEnded(thief)).rejects.toMatchObject({
        details: expect.stringContaining('proof of its key is wrong'),
      });
      const { csrPem } = await newAgentKey();
      await expect(callRenew(gateway.address, caPem, { csrPem })).rejects.toMatchObject({
        code: status.UNAUTHENTICATED,
      });
    });
  });

  describe('an agent that takes itself out', () => {
    const statusOf = (agentId: string) =>
      database.db.system((tx) =>
        tx.row('SELECT a.status, a.revoked_at IS NOT NULL AS dated FROM flotilla.agents a WHERE a.id = $1', [agentId]),
      );
    const audited = (agentId: string) =>
      database.db.read(tenant, (tx) =>
        tx.rows(
          `SELECT e.actor_type, e.actor_id FROM flotilla.audit_log e WHERE e.subject_id = $1 AND e.event_type = 'agent.revoked'`,
          [agentId],
        ),
      );

    it('is revoked by its certificate, told in the audit, and comes back by nothing; again changes nothing', async () => {
      const own = await enrollTestAgent(gateway.address, caPem, (await mint()).token);
      await callLeave(gateway.address, caPem, own);
      await callLeave(gateway.address, caPem, own);
      expect(await statusOf(own.agentId)).toEqual({ status: 'revoked', dated: true });
      expect(await audited(own.agentId)).toEqual([{ actor_type: 'agent', actor_id: own.agentId }]);
      const { csrPem } = await newAgentKey();
      await expect(callRenew(gateway.address, caPem, { csrPem }, own)).rejects.toMatchObject({
        details: expect.stringContaining('was revoked'),
      });
    });

    it('needs a certificate, and one that was not replaced', async () => {
      const own = await enrollTestAgent(gateway.address, caPem, (await mint()).token);
      await expect(callLeave(gateway.address, caPem)).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
      const old = await certificateOf(gateway, { tenantId: tenant.tenantId, agentId: own.agentId }, Date.now());
      await expect(callLeave(gateway.address, caPem, { ...own, ...old })).rejects.toMatchObject({
        details: expect.stringContaining('replaced by a newer one'),
      });
      expect(await statusOf(own.agentId)).toMatchObject({ status: 'enrolled' });
    });
  });

  it('has one authority however many replicas start first at once', async () => {
    const fresh = await createTestDatabase();
    const key = Buffer.alloc(32, 9);
    const made = await Promise.all(Array.from({ length: 5 }, () => loadOrCreateAuthority(fresh.db, key)));
    expect(new Set(made.map((one) => one.sha256)).size).toBe(1);
    await expect(loadOrCreateAuthority(fresh.db, Buffer.alloc(32, 1))).rejects.toThrow('another master key');
    await fresh.close();
  });
});

/** A certificate of the gateway's own authority, as it was issued at `issuedAtMs`. */
async function certificateOf(gateway: TestGateway, ref: { tenantId: string; agentId: string }, issuedAtMs: number) {
  const clock = gateway.authority as unknown as { now: () => number };
  const real = clock.now;
  const key = await newAgentKey();
  clock.now = () => issuedAtMs;
  try {
    const issued = await gateway.authority.issueForAgent(ref, key.csrPem);
    return { certificatePem: issued.pem, privateKeyPem: key.privateKeyPem };
  } finally {
    clock.now = real;
  }
}

function keyHash(privateKeyPem: string): Buffer {
  const spki = createPublicKey(createPrivateKey(privateKeyPem)).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest();
}
