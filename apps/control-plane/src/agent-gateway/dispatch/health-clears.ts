import type { AgentRef } from '@flotilla/domain';
import type { GpuHealthService, HealthClear } from '../../instances/index.js';
import type { GatewayLog } from '../grpc/log.js';
import type { SessionHub } from '../sessions/hub.js';
import { MicroBatch } from '../sessions/micro-batch.js';
import type { Session } from '../sessions/session.js';

/**
 * Carries people's words that a GPU is repaired to the streams of this replica: when they are said, and again with every
 * new stream until the agent confirms them.
 */
export class HealthClears {
  private readonly waiting: MicroBatch<AgentRef, HealthClear[]>;

  constructor(
    clears: Pick<GpuHealthService, 'waitingFor'>,
    private readonly hub: Pick<SessionHub, 'find'>,
    private readonly log: GatewayLog,
  ) {
    this.waiting = new MicroBatch(
      ({ agentId }) => agentId,
      async (agents) => {
        const all = await clears.waitingFor(agents);
        return agents.map(({ agentId }) => all.filter(({ agent }) => agent.agentId === agentId));
      },
    );
  }

  /** A stream opened, or somebody said something for its agent. */
  async send(session: Session): Promise<void> {
    try {
      for (const clear of await this.waiting.run(session.agent)) session.clearHealth(clear);
    } catch (error) {
      // the next stream of the agent gets them
      this.log.warn({ err: error, ...session.agent }, 'what people said of GPUs was not sent to an agent');
    }
  }

  /** The payload of HEALTH_CLEARS_CHANNEL. */
  wake(agentId: string): void {
    const session = this.hub.find(agentId);
    if (session) void this.send(session);
  }
}
