import { Injectable } from '@nestjs/common';
import type { ActionOutcome, AgentRef, QueryAnswer, Settlement } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { WriteTx } from '@flotilla/persistence';
import { settleAction } from './action-settlement.js';
import { ACTIONS_CHANNEL } from './actions.channel.js';
import { actionsStore, NOTIFY_ACTION } from './actions.store.js';
import type { ActionRow } from './actions.store.js';
import { AgentActors } from './agent-actors.js';
import { CLAIM, LEASE_S, OFFER_S, offerOf } from './claimed-offer.js';
import type { ClaimedOffer, ClaimRow } from './claimed-offer.js';
import { gateStops } from './gated-stops.js';
import { judgeStops, STOPS_TO_JUDGE } from './outside-stops.js';
import type { StopToJudge } from './outside-stops.js';

/** What became of a result; `not_its_action`: there is no such action of this agent. */
export type SettleKind = Settlement['kind'] | 'not_its_action';

/** The queue as the agents' side sees it. Any number of replicas may call it at once. */
@Injectable()
export class ActionDispatch {
  constructor(
    private readonly db: Db,
    private readonly actors: AgentActors,
  ) {}

  /**
   * Leases queued actions of these agents, at most `limit`, and repeats offers that stayed unanswered. Resolves after
   * COMMIT; racing callers never get the same offer. Stops of machines that their agents cannot see are judged here.
   *
   * @param offerS seconds until the offer counts as unanswered
   */
  async claim(agents: readonly AgentRef[], limit: number, offerS = OFFER_S): Promise<ClaimedOffer[]> {
    if (agents.length === 0) return [];
    const ids = agents.map((agent) => agent.agentId);
    const toJudge = await this.db.system((tx) =>
      tx.rows<StopToJudge & Record<string, unknown>>(STOPS_TO_JUDGE, [ids, limit]),
    );
    const judged = await judgeStops(this.db, this.actors, toJudge);
    const gated = await gateStops(this.db, this.actors, ids, limit);
    const rows = await this.db.system((tx) =>
      tx.rows<ClaimRow & Record<string, unknown>>(CLAIM_AND_TELL, [ids, limit, offerS, judged, gated]),
    );
    return rows.map(offerOf);
  }

  /** Offers that became void after they had gone out; each is answered once. The gateway sends CancelOffer. */
  async takeCancellations(agents: readonly AgentRef[]): Promise<{ agent: AgentRef; actionId: string }[]> {
    return this.take(
      agents,
      `UPDATE flotilla.actions a SET cancel_pending = false
        WHERE a.agent_id = ANY ($1::uuid[]) AND a.cancel_pending RETURNING a.tenant_id, a.agent_id, a.id`,
    );
  }

  /** Actions whose outcome is not known and that their agent must be asked about now; the gateway sends Query. */
  async takeQueries(agents: readonly AgentRef[]): Promise<{ agent: AgentRef; actionId: string }[]> {
    return this.take(
      agents,
      `UPDATE flotilla.actions a SET query_after = clock_timestamp() + interval '${OFFER_S} seconds'
        WHERE a.agent_id = ANY ($1::uuid[]) AND a.status = 'unknown' AND a.result_at IS NULL
          AND a.query_after <= clock_timestamp() RETURNING a.tenant_id, a.agent_id, a.id`,
    );
  }

  /** dispatched → running. @returns false when the fence is stale or the offer is void */
  async accepted(agent: AgentRef, actionId: string, fence: number): Promise<boolean> {
    return this.onAction(agent, actionId, async (tx, action) => {
      if (!action || action.fence !== fence) return false;
      if (action.status === 'running') return true;
      // back in the queue for want of an answer, and not offered to anybody since: the answer is just late
      if (action.status === 'queued')
        await actionsStore.step(tx, action, 'dispatched', SYSTEM, 'the late answer to its last offer');
      else if (action.status !== 'dispatched') return false;
      await this.run(tx, { ...action, status: 'dispatched' }, agent, null);
      return true;
    });
  }

  /** Renews the leases of running actions (a heartbeat names them). Ids of other agents are ignored. */
  async renew(agent: AgentRef, actionIds: readonly string[]): Promise<void> {
    if (actionIds.length === 0) return;
    await this.db.write(await this.actors.of(agent), async (tx) => {
      tx.withoutAudit('a lease was renewed');
      await tx.rows(
        `UPDATE flotilla.actions SET lease_until = clock_timestamp() + interval '${LEASE_S} seconds'
          WHERE tenant_id = $1 AND agent_id = $2 AND id = ANY ($3::text[]) AND status = 'running'`,
        [agent.tenantId, agent.agentId, actionIds],
      );
    });
  }

  /**
   * Stores a result. Idempotent. Once it resolves, ResultAck may be sent: stale, late and unknown results resolve too
   * (they are kept or can never be used), so that an agent does not repeat them for ever.
   */
  async settle(agent: AgentRef, actionId: string, fence: number, outcome: ActionOutcome): Promise<SettleKind> {
    return this.onAction(agent, actionId, async (tx, action) =>
      action ? settleAction(tx, action, fence, outcome, await this.moverOf(agent)) : 'not_its_action',
    );
  }

