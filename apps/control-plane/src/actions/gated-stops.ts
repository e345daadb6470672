import { whyNotAllowed } from '@flotilla/domain';
import type { AgentRef, ControlLevel } from '@flotilla/domain';
import type { Db } from '@flotilla/persistence';
import { gateOnWire, StopGate } from '../stop-gate/index.js';
import { ACTIONS_CHANNEL } from './actions.channel.js';
import { actionsStore } from './actions.store.js';
import type { AgentActors } from './agent-actors.js';
import { DUE, GATED } from './claimed-offer.js';

interface GatedStop {
  readonly tenant_id: string;
  readonly agent_id: string;
  readonly id: string;
  readonly instance_id: number;
  readonly level: ControlLevel;
  readonly policy_id: number | null;
  readonly idle_since: Date | null;
  readonly idle_below_percent: number | null;
  readonly even_busy: boolean;
  readonly accepted: readonly string[];
}

/**
 * Asks the safe-stop gate about stops of policies and approved stops that would go out now, by what is known in this moment:
 * between the request and here there may be a day. What does not pass ends as refused, its agent never hears of it, and the
 * answer stays with the action either way.
 *
 * @returns those that may be handed out
 */
export async function gateStops(
  db: Db,
  actors: AgentActors,
  agentIds: readonly string[],
  limit: number,
): Promise<string[]> {
  const stops = await db.system((tx) => tx.rows<GatedStop & Record<string, unknown>>(STOPS_TO_GATE, [agentIds, limit]));
  const allowed: string[] = [];
  for (const stop of stops) {
    const agent: AgentRef = { tenantId: stop.tenant_id, agentId: stop.agent_id };
    const may = await db.write(await actors.of(agent), async (tx) => {
      tx.withoutAudit('nothing was decided; what is refused is recorded');
      const action = await actionsStore.lock(tx, stop.tenant_id, stop.id);
      // meanwhile somebody cancelled it, or another replica handed it out
      if (!action || (action.status !== 'queued' && action.status !== 'dispatched')) return false;
      const answer = await StopGate.judge(tx, {
        tenantId: stop.tenant_id,
        instanceId: stop.instance_id,
        reason: stop.policy_id === null ? 'approved' : 'policy',
        idleSinceMs: stop.idle_since?.getTime() ?? null,
        belowPercent: stop.idle_below_percent,
        actionId: stop.id,
        evenBusy: stop.even_busy,
        workload: stop.level === 'workload',
        accept: stop.accepted,
      });
      if (!answer) return false;
      await tx.rows('UPDATE flotilla.actions SET gate = $3 WHERE tenant_id = $1 AND id = $2', [
        stop.tenant_id,
        stop.id,
        JSON.stringify(gateOnWire(answer)),
      ]);
      const why = whyNotAllowed(answer);
      if (why === null) return true;
      const offered = action.fence > 0;
      const set = { sql: offered ? 'cancel_pending = true, lease_until = NULL' : 'lease_until = NULL', values: [] };
      await actionsStore.step(tx, action, 'refused', GATE, `${why} Nothing was done.`.slice(0, 2000), set);
      const failed = answer.checks.filter(({ blocks }) => blocks).map(({ check }) => check);
      await tx.record('action.refused', { type: 'action', id: action.id }, { because: why, checks: failed });
      if (offered) await tx.notify(ACTIONS_CHANNEL, action.agent_id);
      return false;
    });
    if (may) allowed.push(stop.id);
  }
  return allowed;
}

const GATE = { type: 'system', id: null, label: 'safe-stop gate' };

const STOPS_TO_GATE = `
  SELECT a.tenant_id, a.agent_id, a.id, a.instance_id, a.level, a.policy_id, a.idle_since, a.idle_below_percent, a.even_busy,
         a.accepted
    FROM flotilla.actions a
    JOIN flotilla.instances i ON i.tenant_id = a.tenant_id AND i.id = a.instance_id
   WHERE a.agent_id = ANY ($1::uuid[]) AND ${GATED} AND ${DUE}
   ORDER BY a.id
   LIMIT $2`;
