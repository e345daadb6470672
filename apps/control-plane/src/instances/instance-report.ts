import { createHash } from 'node:crypto';
import { momentOf } from '@flotilla/contracts';
import type { InstanceElement } from '@flotilla/contracts';
import type { AgentRef } from '@flotilla/domain';
import type { WriteTx } from '@flotilla/persistence';
import { FLEET_CHANGES_CHANNEL, witnessState } from '../actions/index.js';
import type { Controllers } from '../actions/index.js';
import { RefusedByRegistry } from './inventory.js';
import { identified, retireProvisional } from './provisional-instance.js';
import { keepFacts } from './reported-facts.js';

export interface Reporter {
  readonly agent: AgentRef;
  /** For the timeline and the audit. */
  readonly label: string;
  /** The instance is the machine that the agent runs on. */
  readonly own: boolean;
}

interface InstanceRow {
  readonly id: number;
  readonly agent_id: string | null;
  readonly state: string;
  readonly state_is_held: boolean;
  readonly may_take_over: boolean;
  readonly reported: boolean;
}

/** What makes two reports the same. */
export const reportDigest = (element: InstanceElement): Buffer =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(element).sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest();

/**
 * Stores what an agent says about one instance: creates it at first sight, keeps the facts under their source, follows
 * its state, and remembers who reported it.
 *
 * @throws RefusedByRegistry when the instance belongs to another agent
 */
export async function reportInstance(
  tx: WriteTx,
  controllers: Controllers,
  reporter: Reporter,
  element: InstanceElement,
): Promise<{ readonly id: number; readonly changed: boolean }> {
  const { agent } = reporter;
  const instance = await findOrCreate(tx, agent, element);
  const { isNew } = instance;
  if (!isNew) await mayWrite(tx, controllers, reporter, instance, element.instance_id);
  const source = reporter.own ? 'agent' : await sourceOf(tx, agent);
  const changed = await keepFacts(tx, agent, instance.id, source, element);
  const stateChanged = element.state !== instance.state && !instance.state_is_held;
  await tx.rows(SAVE_REPORT, [
    agent.tenantId,
    instance.id,
    agent.agentId,
    reporter.own,
    stateChanged ? element.state : null,
    element.created_at === undefined ? null : momentOf(element.created_at),
    reportDigest(element),
    isNew || stateChanged || changed,
  ]);
  const witness = { type: 'agent', id: agent.agentId, label: reporter.label };
  await witnessState(tx, agent.tenantId, instance.id, element.state, witness);
  if (isNew || stateChanged) {
    await tx.record(
      isNew ? 'instance.created' : 'instance.state_changed',
      { type: 'instance', id: instance.id },
      { provider_id: element.instance_id, cloud_provider: element.cloud_provider, state: element.state },
    );
  }
  return { id: instance.id, changed: isNew || stateChanged || changed };
}

async function findOrCreate(
  tx: WriteTx,
  agent: AgentRef,
  element: InstanceElement,
): Promise<InstanceRow & { readonly isNew: boolean }> {
  const values = [agent.tenantId, element.cloud_provider, element.instance_id, agent.agentId];
  const found = await tx.row<InstanceRow & Record<string, unknown>>(LOCK_INSTANCE, values);
  if (found) {
    await retireProvisional(tx, agent, element);
    return { ...found, isNew: false };
  }
  if (await identified(tx, agent, element)) {
    const row = await tx.row<InstanceRow & Record<string, unknown>>(LOCK_INSTANCE, values);
    if (row) return { ...row, isNew: false };
  }
  const made = await tx.row<{ id: number }>(
    `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, state, simulated)
     SELECT $1, $2, $3, $5, a.simulated FROM flotilla.agents a WHERE a.tenant_id = $1 AND a.id = $4
     ON CONFLICT (tenant_id, cloud_provider, provider_id) DO NOTHING RETURNING id`,
    [...values, element.state],
  );
  const row = await tx.row<InstanceRow & Record<string, unknown>>(LOCK_INSTANCE, values);
  if (!row) throw new RefusedByRegistry('this agent is not known any more; enrol it again');
  return { ...row, isNew: made !== undefined };
}

