import { isIP } from 'node:net';
import type { AgentRef } from '@flotilla/domain';
import { agentOfCertificate } from '../pki/index.js';

interface CallWithPeer {
  getAuthContext(): { sslPeerCertificate?: { subjectaltname?: string | undefined; valid_to: string } } | null;
}

/**
 * The agent that the connection's certificate names; null without a certificate that our CA signed and that has not
 * ended. TLS checked the chain; the date is checked here again, because a resumed session is not.
 */
export function peerAgent(call: CallWithPeer, nowMs: number = Date.now()): AgentRef | null {
  const certificate = call.getAuthContext()?.sslPeerCertificate;
  if (!certificate || Date.parse(certificate.valid_to) <= nowMs) return null;
  return agentOfCertificate(certificate.subjectaltname);
}

/** When the connection's certificate ends, Unix milliseconds; null without one. */
export function peerNotAfterMs(call: CallWithPeer): number | null {
  const certificate = call.getAuthContext()?.sslPeerCertificate;
  return certificate ? Date.parse(certificate.valid_to) : null;
}

/** The address in grpc-js's `getPeer()` ("127.0.0.1:4711", "[::1]:4711"), or null. */
export function addressOf(peer: string): string | null {
  const address = peer.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return isIP(address) ? address.replace(/^::ffff:/, '') : null;
}
