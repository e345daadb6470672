import { verify, X509Certificate } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { renewalProofText } from '@flotilla/contracts/agent';
import type { RenewRequest, RenewResponseInput } from '@flotilla/contracts/agent';
import type { AgentRef } from '@flotilla/domain';
import { CallError } from '../grpc/status.js';
import { agentOfCertificate, publicKeySha256, sha256Hex } from '../pki/index.js';
import { certify } from './enroll.js';
import type { EnrollmentDeps } from './enroll.js';
import { findAgentKeys, saveCandidate } from './enrollment.store.js';

const DAY_MS = 86_400_000;
/** A host that was off for longer is enrolled again. */
const RENEWABLE_MS = 90 * DAY_MS;
/** The proof covers the new key, so that a stolen one is worth nothing; its age is bounded all the same. */
const PROOF_AGE_MS = DAY_MS;

/**
 * A new certificate for an agent that has one: its connection shows it, or the request does and proves its key.
 *
 * @param peer the agent that the connection's certificate names; null without a valid one
 * @throws CallError
 */
export async function renew(
  deps: EnrollmentDeps,
  request: RenewRequest,
  peer: AgentRef | null,
  nowMs: number,
): Promise<RenewResponseInput> {
  const shown = peer ? { agent: peer, keySha256: null } : provenAgent(deps, request, nowMs);
  const { agent } = shown;
  const row = await deps.db.system((tx) => findAgentKeys(tx, agent));
  if (!row)
    throw new CallError(status.PERMISSION_DENIED, 'this agent is not known here any more: enrol the host again');
  if (row.status === 'revoked') throw revoked();
  if (!row.tenant_active) throw new CallError(status.PERMISSION_DENIED, 'this tenant is suspended');
  if (shown.keySha256) {
    const known = [row.key_sha256, row.candidate_key_sha256].some((key) => key?.equals(shown.keySha256 as Buffer));
    if (!known)
      throw new CallError(
        status.PERMISSION_DENIED,
        'this certificate was replaced by a newer one: enrol the host again',
      );
  }
  const issued = await certify(deps.authority, agent, request.csrPem);
  const saved = await deps.db.system((tx) => saveCandidate(tx, agent, issued.keySha256, issued.notAfterMs));
  if (!saved) throw revoked();
  return { certificatePem: issued.pem, caPem: deps.trust().caPem, notAfterMs: issued.notAfterMs };
}

function provenAgent(
  deps: EnrollmentDeps,
  request: RenewRequest,
  nowMs: number,
): { agent: AgentRef; keySha256: Buffer } {
  const refuse = (why: string) => new CallError(status.UNAUTHENTICATED, `this certificate cannot be renewed: ${why}`);
  if (!request.endedCertificatePem) throw refuse('the connection shows no valid one and the request has none');
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(request.endedCertificatePem);
  } catch {
    throw refuse('ended_certificate_pem is no PEM certificate');
  }
  const agent = agentOfCertificate(certificate.subjectAltName);
  if (!agent || !deps.authority.signed(certificate)) throw refuse('it was not issued here');
  if (nowMs - Date.parse(certificate.validTo) > RENEWABLE_MS) {
    throw refuse(`it ended more than 90 days ago (${certificate.validTo}): enrol the host again`);
  }
  if (Math.abs(nowMs - request.issuedAtMs) > PROOF_AGE_MS) {
    throw refuse("the proof's issued_at_ms is more than a day away from the server's clock: set the host's clock");
  }
  const text = renewalProofText(agent.agentId, request.issuedAtMs, sha256Hex(pemToDer(request.csrPem)));
  if (!verify('sha256', Buffer.from(text), certificate.publicKey, request.proof))
    throw refuse('the proof of its key is wrong');
  return { agent, keySha256: publicKeySha256(certificate) };
}

const pemToDer = (pem: string): Buffer => Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');

const revoked = () =>
  new CallError(status.PERMISSION_DENIED, 'this agent was revoked; to bring the host back, enrol it with a new token');
