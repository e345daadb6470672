import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import { credentials as grpcCredentials } from '@grpc/grpc-js';
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { cryptoProvider, Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import {
  AgentEnrollmentClient,
  AgentGatewayClient,
  agentGatewayService,
  messageCodec,
} from '@flotilla/contracts/agent';
import type {
  AgentMessageInput,
  ControlMessage,
  EnrollRequestInput,
  EnrollResponse,
  HelloInput,
  RenewRequestInput,
  RenewResponse,
} from '@flotilla/contracts/agent';
import { packMinute } from '@flotilla/domain';
import type { DeviceMinute } from '@flotilla/domain';
import { randomWalEpoch } from './agent-gateway.js';

cryptoProvider.set(webcrypto);

const messages = messageCodec('AgentMessage');
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface AgentKey {
  readonly csrPem: string;
  readonly privateKeyPem: string;
}

/** A key and a request for it, as an agent makes them. */
export async function newAgentKey(): Promise<AgentKey> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const csr = await Pkcs10CertificateRequestGenerator.create({ name: 'CN=agent', keys, signingAlgorithm: ALGORITHM });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    csrPem: csr.toString('pem'),
    privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${der.match(/.{1,64}/g)!.join('\n')}\n-----END PRIVATE KEY-----\n`,
  };
}

export interface Credentials {
  readonly agentId: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly caPem: string;
}

const secure = (caPem: string, own?: { certificatePem: string; privateKeyPem: string }) =>
  grpcCredentials.createSsl(
    Buffer.from(caPem),
    own ? Buffer.from(own.privateKeyPem) : null,
    own ? Buffer.from(own.certificatePem) : null,
  );

function unary<T>(call: (callback: (error: ServiceError | null, answer?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => call((error, answer) => (error ? reject(error) : resolve(answer as T))));
}

export async function callEnroll(address: string, caPem: string, request: EnrollRequestInput): Promise<EnrollResponse> {
  const client = new AgentEnrollmentClient(address, secure(caPem));
  try {
    return await unary<EnrollResponse>((callback) => client.enroll(request, callback as never));
  } finally {
    client.close();
  }
}

export async function callRenew(
  address: string,
  caPem: string,
  request: RenewRequestInput,
  own?: Credentials,
): Promise<RenewResponse> {
  const client = new AgentEnrollmentClient(address, secure(caPem, own));
  try {
    return await unary<RenewResponse>((callback) => client.renew(request, callback as never));
  } finally {
    client.close();
  }
}

export async function callLeave(address: string, caPem: string, own?: Credentials): Promise<void> {
  const client = new AgentEnrollmentClient(address, secure(caPem, own));
  try {
    await unary((callback) => client.leave({}, callback as never));
  } finally {
    client.close();
  }
}

export async function enrollTestAgent(
  address: string,
  caPem: string,
  token: string,
  machine: EnrollRequestInput['machine'] = { hostname: 'gpu-1' },
): Promise<Credentials> {
  const key = await newAgentKey();
  const answer = await callEnroll(address, caPem, { token, csrPem: key.csrPem, machine });
  return { agentId: answer.agentId, certificatePem: answer.certificatePem, privateKeyPem: key.privateKeyPem, caPem };
}

type Body = NonNullable<ControlMessage['body']>;

/** One stream, seen from the agent's side. */
export class TestStream {
  readonly received: ControlMessage[] = [];
  ended: ServiceError | undefined;
  walEpoch = randomWalEpoch();
  epoch = 0;
  private readonly client: AgentGatewayClient;
  readonly call: ClientDuplexStream<AgentMessageInput | Buffer, ControlMessage>;
  private readonly waiting = new Set<() => void>();

  constructor(address: string, own: Credentials | null, caPem = own?.caPem ?? '') {
    this.client = new AgentGatewayClient(address, secure(caPem, own ?? undefined));
    // as the generated client does, but bytes go through as they are: what no agent of ours would send
    this.call = this.client.makeBidiStreamRequest(
      agentGatewayService.Connect.path,
      (message: AgentMessageInput | Buffer) => (Buffer.isBuffer(message) ? message : messages.encode(message)),
      agentGatewayService.Connect.responseDeserialize,
    );
    this.call.on('data', (message: ControlMessage) => {
      if (message.welcome) this.epoch = message.welcome.epoch;
      this.received.push(message);
      this.wake();
    });
    this.call.on('error', (error: ServiceError) => {
      this.ended = error;
      this.wake();
    });
  }

  send(body: AgentMessageInput): boolean {
    return this.call.write({ epoch: this.epoch, ...body });
  }

  async hello(hello: HelloInput = {}): Promise<NonNullable<ControlMessage['welcome']>> {
    if (hello.walEpoch) this.walEpoch = Number(hello.walEpoch);
    this.send({
      hello: {
        bootId: 'boot-1',
        walEpoch: this.walEpoch,
        agentVersion: '1.0.0',
        minProtocol: 1,
        maxProtocol: 1,
        intervalS: 5,
        nowMs: Date.now(),
        machine: { hostname: 'gpu-1', machineFingerprint: 'fp-1' },
        ...hello,
      },
    });
    return (await this.next('welcome')).welcome!;
  }

  /** The agent's own machine with one GPU. */
  async inventory(providerId: string, gpus = ['GPU-0']): Promise<void> {
    this.send({
      inventory: {
        hash: `inventory of ${providerId}`,
        instanceJson: Buffer.from(
          JSON.stringify({
            instance_id: providerId,
            cloud_provider: 'on_prem',
            state: 'running',
            gpu_count: gpus.length,
          }),
        ),
        devices: gpus.map((uuid, index) => ({ kind: 'gpu', uuid, index, presence: 'present', health: 'healthy' })),
      },
    });
  }

  minutes(firstSeq: number, minutes: readonly DeviceMinute[], device = 'GPU-0', walEpoch = this.walEpoch): boolean {
    const entries = minutes.map((minute) => ({ minute: { device, ...wire(minute) } }));
    return this.send({ batch: { walEpoch, firstSeq, entries } });
  }

  /** The next message of this kind that was not taken yet. */
  async next<B extends Body>(body: B, withinMs = 8_000): Promise<ControlMessage> {
    return this.until(
      () => {
        const index = this.received.findIndex((message) => message.body === body);
        return index < 0 ? undefined : this.received.splice(index, 1)[0];
      },
      withinMs,
      body,
    );
  }

  /** Waits for the acknowledgement of everything up to `seq`. @returns what was rejected on the way */
  async acked(seq: number, withinMs = 8_000): Promise<{ seq: number; reason: string }[]> {
    const rejected: { seq: number; reason: string }[] = [];
    for (;;) {
      const { ack } = await this.next('ack', withinMs);
      rejected.push(...ack!.rejected);
      if (ack!.throughSeq >= seq) return rejected;
    }
  }

  /** How the stream ended. */
  end(withinMs = 12_000): Promise<ServiceError> {
    return this.until(() => this.ended, withinMs, 'the end', true);
  }

  close(): void {
    this.call.cancel();
    this.client.close();
  }

  private async until<T>(look: () => T | undefined, withinMs: number, what: string, evenEnded = false): Promise<T> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.ended && !evenEnded) throw this.ended;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${what} did not come within ${withinMs} ms; came: ${this.summary()}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, left);
        const { waiting } = this;
        function done() {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        }
        waiting.add(done);
      });
    }
  }

  private wake(): void {
    for (const done of [...this.waiting]) done();
  }

  private summary(): string {
    return this.received.map((message) => message.body).join(', ') || 'nothing';
  }
}

/** protobufjs takes Buffers. */
function wire(minute: DeviceMinute) {
  const packed = packMinute(minute);
  return {
    ...packed,
    metrics: [...packed.metrics],
    seconds: Buffer.from(packed.seconds),
    values: Buffer.from(packed.values),
  };
}
