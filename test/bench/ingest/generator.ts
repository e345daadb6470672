import { credentials } from '@grpc/grpc-js';
import { AgentGatewayClient } from '@flotilla/contracts/agent';
import { packMinute } from '@flotilla/domain';
import { asReaderSends, simulatedMinutes } from '../support/minutes.js';

export interface Load {
  readonly address: string;
  readonly agents: readonly { readonly agentId: string; readonly devices: readonly string[] }[];
  /** Unix seconds of the first and how many. */
  readonly fromMinuteS: number;
  readonly minutes: number;
  /** Everything that the agent reads of a GPU, and not the twelve metrics that the figures are compared by. */
  readonly everyMetric: boolean;
}

export interface Sent {
  readonly values: number;
  readonly rows: number;
  readonly wireBytes: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** From sending a batch to its acknowledgement. */
  readonly ackMs: readonly number[];
}

/** Different minutes of samples that are sent over and over, under other times and devices. */
const DIFFERENT = 4_096;

/**
 * Agents with a backlog: each opens its stream and sends its closed minutes, one batch a minute of all its GPUs, as fast as
 * the credits of the server allow.
 */
export async function generate(load: Load, ready: () => Promise<void>): Promise<Sent> {
  const pool = simulatedMinutes(DIFFERENT, 1).map((simulated) => {
    const minute = load.everyMetric ? asReaderSends(simulated) : simulated;
    const present = minute.values.reduce((n, value) => n + (Number.isNaN(value) ? 0 : 1), 0);
    return { wire: packMinute(minute), present };
  });
  await ready();
  const cpu = process.cpuUsage();
  const began = performance.now();
  const ackMs: number[] = [];
  let values = 0;
  let wireBytes = 0;

  await Promise.all(
    load.agents.map(
      ({ agentId, devices }, number) =>
        new Promise<void>((resolve, reject) => {
          const client = new AgentGatewayClient(load.address, credentials.createInsecure(), {
            'grpc.use_local_subchannel_pool': number % 50 === 0 ? 1 : 0,
          });
          const stream = client.connect();
          const sentAt: number[] = [];
          let epoch = 0;
          let window = 0;
          let next = 0;
          let acked = 0;
          const send = () => {
            while (next < load.minutes && next - acked < window) {
              const entries = devices.map((device, i) => {
                const { wire, present } = pool[(number * 31 + next * 7919 + i * 13) % DIFFERENT]!;
                values += present;
                wireBytes += wire.values.length;
                const minute = {
                  device,
                  minuteS: load.fromMinuteS + next * 60,
                  intervalS: 1,
                  metrics: [...wire.metrics],
                };
                return {
                  minute: { ...minute, seconds: Buffer.from(wire.seconds), values: Buffer.from(wire.values.buffer) },
                };
              });
              sentAt[next] = performance.now();
              stream.write({ epoch, batch: { walEpoch: 1, firstSeq: next * devices.length + 1, entries } });
              next++;
            }
          };
          stream.on('data', ({ welcome, ack, window: credits }) => {
            if (welcome) {
              epoch = welcome.epoch;
              window = welcome.window;
            }
            if (credits) window = credits.batches;
            if (ack) {
              const through = Math.floor(ack.throughSeq / devices.length);
              for (; acked < through; acked++) ackMs.push(performance.now() - sentAt[acked]!);
            }
            if (acked >= load.minutes) {
              stream.end();
              client.close();
              resolve();
            } else send();
          });
          stream.on('error', (error: Error) => (acked >= load.minutes ? resolve() : reject(error)));
          stream.write({
            hello: {
              agentId,
              bootId: 'bench',
              walEpoch: 1,
              minProtocol: 1,
              maxProtocol: 1,
              agentVersion: 'bench',
              intervalS: 1,
            },
          });
        }),
    ),
  );
  const used = process.cpuUsage(cpu);
  return {
    values,
    wireBytes,
    rows: load.agents.reduce((sum, agent) => sum + agent.devices.length, 0) * load.minutes,
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: (used.user + used.system) / 1e6,
    ackMs: ackMs.sort((a, b) => a - b),
  };
}
