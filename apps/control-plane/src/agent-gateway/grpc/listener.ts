import type { ServerHttp2Session } from 'node:http2';
import { experimental, Server, ServerCredentials } from '@grpc/grpc-js';
import { AGENT_GRPC_MAX_MESSAGE_BYTES, agentEnrollmentService, agentGatewayService } from '@flotilla/contracts/agent';
import type { AgentEnrollmentHandlers } from '@flotilla/contracts/agent';
import type { GatewayLog } from './log.js';
import type { CertificateAuthority, ServerIdentity } from '../pki/index.js';
import { readIncoming } from '../sessions/incoming.js';
import type { AgentCall } from '../sessions/session.types.js';

type CertificateProvider = Parameters<typeof experimental.createCertificateProviderServerCredentials>[0];
type CaListener = Parameters<CertificateProvider['addCaCertificateListener']>[0];
type IdentityListener = Parameters<CertificateProvider['addIdentityCertificateListener']>[0];

const RENEWAL_CHECK_MS = 3_600_000;

/** TLS of the listener: our CA judges clients, who need no certificate to enrol; the identity may change under way. */
class ListenerCertificates implements CertificateProvider {
  private readonly caListeners = new Set<CaListener>();
  private readonly identityListeners = new Set<IdentityListener>();
  private identity: { certificate: Buffer; privateKey: Buffer } | null = null;

  constructor(private readonly ca: Buffer) {}

  use(certificatePem: string, privateKeyPem: string): void {
    this.identity = { certificate: Buffer.from(certificatePem), privateKey: Buffer.from(privateKeyPem) };
    for (const listener of this.identityListeners) listener(this.identity);
  }

  addCaCertificateListener(listener: CaListener): void {
    this.caListeners.add(listener);
    // the server begins to watch only after this call returns
    queueMicrotask(() => listener({ caCertificate: this.ca }));
  }
  removeCaCertificateListener(listener: CaListener): void {
    this.caListeners.delete(listener);
  }
  addIdentityCertificateListener(listener: IdentityListener): void {
    this.identityListeners.add(listener);
    queueMicrotask(() => this.identity && listener(this.identity));
  }
  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.identityListeners.delete(listener);
  }
}

export interface ListenerOptions {
  readonly address: string;
  readonly port: number;
  /** null: no TLS; for benches, and behind a proxy that ends TLS and is trusted to say who the agent is. */
  readonly tls: { readonly authority: CertificateAuthority; readonly identity: ServerIdentity } | null;
  readonly onConnect: (call: AgentCall) => void;
  readonly enrollment: AgentEnrollmentHandlers;
  readonly log: GatewayLog;
}

/** The gRPC server of the agents. No reflection. */
export class Listener {
  private readonly server: Server;
  private renewal: NodeJS.Timeout | undefined;
  port = 0;

  private constructor(private readonly options: ListenerOptions) {
    this.server = new Server({
      'grpc.max_receive_message_length': AGENT_GRPC_MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': AGENT_GRPC_MAX_MESSAGE_BYTES,
      // an agent has one stream and now and then a renewal; a proxy carries many agents on one connection
      'grpc.max_concurrent_streams': options.tls ? 8 : 10_000,
      'grpc.keepalive_time_ms': 30_000,
      'grpc.keepalive_timeout_ms': 20_000,
      'grpc-node.max_session_memory': options.tls ? 16 : 1_024,
      'grpc.enable_channelz': 0,
    });
    this.server.addService(agentEnrollmentService, options.enrollment);
    const { Connect } = agentGatewayService;
    this.server.addService(
      { Connect: { ...Connect, requestDeserialize: readIncoming } },
      { Connect: (call: AgentCall) => options.onConnect(call) },
    );
  }

  static async start(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    const credentials = await listener.credentials();
    const host = options.address.includes(':') ? `[${options.address}]` : options.address;
    listener.port = await new Promise<number>((resolve, reject) => {
      listener.server.bindAsync(`${host}:${options.port}`, credentials, (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
    return listener;
  }

  /** Takes no new connections and waits for the calls in progress, at most `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    clearInterval(this.renewal);
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => {
        this.cut();
        resolve();
      }, graceMs);
      this.server.tryShutdown(() => {
        clearTimeout(force);
        resolve();
      });
    });
  }

  /**
   * Ends every connection at once. grpc-js 1.14's forceShutdown forgets them where channelz is off (and channelz costs
   * memory for every stream), so they are ended here.
   */
  cut(): void {
    clearInterval(this.renewal);
    const { http2Servers } = this.server as unknown as {
      http2Servers?: Map<unknown, { sessions?: Set<ServerHttp2Session> }>;
    };
    const sessions = [...(http2Servers?.values() ?? [])].flatMap((server) => [...(server.sessions ?? [])]);
    this.server.forceShutdown();
    for (const session of sessions) session.destroy();
  }

  private async credentials(): Promise<ServerCredentials> {
    const { tls, log } = this.options;
    if (!tls) return ServerCredentials.createInsecure();
    const certificates = new ListenerCertificates(Buffer.from(tls.authority.certificatePem));
    const refresh = async () => {
      const pair = await tls.identity.keyPair();
      certificates.use(pair.certificatePem, pair.privateKeyPem);
    };
    await refresh();
    this.renewal = setInterval(() => {
      refresh().catch((error: unknown) =>
        log.error({ err: error }, 'the certificate of the gRPC port was not renewed'),
      );
    }, RENEWAL_CHECK_MS);
    this.renewal.unref();
    return experimental.createCertificateProviderServerCredentials(certificates, certificates, false);
  }
}
