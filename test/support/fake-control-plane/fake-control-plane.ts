import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { sendUnaryData, ServerDuplexStream, ServerUnaryCall } from '@grpc/grpc-js';
import { agentEnrollmentService, agentGatewayService, formatEnrollmentToken } from '@flotilla/contracts/agent';
import type {
  AgentMessage,
  ControlMessageInput,
  EnrollRequest,
  EnrollResponse,
  Entry,
  Hello,
  OfferInput,
  LeaveRequest,
  LeaveResponse,
  RenewRequest,
  RenewResponse,
} from '@flotilla/contracts/agent';
import { TestAuthority } from './authority.js';

export type AgentStream = ServerDuplexStream<AgentMessage, ControlMessageInput>;

const SECRET = 'c2VjcmV0c2VjcmV0c2VjcmV0c2Q'.slice(0, 27);

/**
 * A control plane as small as the protocol allows, over real TLS and gRPC: what it is sent, it keeps; how it behaves,
 * the test says.
 */
export class FakeControlPlane {
  /** Entries by wal_epoch and sequence number; a second, different one under the same number is in `conflicts`. */
  readonly stored = new Map<number, Map<number, Entry>>();
  readonly conflicts: string[] = [];
  readonly messages: AgentMessage[] = [];
  readonly hellos: Hello[] = [];
  readonly enrolments: EnrollRequest[] = [];
  readonly renewals: RenewRequest[] = [];
  /** How often an agent took itself out; this server asks for no client certificates. */
  left = 0;
  streams: AgentStream[] = [];
  /** Acknowledge batches (true), or keep them waiting. */
  acknowledging = true;
  acknowledgingResults = true;
  window = 8;
  certificateLifeMs = 24 * 3_600_000;
  /** When set, a Connect ends with this status at once. */
  refuse: { code: status; details: string } | null = null;
  /** Offers that wait for an agent; each is sent once per stream until it was accepted or ended. */
  readonly offers: OfferInput[] = [];
  port = 0;
  private server: Server | null = null;
  private epoch = 0;

  private constructor(readonly authority: TestAuthority) {}

  static async start(authority?: TestAuthority, port = 0): Promise<FakeControlPlane> {
    const fake = new FakeControlPlane(authority ?? (await TestAuthority.create()));
    await fake.listen(port);
    return fake;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get token(): string {
    return formatEnrollmentToken({ id: '0123456789abcdef', secret: SECRET, caSha256: this.authority.caSha256 });
  }

  async listen(port: number): Promise<void> {
    const { chainPem, keyPem } = await this.authority.forServer();
    const server = new Server();
    server.addService(agentEnrollmentService, {
      Enroll: (call: ServerUnaryCall<EnrollRequest, EnrollResponse>, done: sendUnaryData<EnrollResponse>) =>
        void this.enroll(call.request, done),
      Leave: (_: ServerUnaryCall<LeaveRequest, LeaveResponse>, done: sendUnaryData<LeaveResponse>) => {
        this.left += 1;
        done(null, {});
      },
      Renew: (call: ServerUnaryCall<RenewRequest, RenewResponse>, done: sendUnaryData<RenewResponse>) =>
        void this.renew(call.request, done),
    });
    server.addService(agentGatewayService, { Connect: (stream: AgentStream) => this.connect(stream) });
    const credentials = ServerCredentials.createSsl(
      Buffer.from(this.authority.caPem),
      [{ private_key: Buffer.from(keyPem), cert_chain: Buffer.from(chainPem) }],
      false,
    );
    this.port = await new Promise<number>((resolve, reject) =>
      server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
    );
    this.server = server;
  }

  /** As kill -9 would end it: every connection breaks. */
  stop(): void {
    this.server?.forceShutdown();
    this.server = null;
    this.streams = [];
  }

  send(message: ControlMessageInput): void {
    this.streams.at(-1)?.write({ epoch: this.epoch, ...message });
  }

  offer(offer: OfferInput): void {
    this.offers.push(offer);
    this.send({ offer });
  }

  /** All minutes that are stored, unpacked: device → Unix second → values by metric. Repeats merge, first one wins. */
  samples(): Map<string, Map<number, Map<number, number>>> {
    const samples = new Map<string, Map<number, Map<number, number>>>();
    for (const entries of this.stored.values()) {
      for (const { minute } of entries.values()) {
        if (!minute) continue;
        const device = samples.get(minute.device) ?? new Map<number, Map<number, number>>();
        samples.set(minute.device, device);
        minute.seconds.forEach((second, column) => {
          const at = minute.minuteS + second;
          if (device.has(at)) return;
          const values = minute.metrics.map((metric, row): [number, number] => [
            metric,
            minute.values.readFloatLE((row * minute.seconds.length + column) * 4),
          ]);
          device.set(at, new Map(values));
        });
      }
    }
    return samples;
  }

  private async enroll(request: EnrollRequest, done: sendUnaryData<EnrollResponse>): Promise<void> {
    this.enrolments.push(request);
    if (request.token !== this.token) {
      return done({ code: status.UNAUTHENTICATED, details: 'this token is not known' });
    }
    const agentId = '22222222-2222-4222-8222-222222222222';
    const { pem, notAfterMs } = await this.authority.forAgent(request.csrPem, agentId, this.certificateLifeMs);
    done(null, { agentId, certificatePem: pem, caPem: this.authority.caPem, notAfterMs, tenantId: 'tenant' });
  }

  private async renew(request: RenewRequest, done: sendUnaryData<RenewResponse>): Promise<void> {
    this.renewals.push(request);
    const { pem, notAfterMs } = await this.authority.forAgent(request.csrPem, request.agentId, this.certificateLifeMs);
    done(null, { certificatePem: pem, caPem: this.authority.caPem, notAfterMs });
  }

  private connect(stream: AgentStream): void {
    stream.on('error', () => {});
    if (this.refuse) {
      stream.emit('error', this.refuse);
      return;
    }
    this.streams.push(stream);
    stream.on('data', (message: AgentMessage) => this.receive(stream, message));
    stream.on('end', () => stream.end());
  }

  private receive(stream: AgentStream, message: AgentMessage): void {
    this.messages.push(message);
    const answer = (body: ControlMessageInput) => stream.write({ epoch: this.epoch, ...body });
    if (message.hello) {
      this.hellos.push(message.hello);
      this.epoch += 1;
      const ackedSeq = Math.max(0, ...(this.stored.get(message.hello.walEpoch)?.keys() ?? []));
      answer({
        welcome: { epoch: this.epoch, ackedSeq, heartbeatS: 15, window: this.window, serverTimeMs: Date.now() },
      });
      for (const offer of this.offers) answer({ offer });
    } else if (message.batch) {
      const { walEpoch, firstSeq, entries } = message.batch;
      const sequence = this.stored.get(walEpoch) ?? new Map<number, Entry>();
      this.stored.set(walEpoch, sequence);
      entries.forEach((entry, at) => {
        const known = sequence.get(firstSeq + at);
        if (known && JSON.stringify(known) !== JSON.stringify(entry))
          this.conflicts.push(`${walEpoch}/${firstSeq + at}`);
        if (!known) sequence.set(firstSeq + at, entry);
      });
      if (this.acknowledging) answer({ ack: { walEpoch, throughSeq: firstSeq + entries.length - 1 } });
    } else if (message.actionResult) {
      const { actionId } = message.actionResult;
      const at = this.offers.findIndex((offer) => offer.actionId === actionId);
      if (at >= 0) this.offers.splice(at, 1);
      if (this.acknowledgingResults) answer({ resultAck: { actionId } });
    }
  }
}
