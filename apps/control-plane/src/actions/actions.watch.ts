import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import type { SystemTx } from '@flotilla/persistence';
import { Jobs } from '../platform/index.js';
import { ACTIONS_CHANNEL } from './actions.channel.js';
import { actionsStore, LIVE } from './actions.store.js';
import type { ActionRow } from './actions.store.js';
import { tellApprovalExpired } from './approval-notices.js';
import { MOST_OFFERS, OFFER_S, OVERTAKEN } from './claimed-offer.js';

const EVERY_MS = 1000;
const MOST_AT_ONCE = 500;
/** An offer that nobody accepted three times waits this long in the queue; a stream that opens ends the wait. */
const PAUSE_S = 30;

type Watched = ActionRow & {
  readonly host: string;
  /** What changed of the instance since it was requested, so that it may not be done any more; null: nothing. */
  readonly overtaken: 'protected' | 'moved' | null;
};

/** Looks after actions that time has caught up with: deadlines, leases, offers without an answer. */
@Injectable()
export class ActionsWatch implements OnModuleInit {
  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    // in every replica: the row locks let each action be taken by one, and no replica's death stops the watch
    this.jobs.every({
      name: 'actions.watch',
      everyMs: EVERY_MS,
      exclusive: false,
      run: () => this.sweep().then(() => undefined),
    });
  }

  /** @returns how many actions moved */
  async sweep(): Promise<number> {
    return this.db.system(async (tx) => {
      const overdue = await tx.rows<Watched & Record<string, unknown>>(OVERDUE, [MOST_AT_ONCE]);
      for (const action of overdue) await this.handle(tx, action);
      return overdue.length;
    });
  }

  private async handle(tx: SystemTx, action: Watched): Promise<void> {
    const step = (to: ActionRow['status'], note: string, sql = '') =>
      actionsStore.step(tx, action, to, WATCH, note, { sql, values: [] });
    if (action.overtaken && !action.deadline_passed && (action.status === 'queued' || action.status === 'dispatched')) {
      const offered = action.fence > 0;
      await step('cancelled', OVERTAKEN_BY[action.overtaken], offered ? 'cancel_pending = true' : '');
      if (offered) await tx.notify(ACTIONS_CHANNEL, action.agent_id);
      const target = { type: 'action', id: action.id };
      return tx.record(action.tenant_id, 'actions.watch', 'action.cancelled', target, { because: action.overtaken });
    }
    switch (action.status) {
      case 'pending_approval':
        await step('expired', 'nobody approved it before its deadline');
        await tellApprovalExpired(tx, action);
        return this.expired(tx, action);
      case 'queued':
        await step('expired', `${action.host} did not take it before its deadline`);
        return this.expired(tx, action);
      case 'dispatched':
        if (action.deadline_passed) {
          await step('expired', `${action.host} did not accept it before its deadline`, 'cancel_pending = true');
          await tx.notify(ACTIONS_CHANNEL, action.agent_id);
          return this.expired(tx, action);
        }
        if (action.round_offers < MOST_OFFERS) return tx.notify(ACTIONS_CHANNEL, action.agent_id);
        return step(
          'queued',
          `${action.host} answered none of ${MOST_OFFERS} offers`,
          `lease_until = NULL, not_before = clock_timestamp() + interval '${PAUSE_S} seconds'`,
        );
      case 'running':
        if (action.dry_run) {
          return step('failed', `${action.host} has not been heard of since; it was a dry run, so nothing was done`);
        }
        await step(
          'unknown',
          `${action.host} has not been heard of since its lease ended: it may or may not have done it`,
          'lease_until = NULL, query_after = clock_timestamp()',
        );
        return tx.notify(ACTIONS_CHANNEL, action.agent_id);
      case 'unknown':
        return step(
          'unknown',
          'its deadline has passed with its outcome unknown: the instance is free for another action',
        );
    }
  }

  private async expired(tx: SystemTx, action: Watched): Promise<void> {
    await tx.record(action.tenant_id, 'actions.watch', 'action.expired', { type: 'action', id: action.id });
  }
}

const OVERTAKEN_BY = {
  protected: 'the instance was protected before the action could begin, so nothing was done',
  moved: 'the instance was started or stopped since this was requested, so nothing was done: look, and ask again',
};

const WATCH = { type: 'system', id: null, label: 'actions.watch' };

// An offer's answer is awaited OFFER_S; the repeat is announced each second from then on until a replica that holds the
// stream takes it, so after as long again without any taker the action counts as offered to nobody.
const OVERDUE = `
  SELECT a.tenant_id, a.id, a.verb, a.instance_id, a.status, a.open, a.agent_id, a.control_kind, a.level, a.own_host,
         a.dry_run, a.instance_generation, a.requester_type, a.requester_id, a.second_person, a.policy_id, a.policy_version, a.fence, a.accepted_at, a.result_at, a.result_outcome, a.deadline,
         CASE WHEN a.lease_until < clock_timestamp() - interval '${OFFER_S} seconds' THEN ${MOST_OFFERS} ELSE a.round_offers END
           AS round_offers,
         a.deadline <= clock_timestamp() AS deadline_passed, g.hostname AS host,
         CASE WHEN NOT ${OVERTAKEN} THEN NULL WHEN i.protected THEN 'protected' ELSE 'moved' END AS overtaken
    FROM flotilla.actions a
    JOIN flotilla.instances i ON i.tenant_id = a.tenant_id AND i.id = a.instance_id
    JOIN flotilla.agents g ON g.tenant_id = a.tenant_id AND g.id = a.agent_id
   WHERE ${LIVE}
     AND (a.status IN ('queued', 'dispatched') AND ${OVERTAKEN} OR
          a.deadline <= clock_timestamp() AND a.status IN ('pending_approval', 'queued', 'dispatched', 'unknown')
       OR a.lease_until <= clock_timestamp() AND a.status IN ('dispatched', 'running'))
   ORDER BY a.id
   LIMIT $1
   FOR UPDATE OF a SKIP LOCKED`;
