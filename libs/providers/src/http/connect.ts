import { connect as tcpConnect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { checkServerIdentity, connect as tlsConnect } from 'node:tls';
import type { PeerCertificate, TLSSocket } from 'node:tls';

/** Whom to believe, and who we are. Without anything: the public authorities. */
export interface TlsTrust {
  /** Authorities to believe instead of the public ones. */
  readonly caPem?: string;
  /**
   * SHA-256 of the server's own certificate, hexadecimal with or without colons. It stands for the certificate alone,
   * so a self-signed one for any name is taken; with `caPem` both must hold.
   */
  readonly fingerprint256?: string;
  /** The name to ask for and to expect, where it is not that of the address. */
  readonly serverName?: string;
  /** A client certificate. */
  readonly certPem?: string;
  readonly keyPem?: string;
}

/** Somebody answered, and it is not who was meant. */
export class UntrustedError extends Error {}

/**
 * A connection over which nothing was sent yet; with TLS, to the server that is meant.
 *
 * @throws Error that says why there is none
 */
export function connectTo(url: URL, trust: TlsTrust, signal: AbortSignal): Promise<Socket> {
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || (secure ? 443 : 80));
  return new Promise((resolve, reject) => {
    const socket = secure ? tlsConnect(tlsOptions(host, port, trust)) : tcpConnect({ host, port });
    const give = () => {
      signal.removeEventListener('abort', cancel);
      socket.removeListener('error', refuse);
      const wrong = secure ? unlikePin(socket as TLSSocket, trust) : null;
      if (wrong === null) return resolve(socket);
      // whoever it was may reset the connection meanwhile: nobody listens any more
      socket.on('error', () => undefined);
      socket.destroy();
      reject(new UntrustedError(wrong));
    };
    const refuse = (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', cancel);
      const text = explain(error, host, port, trust);
      const Kind = isCertificateError(error) ? UntrustedError : Error;
      reject(new Kind(text, { cause: error }));
    };
    const cancel = () => socket.destroy(new Error('given up'));
    signal.addEventListener('abort', cancel);
    socket.once(secure ? 'secureConnect' : 'connect', give);
    socket.once('error', refuse);
  });
}

function tlsOptions(host: string, port: number, trust: TlsTrust) {
  const pinned = trust.fingerprint256 !== undefined && trust.caPem === undefined;
  const name = trust.serverName ?? host;
  return {
    host,
    port,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    // the pin is checked before anything is sent
    rejectUnauthorized: !pinned,
    ...(trust.caPem === undefined ? {} : { ca: trust.caPem }),
    ...(trust.certPem === undefined ? {} : { cert: trust.certPem }),
    ...(trust.keyPem === undefined ? {} : { key: trust.keyPem }),
    ...(trust.serverName === undefined
      ? {}
      : { checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(name, certificate) }),
  };
}

function unlikePin(socket: TLSSocket, { fingerprint256 }: TlsTrust): string | null {
  if (fingerprint256 === undefined) return null;
  const shown = socket.getPeerCertificate().fingerprint256;
  if (plain(shown) === plain(fingerprint256)) return null;
  return `the server's certificate is another one than configured: its SHA-256 fingerprint is ${shown}. Nothing was sent to it. If it was replaced on purpose, configure this fingerprint`;
}

const plain = (fingerprint: string) => fingerprint.replaceAll(':', '').toLowerCase();

function explain(error: NodeJS.ErrnoException, host: string, port: number, trust: TlsTrust): string {
  const at = `${host}:${port}`;
  switch (error.code) {
    case 'ECONNREFUSED':
      return `nobody listens at ${at}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name ${host} cannot be resolved (${error.code})`;
    default:
      if (isCertificateError(error)) {
        return `the certificate of ${at} is not trusted (${error.message}): configure ${trust.caPem ? 'the right authority' : 'its authority or its fingerprint'}. Nothing was sent to it`;
      }
      return `cannot connect to ${at}: ${error.message}`;
  }
}

/** What OpenSSL and Node call a certificate that they do not believe. */
const isCertificateError = ({ code }: NodeJS.ErrnoException): boolean =>
  /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)/.test(code ?? '');
