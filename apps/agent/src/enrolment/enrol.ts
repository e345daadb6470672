import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto';
import type { ServiceError } from '@grpc/grpc-js';
import { AgentEnrollmentClient, parseEnrollmentToken, renewalProofText } from '@flotilla/contracts/agent';
import type { EnrollResponse, LeaveResponse, MachineFactsInput, RenewResponse } from '@flotilla/contracts/agent';
import { AgentCredentials } from '../session/agent-credentials.js';
import { CHANNEL_OPTIONS } from '../session/grpc-link.js';
import { csrPem, derOfPem, newPrivateKeyPem } from './csr.js';
import { isEnded } from './identity.js';
import type { Credential, Identity } from './identity.js';
import { pinnedCa } from './presented-chain.js';

const CALL_MS = 30_000;

/** A call to the enrolment service that the server refused or nobody answered; the message is a sentence. */
export class EnrolmentError extends Error {
  constructor(
    message: string,
    /** gRPC status code; null when it never came to a call. */
    readonly code: number | null,
  ) {
    super(message);
  }
}

/**
 * Trades a token for an identity. The server proves by the fingerprint in the token that it is the right one before
 * the token is sent.
 *
 * @throws EnrolmentError, UntrustedServerError
 */
export async function enrol(
  server: string,
  token: string,
  machine: MachineFactsInput,
  nowMs: number,
): Promise<Identity> {
  const parsed = parseEnrollmentToken(token);
  if (!parsed) {
    throw new EnrolmentError('this is not an enrolment token (flt_enroll_…): was it cut off when it was copied?', null);
  }
  const { host, port } = hostAndPort(server);
  const caPem = parsed.caSha256 === null ? '' : await pinnedCa(host, port, parsed.caSha256);
  const privateKeyPem = newPrivateKeyPem();
  const response = await call<EnrollResponse>(server, caPem, null, (client, options, done) =>
    client.Enroll({ token: token.trim(), csrPem: csrPem(privateKeyPem), machine }, options, done),
  );
  return {
    server,
    agentId: response.agentId,
    tenantId: response.tenantId,
    caPem: response.caPem || caPem,
    current: credentialOf(privateKeyPem, response.certificatePem, response.notAfterMs, nowMs),
    candidate: null,
  };
}

/**
 * Fetches the next certificate, for a new key: over mutual TLS while the current one lasts, by a proof of its key for 90
 * days after. The result is the candidate; nothing is saved here.
 *
 * @throws EnrolmentError
 */
export async function renew(server: string, identity: Identity, nowMs: number, byProof = false): Promise<Identity> {
  const { agentId, caPem, current } = identity;
  const privateKeyPem = newPrivateKeyPem();
  const request = csrPem(privateKeyPem);
  const ended = byProof || isEnded(current, nowMs);
  const issuedAtMs = Math.round(nowMs);
  const sha256 = createHash('sha256').update(derOfPem(request)).digest('hex');
  const proof = ended
    ? {
        endedCertificatePem: current.certificatePem,
        proof: sign('sha256', Buffer.from(renewalProofText(agentId, issuedAtMs, sha256)), current.privateKeyPem),
        issuedAtMs,
      }
    : {};
  const response = await call<RenewResponse>(server, caPem, ended ? null : current, (client, options, done) =>
    client.Renew({ agentId, csrPem: request, ...proof }, options, done),
  );
  const candidate = credentialOf(privateKeyPem, response.certificatePem, response.notAfterMs, nowMs);
  return { ...identity, caPem: response.caPem || caPem, candidate };
}

/**
 * Ends this agent for good at the control plane: its host is taken out. A certificate that ended is renewed for that.
 *
 * @throws EnrolmentError
 */
export async function leave(server: string, identity: Identity, nowMs: number): Promise<void> {
  const { caPem, candidate, current } = isEnded(identity.current, nowMs)
    ? await renew(server, identity, nowMs)
    : identity;
  const credential = isEnded(current, nowMs) ? candidate : current;
  await call<LeaveResponse>(server, caPem, credential, (client, options, done) => client.Leave({}, options, done));
}

/** How to talk to the server. @throws EnrolmentError when it is not `host:port` */
export function channelCredentials(server: string, caPem: string, credential: Credential | null): AgentCredentials {
  return new AgentCredentials({
    host: hostAndPort(server).host,
    caPem,
    anyName: caPem !== '',
    privateKeyPem: credential?.privateKeyPem ?? null,
    certificatePem: credential?.certificatePem ?? null,
  });
}

/** @throws EnrolmentError when it is not `host:port` */
export function hostAndPort(server: string): { host: string; port: number } {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:\s/]+):(\d{1,5})$/.exec(server);
  if (!match?.[1]) throw new EnrolmentError(`"${server}" is not an address like host:50051`, null);
  return { host: match[1].replace(/^\[|\]$/g, ''), port: Number(match[2]) };
}

type Client = AgentEnrollmentClient;
type Done<T> = (error: ServiceError | null, response?: T) => void;

function call<T>(
  server: string,
  caPem: string,
  credential: Credential | null,
  send: (client: Client, options: { deadline: Date }, done: Done<T>) => unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const client = new AgentEnrollmentClient(server, channelCredentials(server, caPem, credential), CHANNEL_OPTIONS);
    send(client, { deadline: new Date(Date.now() + CALL_MS) }, (error, response) => {
      client.close();
      if (error || !response) {
        reject(new EnrolmentError(error?.details ?? 'the control plane gave no answer', error?.code ?? null));
      } else resolve(response);
    });
  });
}

function credentialOf(privateKeyPem: string, certificatePem: string, notAfterMs: number, nowMs: number): Credential {
  const certificate = new X509Certificate(certificatePem);
  if (!certificate.checkPrivateKey(createPrivateKey(privateKeyPem))) {
    throw new EnrolmentError('the control plane certified another key than the one that was asked for', null);
  }
  // the certificate is dated back for slow clocks; its life begins when it was given
  return {
    privateKeyPem,
    certificatePem,
    notBeforeMs: nowMs,
    notAfterMs: notAfterMs || Date.parse(certificate.validTo),
  };
}
