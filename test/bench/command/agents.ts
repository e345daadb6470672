import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, Metadata, status } from '@grpc/grpc-js';
import { AgentGatewayClient } from '@flotilla/contracts/agent';

export interface AgentsOrder {
  readonly address: string;
  readonly tenantId: string;
  readonly agentIds: readonly string[];
}

/** An offer as it arrived: nanoseconds of the machine's monotonic clock, which all its processes share. */
export type Receipt = readonly [actionId: string, atNs: bigint];

const UNAVAILABLE = status.UNAVAILABLE;
const HEARTBEAT_MS = 15_000;
/** Agents that share one connection, so that the bench measures the server and not 2,000 sockets of one process. */
const PER_CONNECTION = 20;

/**
 * Agents that obey: each opens its stream, announces that it controls its own host, beats, and answers an offer as a host
 * does whose command ends at once.
 *
 * @returns when all streams are welcomed
 */
export async function startAgents(order: AgentsOrder, received: (receipt: Receipt) => void): Promise<void> {
  let client: AgentGatewayClient | undefined;
  const opened: Promise<void>[] = [];
  for (const [number, agentId] of order.agentIds.entries()) {
    if (number % PER_CONNECTION === 0) {
      client = new AgentGatewayClient(order.address, credentials.createInsecure(), {
        'grpc.use_local_subchannel_pool': 1,
      });
    }
    opened.push(untilOpen(client!, order.tenantId, agentId, received));
    // 150 a second: a start and not a storm
    if (number % 15 === 14) await sleep(100);
  }
  await Promise.all(opened);
}

/** As agents do: a control plane that is busy is tried again. */
async function untilOpen(...agent: Parameters<typeof openAgent>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await openAgent(...agent);
    } catch (error) {
      if ((error as { code?: number }).code !== UNAVAILABLE || tries >= 10) throw error;
      await sleep(1_000 + Math.random() * 4_000);
    }
  }
}

function openAgent(
  client: AgentGatewayClient,
  tenantId: string,
  agentId: string,
  received: (receipt: Receipt) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const metadata = new Metadata();
    metadata.set('x-flotilla-agent', `urn:flotilla:tenant:${tenantId}:agent:${agentId}`);
    const stream = client.connect(metadata);
    let epoch = 0;
    stream.on('data', ({ welcome, offer }) => {
      if (welcome) {
        epoch = welcome.epoch;
        const beat = () => stream.write({ epoch, heartbeat: { nowMs: Date.now() } });
        setTimeout(() => setInterval(beat, HEARTBEAT_MS), Math.random() * HEARTBEAT_MS);
        resolve();
      }
      if (!offer) return;
      received([offer.actionId, process.hrtime.bigint()]);
      const { actionId, fence } = offer;
      stream.write({ epoch, actionAccepted: { actionId, fence } });
      const outcome = { outcome: 'succeeded', message: 'stopped', observedState: 'stopped', finishedAtMs: Date.now() };
      stream.write({ epoch, actionResult: { actionId, fence, ...outcome } });
    });
    stream.on('error', reject);
    stream.write({
      hello: {
        agentId,
        bootId: 'bench',
        walEpoch: 1,
        minProtocol: 1,
        maxProtocol: 1,
        agentVersion: 'bench',
        intervalS: 5,
        nowMs: Date.now(),
        controls: [{ kind: 'command', verbs: ['start', 'stop'], instanceIds: ['self'], level: 'power' }],
      },
    });
  });
}
