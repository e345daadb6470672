import { createHash, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { DetailedPeerCertificate } from 'node:tls';

/** The server is not the one that the token was made for. Nothing was sent to it. */
export class UntrustedServerError extends Error {}

/**
 * Looks at the certificate chain of a server without believing or telling it anything, and gives back the CA
 * certificate (PEM) whose fingerprint the token carries. Everything after that is verified against it.
 *
 * @param caSha256 lower-case hexadecimal SHA-256 of the CA certificate's DER
 * @throws UntrustedServerError when no certificate of the chain has that fingerprint, or the one that has did not sign
 *   the server's
 */
export function pinnedCa(host: string, port: number, caSha256: string, timeoutMs = 15_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      // the chain is judged below, by the token; nothing is sent over this connection
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
      ...(isIP(host) ? {} : { servername: host }),
    });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no TLS answer within ${timeoutMs / 1000} s`)));
    socket.on('error', (error) => reject(new Error(`${host}:${port} cannot be reached: ${error.message}`)));
    socket.on('secureConnect', () => {
      const chain = chainOf(socket.getPeerCertificate(true));
      socket.destroy();
      const ca = chain.find((certificate) => createHash('sha256').update(certificate.raw).digest('hex') === caSha256);
      if (!ca) {
        return reject(
          new UntrustedServerError(
            `${host}:${port} is not the control plane that this token belongs to (no certificate of its chain has the token's fingerprint); nothing was sent to it. Is the address right, and does anything between open TLS connections?`,
          ),
        );
      }
      const [leaf] = chain;
      if (leaf !== ca && !linked(chain, ca)) {
        return reject(new UntrustedServerError(`${host}:${port} shows a certificate that the token's CA did not sign`));
      }
      resolve(ca.toString());
    });
  });
}

/** Whether each certificate up to the CA is signed by the next: showing a foreign CA's certificate proves nothing. */
function linked(chain: readonly X509Certificate[], ca: X509Certificate): boolean {
  for (let at = 0; at < chain.length; at++) {
    const certificate = chain[at] as X509Certificate;
    if (certificate === ca) return true;
    const issuer = chain[at + 1];
    if (!issuer || !certificate.verify(issuer.publicKey)) return false;
  }
  return false;
}

function chainOf(leaf: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let at: DetailedPeerCertificate | undefined = leaf; at?.raw && chain.length < 10; at = at.issuerCertificate) {
    const certificate = new X509Certificate(at.raw);
    if (chain.some((known) => known.fingerprint256 === certificate.fingerprint256)) break;
    chain.push(certificate);
  }
  return chain;
}
