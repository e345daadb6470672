import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Metadata } from '@grpc/grpc-js';
import type { AgentRef } from '@flotilla/domain';
import { agentOfCertificate } from '../pki/index.js';

interface CallWithPeer {
  getAuthContext(): { sslPeerCertificate?: { raw?: Buffer } } | null;
}

export interface CertifiedPeer {
  readonly agent: AgentRef;
  readonly notAfterMs: number;
  /** SubjectPublicKeyInfo */
  readonly publicKeyDer: Buffer;
}

/** Where a listener without TLS is told who the agent is: the name as it stands in a certificate. */
export const AGENT_METADATA = 'x-flotilla-agent';

/**
 * The agent that the connection's certificate names; null without a certificate that our CA signed and that has not
 * ended. TLS checked the chain; the date is checked here again, because a resumed session is not.
 */
export function certifiedPeer(call: CallWithPeer, nowMs: number): CertifiedPeer | null {
  const raw = call.getAuthContext()?.sslPeerCertificate?.raw;
  if (!raw) return null;
  const certificate = new X509Certificate(raw);
  const notAfterMs = Date.parse(certificate.validTo);
  const agent = agentOfCertificate(certificate.subjectAltName);
  if (!agent || !(notAfterMs > nowMs)) return null;
  return { agent, notAfterMs, publicKeyDer: certificate.publicKey.export({ type: 'spki', format: 'der' }) };
}

/** Without TLS: who the proxy in front says it is. Only on a listener that was told to have no TLS. */
export function vouchedPeer(call: { readonly metadata: Metadata }): AgentRef | null {
  const [name] = call.metadata.get(AGENT_METADATA);
  return agentOfCertificate(`URI:${String(name)}`);
}

/** The address in grpc-js's `getPeer()` ("127.0.0.1:4711", "[::1]:4711"), or null. */
export function addressOf(peer: string): string | null {
  const address = peer.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return isIP(address) ? address.replace(/^::ffff:/, '') : null;
}
