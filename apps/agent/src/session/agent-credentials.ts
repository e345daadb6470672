import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect, createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { CallCredentials, ChannelCredentials } from '@grpc/grpc-js';
import type { experimental } from '@grpc/grpc-js';

export interface AgentCredentialsOptions {
  readonly host: string;
  /** PEM; empty: the machine's root certificates. */
  readonly caPem: string;
  /** The CA vouches for the server whatever its name. */
  readonly anyName: boolean;
  /** PEM; null before there is a certificate. */
  readonly privateKeyPem: string | null;
  readonly certificatePem: string | null;
}

/**
 * TLS to the control plane. gRPC's own credentials name an IP address in the TLS hello, which RFC 6066 forbids, Node
 * warns of (DEP0123) and some proxies refuse: here an address is not named, but judged all the same.
 *
 * A pinned CA vouches for the server whatever its name: it signs nothing but this control plane and, for client use
 * only, its agents. With public roots the certificate must be of the very name or address that was dialled.
 */
export class AgentCredentials extends ChannelCredentials {
  private readonly secureContext: SecureContext;

  constructor(private readonly options: AgentCredentialsOptions) {
    super();
    const { caPem, privateKeyPem, certificatePem } = options;
    this.secureContext = createSecureContext({
      ...(caPem === '' ? {} : { ca: caPem }),
      ...(privateKeyPem && certificatePem ? { key: privateKeyPem, cert: certificatePem } : {}),
    });
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    _target: unknown,
    _options: unknown,
    callCredentials?: CallCredentials,
  ): experimental.SecureConnector {
    return {
      connect: (socket) => this.secure(socket),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => callCredentials ?? CallCredentials.createEmpty(),
      destroy: () => {},
    };
  }

  private secure(socket: Socket): Promise<{ socket: Socket; secure: boolean }> {
    const { host, anyName } = this.options;
    return new Promise((resolve, reject) => {
      const secured = connect({
        socket,
        secureContext: this.secureContext,
        ALPNProtocols: ['h2'],
        // what the certificate is compared with when no name is sent
        host,
        ...(isIP(host) ? {} : { servername: host }),
        ...(anyName ? { checkServerIdentity: () => undefined } : {}),
      });
      // stays: gRPC listens only after this has resolved, and an error that nobody hears ends the process
      secured.on('error', reject);
      secured.once('secureConnect', () => resolve({ socket: secured, secure: true }));
    });
  }
}
