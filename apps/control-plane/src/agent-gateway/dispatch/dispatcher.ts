import type { AgentRef } from '@flotilla/domain';
import type { OfferInput } from '@flotilla/contracts/agent';
import { wireVerb } from '../../actions/index.js';
import type { ActionDispatch, ClaimedOffer } from '../../actions/index.js';
import type { GatewayLog } from '../grpc/log.js';
import type { SessionHub } from '../sessions/hub.js';
import type { Session } from '../sessions/session.js';

const AGENTS_AT_ONCE = 1_000;
const OFFERS_AT_ONCE = 200;
const RECONCILED_AT_ONCE = 4;
const RETRY_MS = 2_000;

/**
 * Carries actions from the queue to the streams of this replica: at once for agents that a notification named, and every
 * few seconds for all of them, because a notification is only a hint.
 */
export class Dispatcher {
  /** Agents whose past is settled and that may be offered actions. */
  private readonly ready = new Map<string, Session>();
  private readonly due = new Set<string>();
  private readonly toReconcile: Session[] = [];
  private reconciling = 0;
  private working = false;
  private stopped = false;

  constructor(
    private readonly actions: ActionDispatch,
    private readonly hub: SessionHub,
    private readonly log: GatewayLog,
  ) {}

  /** A stream opened: what was going on is settled before anything new is offered. A few at a time, in a storm. */
  opened(session: Session): void {
    this.toReconcile.push(session);
    if (this.reconciling < RECONCILED_AT_ONCE) void this.reconcileAll();
  }

  closed(session: Session): void {
    if (this.ready.get(session.agent.agentId) === session) this.ready.delete(session.agent.agentId);
  }

  /** Something is queued for, or must be cancelled at, this agent. */
  wake(agentId: string): void {
    if (!this.ready.has(agentId)) return;
    this.due.add(agentId);
    void this.work();
  }

  wakeAll(): void {
    for (const agentId of this.ready.keys()) this.due.add(agentId);
    void this.work();
  }

  stop(): void {
    this.stopped = true;
    this.due.clear();
    this.toReconcile.length = 0;
  }

  private async reconcileAll(): Promise<void> {
    this.reconciling += 1;
    for (let session = this.toReconcile.shift(); session; session = this.toReconcile.shift()) {
      if (session.isClosed()) continue;
      try {
        await session.reconcile();
        if (this.hub.find(session.agent.agentId) !== session) continue;
        this.ready.set(session.agent.agentId, session);
        this.wake(session.agent.agentId);
      } catch (error) {
        this.log.warn({ err: error, ...session.agent }, 'the actions of an agent are not settled yet, trying again');
        const again = session;
        setTimeout(() => !this.stopped && this.opened(again), RETRY_MS).unref();
      }
    }
    this.reconciling -= 1;
  }

  private async work(): Promise<void> {
    if (this.working) return;
    this.working = true;
    while (this.due.size > 0 && !this.stopped) {
      const agents = this.nextAgents();
      try {
        await this.serve(agents);
      } catch (error) {
        // the poll comes back to them
        this.log.warn({ err: error, agents: agents.length }, 'actions were not claimed');
      }
    }
    this.working = false;
  }

  private nextAgents(): AgentRef[] {
    const agents: AgentRef[] = [];
    for (const agentId of this.due) {
      if (agents.length >= AGENTS_AT_ONCE) break;
      this.due.delete(agentId);
      const session = this.ready.get(agentId);
      if (session) agents.push(session.agent);
    }
    return agents;
  }

  private async serve(agents: readonly AgentRef[]): Promise<void> {
    if (agents.length === 0) return;
    const offers = await this.actions.claim(agents, OFFERS_AT_ONCE);
    for (const offer of offers) this.ready.get(offer.agent.agentId)?.offer(toWire(offer));
    if (offers.length >= OFFERS_AT_ONCE) for (const agent of agents) this.due.add(agent.agentId);
    for (const { agent, actionId } of await this.actions.takeCancellations(agents)) {
      this.ready.get(agent.agentId)?.cancelOffer(actionId);
    }
    for (const { agent, actionId } of await this.actions.takeQueries(agents)) {
      this.ready.get(agent.agentId)?.query(actionId);
    }
  }
}

export function toWire(offer: ClaimedOffer): OfferInput {
  return {
    actionId: offer.actionId,
    fence: offer.fence,
    verb: wireVerb(offer),
    instanceId: offer.instanceId,
    controlKind: offer.controlKind,
    argumentsJson: JSON.stringify(offer.arguments),
    precondition: {
      force: offer.precondition.force,
      idleSinceMs: offer.precondition.idleSinceMs,
      idleBelowPercent: offer.precondition.idleBelowPercent,
      generation: offer.precondition.generation,
      processesAsked: offer.precondition.knownProcesses !== null,
      knownProcesses: [...(offer.precondition.knownProcesses ?? [])],
    },
    expiresAtMs: offer.expiresAtMs,
    leaseS: offer.leaseS,
    reason: offer.reason,
  };
}