/** Its own, one that it reported before, or one that it controls; a reinstalled host takes over from its former self. */
async function mayWrite(
  tx: WriteTx,
  controllers: Controllers,
  { agent, own }: Reporter,
  instance: InstanceRow,
  providerId: string,
): Promise<void> {
  if (instance.agent_id === agent.agentId) return;
  if (own) {
    if (instance.agent_id === null || instance.may_take_over) return;
    throw new RefusedByRegistry(
      `instance ${providerId} belongs to another agent: revoke that one first, or give this machine an instance_id of its own`,
    );
  }
  if (instance.reported) return;
  const able = await controllers.candidates(tx, agent.tenantId, instance.id);
  if (able.some((candidate) => candidate.agentId === agent.agentId)) return;
  throw new RefusedByRegistry(
    `instance ${providerId} is known from another agent; this one neither reported it first nor controls it`,
  );
}

/** An agent that controls a cloud or a BMC reports an inventory of it; any other one its word. */
async function sourceOf(tx: WriteTx, agent: AgentRef): Promise<'cloud' | 'agent'> {
  const row = await tx.row<{ cloud: boolean }>(
    `SELECT EXISTS (SELECT FROM flotilla.controllers c
                     WHERE c.tenant_id = $1 AND c.agent_id = $2 AND c.level = 'power' AND c.scope <> '{}') AS cloud`,
    [agent.tenantId, agent.agentId],
  );
  return row?.cloud ? 'cloud' : 'agent';
}

// `state_is_held`: a verified outcome of an action is not contradicted by habit: not under the same boot of its host,
// nor in the two minutes that a cloud's own lists may lag behind. `may_take_over`: the agent before is revoked, or is
// the same machine and gone.
const LOCK_INSTANCE = `
  SELECT i.id, i.agent_id, i.state,
         i.state_source = 'action' AND (
           i.state_changed_at > clock_timestamp() - interval '2 minutes'
           OR me.id = i.agent_id AND i.state_boot_id = me.boot_id) AS state_is_held,
         coalesce(holder.status = 'revoked' OR (holder.machine_fingerprint = me.machine_fingerprint
           AND coalesce(holder.connected_until < clock_timestamp(), true)), false) AS may_take_over,
         EXISTS (SELECT FROM flotilla.instance_reports r
                  WHERE r.tenant_id = i.tenant_id AND r.instance_id = i.id AND r.agent_id = $4) AS reported
    FROM flotilla.instances i
    JOIN flotilla.agents me ON me.tenant_id = i.tenant_id AND me.id = $4
    LEFT JOIN flotilla.agents holder ON holder.tenant_id = i.tenant_id AND holder.id = i.agent_id
   WHERE i.tenant_id = $1 AND i.cloud_provider = $2 AND i.provider_id = $3
     FOR UPDATE OF i`;

const SAVE_REPORT = `
  WITH seen AS (
    UPDATE flotilla.instances i
       SET last_seen_at = clock_timestamp(),
           agent_id = CASE WHEN $4 THEN $3 ELSE i.agent_id END,
           state = coalesce($5, i.state),
           state_changed_at = CASE WHEN $5 IS NULL THEN i.state_changed_at ELSE clock_timestamp() END,
           state_source = CASE WHEN $5 IS NULL THEN i.state_source ELSE 'report' END,
           state_agent_id = CASE WHEN $5 IS NULL THEN i.state_agent_id ELSE $3 END,
           workload_state = CASE WHEN $5 IS NULL THEN i.workload_state END,
           created_at = coalesce($6, i.created_at)
     WHERE i.tenant_id = $1 AND i.id = $2
     RETURNING i.tenant_id, i.id),
  reported AS (
    INSERT INTO flotilla.instance_reports AS r (tenant_id, instance_id, agent_id, digest) VALUES ($1, $2, $3, $7)
    ON CONFLICT (tenant_id, instance_id, agent_id) DO UPDATE SET last_at = now(), digest = excluded.digest)
  SELECT CASE WHEN $8 THEN pg_notify('${FLEET_CHANGES_CHANNEL}',
           json_build_object('tenant_id', s.tenant_id, 'kind', 'instance', 'id', s.id)::text) END
    FROM seen s`;