  /** The answer to Query. An action is issued again only if its host never accepted it. */
  async answerQuery(agent: AgentRef, answer: QueryAnswer): Promise<void> {
    await this.onAction(agent, answer.actionId, async (tx, action) => {
      if (!action) return;
      if (answer.state === 'done' && answer.result) {
        // the journal's word: it ran once, whatever offer that was
        await settleAction(tx, action, action.fence, answer.result, await this.moverOf(agent));
        return;
      }
      if (answer.state === 'running') return this.stillRunning(tx, action, agent);
      if (answer.state === 'never_accepted') return this.denied(tx, action, agent);
    });
  }

  /**
   * A stream opened: what it says it is running gets its lease renewed, everything else that was given to this agent
   * and has no end must be asked about.
   *
   * @returns ids for Query
   */
  async onHello(
    agent: AgentRef,
    runningIds: readonly string[],
    unackedResultIds: readonly string[],
  ): Promise<{ query: string[] }> {
    const running = new Set(runningIds);
    const reporting = new Set(unackedResultIds);
    return this.db.write(await this.actors.of(agent), async (tx) => {
      tx.withoutAudit('a stream opened; what changes an action is in its timeline');
      const query: string[] = [];
      for (const action of await actionsStore.lockUnfinished(tx, agent.tenantId, agent.agentId)) {
        if (running.has(action.id)) await this.stillRunning(tx, action, agent);
        else if (!reporting.has(action.id)) query.push(action.id);
      }
      // its result is on the way, or its answer: neither may run into a lease that ends in this moment
      await tx.rows(
        `UPDATE flotilla.actions SET not_before = NULL,
           lease_until = CASE WHEN status IN ('dispatched', 'running') THEN greatest(lease_until, clock_timestamp() + interval '${OFFER_S} seconds') END,
           query_after = CASE WHEN query_after IS NOT NULL THEN clock_timestamp() + interval '${OFFER_S} seconds' END
          WHERE tenant_id = $1 AND agent_id = $2 AND (open OR dry_run OR status = 'unknown') AND result_at IS NULL`,
        [agent.tenantId, agent.agentId],
      );
      return { query };
    });
  }

  private async stillRunning(tx: WriteTx, action: ActionRow, agent: AgentRef): Promise<void> {
    if (action.status === 'dispatched') return this.run(tx, action, agent, 'the host says that it is carrying it out');
    const next = action.status === 'running' ? 'lease_until' : 'query_after';
    await tx.rows(
      `UPDATE flotilla.actions SET ${next} = clock_timestamp() + interval '${LEASE_S} seconds' WHERE tenant_id = $1 AND id = $2`,
      [action.tenant_id, action.id],
    );
  }

  private async run(tx: WriteTx, action: ActionRow, agent: AgentRef, note: string | null): Promise<void> {
    await actionsStore.step(tx, action, 'running', await this.moverOf(agent), note, {
      sql: `accepted_at = clock_timestamp(), lease_until = clock_timestamp() + interval '${LEASE_S} seconds'`,
      values: [],
    });
  }

  private async denied(tx: WriteTx, action: ActionRow, agent: AgentRef): Promise<void> {
    const mover = await this.moverOf(agent);
    if (action.status !== 'dispatched' && action.status !== 'running' && action.status !== 'unknown') return;
    if (action.accepted_at !== null) {
      if (action.status === 'unknown') return;
      // It did accept: its journal is lost. Issuing it again could do it twice.
      const note =
        'the host accepted it before and does not know it any more: its journal is lost, so it is not issued again';
      return actionsStore.step(tx, action, 'unknown', mover, note, {
        sql: `query_after = NULL, lease_until = NULL`,
        values: [],
      });
    }
    if (action.deadline_passed) {
      return actionsStore.step(tx, action, 'expired', mover, 'its host never accepted it, and its deadline has passed');
    }
    await actionsStore.step(tx, action, 'queued', mover, 'the host never accepted it', {
      sql: 'lease_until = NULL, query_after = NULL, not_before = NULL, round_offers = 0',
      values: [],
    });
    await tx.notify(ACTIONS_CHANNEL, agent.agentId);
  }

  /** One transaction around one action of this agent; an action of another agent does not exist for it. */
  private async onAction<T>(
    agent: AgentRef,
    actionId: string,
    work: (tx: WriteTx, action: ActionRow | undefined) => Promise<T>,
  ): Promise<T> {
    return this.db.write(await this.actors.of(agent), async (tx) => {
      tx.withoutAudit('every step is a row of the timeline; outcomes are recorded besides');
      const action = await actionsStore.lock(tx, agent.tenantId, actionId);
      return work(tx, action?.agent_id === agent.agentId ? action : undefined);
    });
  }

  private async moverOf(agent: AgentRef) {
    const { type, id, label } = await this.actors.of(agent);
    return { type, id, label };
  }

  private async take(agents: readonly AgentRef[], sql: string): Promise<{ agent: AgentRef; actionId: string }[]> {
    if (agents.length === 0) return [];
    const ids = agents.map((agent) => agent.agentId);
    const rows = await this.db.system((tx) => tx.rows<{ tenant_id: string; agent_id: string; id: string }>(sql, [ids]));
    return rows.map((row) => ({ agent: { tenantId: row.tenant_id, agentId: row.agent_id }, actionId: row.id }));
  }
}

const CLAIM_AND_TELL = CLAIM.replace('NOTIFY_ACTION', NOTIFY_ACTION);
const SYSTEM = { type: 'system', id: null, label: 'dispatch' };
