import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { parseEnrollmentToken } from '@flotilla/contracts/agent';
import type { EnrollRequest, EnrollResponseInput } from '@flotilla/contracts/agent';
import type { Db } from '@flotilla/persistence';
import { CallError } from '../grpc/status.js';
import { BadCertificateRequestError } from '../pki/index.js';
import type { CertificateAuthority, IssuedCertificate, ServerTrust } from '../pki/index.js';
import type { AgentRef } from '@flotilla/domain';
import { findToken, insertAgent, useToken } from './enrollment.store.js';
import type { TokenRow } from './enrollment.store.js';
import { cleanText } from '../grpc/text.js';

export interface EnrollmentDeps {
  readonly db: Pick<Db, 'system' | 'write'>;
  readonly authority: CertificateAuthority;
  readonly trust: () => ServerTrust;
}

/**
 * Trades a token and a certificate request for an agent. A single-use token is used up only by an enrolment that
 * succeeded; of two at once, one gets it.
 *
 * @throws CallError
 */
export async function enroll(
  deps: EnrollmentDeps,
  request: EnrollRequest,
  address: string | null,
): Promise<EnrollResponseInput> {
  const token = await checkedToken(deps, request.token);
  const agent: AgentRef = { tenantId: token.tenant_id, agentId: randomUUID() };
  const issued = await certify(deps.authority, agent, request.csrPem);
  const machine = request.machine;
  const hostname = cleanText(machine?.hostname ?? '', 255) ?? 'unnamed host';
  await deps.db.system(async (tx) => {
    if (!(await useToken(tx, token.tenant_id, token.id)))
      throw endedToken('it was used, revoked or ended a moment ago');
    await insertAgent(tx, {
      ...agent,
      tokenId: token.id,
      controls: token.controls,
      hostname,
      machineFingerprint: cleanText(machine?.machineFingerprint ?? '', 128),
      version: cleanText(machine?.agentVersion ?? '', 64),
      os: cleanText(machine?.os ?? '', 128),
      kernel: cleanText(machine?.kernel ?? '', 128),
      arch: cleanText(machine?.arch ?? '', 32),
      address,
      keySha256: issued.keySha256,
      notAfterMs: issued.notAfterMs,
    });
    await tx.record(
      agent.tenantId,
      'enrolment',
      'agent.enrolled',
      { type: 'agent', id: agent.agentId },
      {
        hostname,
        enrollment_token_id: token.id,
        address,
        controls: token.controls,
      },
    );
  });
  return {
    agentId: agent.agentId,
    tenantId: agent.tenantId,
    certificatePem: issued.pem,
    caPem: deps.trust().caPem,
    notAfterMs: issued.notAfterMs,
  };
}

/** @throws CallError INVALID_ARGUMENT for a request that cannot be certified */
export async function certify(
  authority: CertificateAuthority,
  agent: AgentRef,
  csrPem: string,
): Promise<IssuedCertificate> {
  try {
    return await authority.issueForAgent(agent, csrPem);
  } catch (error) {
    if (error instanceof BadCertificateRequestError) throw new CallError(status.INVALID_ARGUMENT, error.message);
    throw error;
  }
}

async function checkedToken(deps: EnrollmentDeps, text: string): Promise<TokenRow> {
  const parsed = parseEnrollmentToken(text);
  if (!parsed) {
    throw new CallError(
      status.UNAUTHENTICATED,
      'this is not an enrolment token: copy it whole, it starts with flt_enroll_',
    );
  }
  const row = await deps.db.system((tx) => findToken(tx, parsed.id));
  const offered = createHash('sha256').update(parsed.secret).digest();
  // without the right secret nobody learns whether the token exists
  if (!row || !timingSafeEqual(row.secret_sha256, offered)) {
    throw new CallError(status.UNAUTHENTICATED, 'this enrolment token is not known here');
  }
  if (row.revoked) throw endedToken('it was revoked');
  if (row.expired) throw endedToken('its time is over');
  if (!row.multi_use && row.uses > 0) throw endedToken('it was good for one host and is used up');
  if (!row.tenant_active) throw new CallError(status.PERMISSION_DENIED, 'this tenant is suspended');
  return row;
}

const endedToken = (why: string) =>
  new CallError(
    status.UNAUTHENTICATED,
    `this enrolment token does not work any more: ${why}; ask an admin for a new one`,
  );
