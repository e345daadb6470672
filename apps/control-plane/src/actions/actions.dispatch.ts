import type { ActionOutcome, ActionVerb, AgentRef, Control, ControlLevel, QueryAnswer } from '@flotilla/domain';

/** NOTIFY channel; the payload is the id of the agent that has something to be offered or cancelled. */
export const ACTIONS_CHANNEL = 'flotilla_actions';

/** One offer, leased to one agent, committed before anybody sees it. */
export interface ClaimedOffer {
  readonly agent: AgentRef;
  /** `act_…` */
  readonly actionId: string;
  /** Grows with every offer of this action; an answer with an older one is refused. */
  readonly fence: number;
  readonly verb: ActionVerb;
  /** The instance as its provider calls it. */
  readonly instanceId: string;
  readonly controlKind: string;
  readonly level: ControlLevel;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly precondition: {
    readonly force: boolean;
    /** Unix milliseconds; 0: not asked. */
    readonly idleSinceMs: number;
    readonly idleBelowPercent: number;
  };
  /** Unix milliseconds. */
  readonly expiresAtMs: number;
  readonly leaseS: number;
  readonly reason: string;
}

/** The queue as the agents' side sees it. Any number of replicas may call it at once. */
export abstract class ActionDispatch {
  /** Leases queued actions of these agents, at most `limit`. Resolves after COMMIT; an action is in one answer only. */
  abstract claim(agents: readonly AgentRef[], limit: number): Promise<ClaimedOffer[]>;
  /** Offers that were cancelled after they had gone out; each is answered once. The gateway sends CancelOffer. */
  abstract takeCancellations(agents: readonly AgentRef[]): Promise<{ agent: AgentRef; actionId: string }[]>;
  /** dispatched → running. @returns false when the fence is stale or the offer is void */
  abstract accepted(agent: AgentRef, actionId: string, fence: number): Promise<boolean>;
  /** Renews the leases of running actions (a heartbeat names them). Ids of other agents are ignored. */
  abstract renew(agent: AgentRef, actionIds: readonly string[]): Promise<void>;
  /**
   * Stores a result. Idempotent. Once it resolves, ResultAck may be sent: stale, late and unknown results resolve too
   * (they are kept or can never be used), so that an agent does not repeat them for ever.
   */
  abstract settle(agent: AgentRef, actionId: string, fence: number, outcome: ActionOutcome): Promise<void>;
  /** The answer to Query: unknown → succeeded | failed | refused | queued | running goes on. */
  abstract answerQuery(agent: AgentRef, answer: QueryAnswer): Promise<void>;
  /**
   * A stream opened: what it says it is running gets its lease renewed, everything else that was given to this agent
   * and is open must be asked about.
   *
   * @returns ids for Query
   */
  abstract onHello(
    agent: AgentRef,
    runningIds: readonly string[],
    unackedResultIds: readonly string[],
  ): Promise<{ query: string[] }>;
}

/** Who can act on what, as the agents announced it. */
export abstract class Controllers {
  /** Replaces everything that this agent announced before. */
  abstract announce(agent: AgentRef, controls: readonly Control[]): Promise<void>;
}
