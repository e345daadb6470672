import { credentials, Metadata } from '@grpc/grpc-js';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { AgentGatewayClient } from '@flotilla/contracts/agent';
import type { AgentMessageInput, ControlMessage } from '@flotilla/contracts/agent';

export interface BenchAgent {
  readonly tenantId: string;
  readonly agentId: string;
  readonly gpus: readonly string[];
}

export interface Load {
  readonly address: string;
  readonly agents: readonly BenchAgent[];
  readonly seconds: number;
}

export interface Figures {
  readonly connectSeconds: number;
  readonly liveMessages: number;
  readonly minutesSent: number;
  readonly minutesAcked: number;
  readonly streamsLost: number;
  readonly ackMs: { readonly p50: number; readonly p99: number };
}

const LIVE_MS = 5_000;
const MINUTE_MS = 60_000;
const HEARTBEAT_MS = 15_000;
const CONNECT_JITTER_MS = 10_000;
const METRICS = Array.from({ length: 12 }, (_, i) => i + 1);
/** Samples of a minute at a 5 s interval. */
const SECONDS = Buffer.from(Array.from({ length: 12 }, (_, i) => i * 5));
const STEP_MS = 50;

/** One stream and what it is about to do. */
interface Stream {
  readonly agent: BenchAgent;
  readonly call: ClientDuplexStream<AgentMessageInput, ControlMessage>;
  epoch: number;
  seq: number;
  sentAtMs: number;
  liveAt: number;
  minuteAt: number;
  heartbeatAt: number;
}

export async function generate(load: Load, onConnected: (ms: number) => void): Promise<Figures> {
  const began = performance.now();
  const ackMs: number[] = [];
  const figures = { liveMessages: 0, minutesSent: 0, minutesAcked: 0, streamsLost: 0 };
  let open = 0;
  const streams = load.agents.map((agent) => ({ agent, at: Math.random() * CONNECT_JITTER_MS }));
  const running: Stream[] = [];
  await new Promise<void>((resolve, reject) => {
    for (const { agent, at } of streams) {
      setTimeout(() => {
        const stream = connect(load.address, agent);
        stream.call.on('error', (error) => {
          figures.streamsLost += 1;
          if (open < load.agents.length) reject(error);
        });
        stream.call.on('data', ({ welcome, ack }: ControlMessage) => {
          if (welcome) {
            stream.epoch = welcome.epoch;
            const now = performance.now();
            stream.liveAt = now + Math.random() * LIVE_MS;
            stream.minuteAt = now + Math.random() * MINUTE_MS;
            stream.heartbeatAt = now + Math.random() * HEARTBEAT_MS;
            running.push(stream);
            open += 1;
            if (open === load.agents.length) resolve();
          }
          if (ack) {
            ackMs.push(performance.now() - stream.sentAtMs);
            figures.minutesAcked += stream.agent.gpus.length;
          }
        });
      }, at);
    }
  });
  const connectMs = performance.now() - began;
  onConnected(connectMs);
  const end = performance.now() + load.seconds * 1000;
  while (performance.now() < end) {
    step(running, figures);
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  ackMs.sort((a, b) => a - b);
  const quantile = (q: number) => Math.round(ackMs[Math.floor(ackMs.length * q)] ?? NaN);
  return { ...figures, connectSeconds: connectMs / 1000, ackMs: { p50: quantile(0.5), p99: quantile(0.99) } };
}

function connect(address: string, agent: BenchAgent): Stream {
  const client = new AgentGatewayClient(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  const metadata = new Metadata();
  metadata.set('x-flotilla-agent', `urn:flotilla:tenant:${agent.tenantId}:agent:${agent.agentId}`);
  const call = client.connect(metadata);
  call.write({
    hello: {
      bootId: 'bench',
      walEpoch: 1,
      agentVersion: 'bench',
      minProtocol: 1,
      maxProtocol: 1,
      intervalS: 5,
      nowMs: Date.now(),
      controls: [{ kind: 'command', verbs: ['start', 'stop'], instanceIds: ['self'], level: 'power' }],
    },
  });
  return { agent, call, epoch: 0, seq: 0, sentAtMs: 0, liveAt: 0, minuteAt: 0, heartbeatAt: 0 };
}

function step(streams: readonly Stream[], figures: { liveMessages: number; minutesSent: number }): void {
  const now = performance.now();
  for (const stream of streams) {
    const { agent, call, epoch } = stream;
    if (now >= stream.liveAt) {
      stream.liveAt += LIVE_MS;
      const devices = agent.gpus.map((device) => ({
        device,
        atMs: Date.now(),
        metrics: METRICS,
        values: readings(12),
      }));
      call.write({ epoch, live: { devices } });
      figures.liveMessages += 1;
    }
    if (now >= stream.heartbeatAt) {
      stream.heartbeatAt += HEARTBEAT_MS;
      const collectors = [{ name: 'nvidia-smi', state: 'ok' }];
      call.write({
        epoch,
        heartbeat: { nowMs: Date.now(), spool: { oldestSeq: 1, newestSeq: 2, bytes: 4096 }, collectors },
      });
    }
    if (now >= stream.minuteAt) {
      stream.minuteAt += MINUTE_MS;
      const minuteS = (Math.floor(Date.now() / MINUTE_MS) - 1) * 60;
      const entries = agent.gpus.map((device) => ({
        minute: { device, minuteS, intervalS: 5, metrics: METRICS, seconds: SECONDS, values: readings(144) },
      }));
      call.write({ epoch, batch: { walEpoch: 1, firstSeq: stream.seq + 1, entries } });
      stream.seq += entries.length;
      stream.sentAtMs = performance.now();
      figures.minutesSent += entries.length;
    }
  }
}

/** Values between 0 and 100, which every metric of the first twelve takes. */
function readings(count: number): Buffer {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 1) values[i] = Math.round(Math.random() * 1000) / 10;
  return Buffer.from(values.buffer);
}
