import type { WriteTx } from '@flotilla/persistence';
import { newActionId } from '../actions/index.js';
import { CONTROL_KINDS } from './demo-fleet.js';
import type { DemoFleet } from './demo.types.js';

/** Stops of this many last days stand among the actions; savings are counted for no longer. */
const DAYS = 30;

/**
 * Whoever switched the machines off at night in the past was this policy: a finished action for each time, from which the
 * savings ledger works by itself.
 *
 * @param policyId as of its first version
 */
export async function writePastStops(tx: WriteTx, fleet: DemoFleet, policyId: number): Promise<void> {
  const agents = fleet.controllers.map(({ agent, cloudProvider }) => ({
    provider: cloudProvider,
    agent: agent.agentId,
    kind: CONTROL_KINDS[cloudProvider] ?? cloudProvider,
  }));
  const found = await tx.rows<{ instance_id: number; since: Date }>(OFF, [fleet.tenantId, DAYS]);
  const ids = found.map(({ since }) => newActionId(since.getTime() - 9_000));
  const columns = [found.map((one) => one.instance_id), found.map(({ since }) => since.toISOString())];
  await tx.rows(STOPS, [fleet.tenantId, JSON.stringify(agents), policyId, ids, ...columns]);
}

/** `$1` tenant, `$2` days: when which machine went off. */
const OFF = `
  SELECT s.instance_id, date_trunc('milliseconds', s.since) AS since
    FROM flotilla.instance_spans s
    JOIN flotilla.instances i ON i.tenant_id = s.tenant_id AND i.id = s.instance_id AND i.simulated
   WHERE s.tenant_id = $1 AND s.state = 'stopped' AND s.since > now() - $2 * interval '1 day' AND s.since < now() - interval '10 minutes'
     AND EXISTS (SELECT FROM flotilla.instance_spans p
                  WHERE p.tenant_id = s.tenant_id AND p.instance_id = s.instance_id AND p.until = s.since AND p.state = 'running')
   ORDER BY s.since, s.instance_id`;

/** `$1` tenant, `$2` the controllers, `$3` policy, `$4` ids, `$5` machines, `$6` since when they were off. Seconds apart, as such stops are. */
const STOPS = `
  WITH off AS (
    SELECT x.instance_id, x.since, x.id, c.agent, c.kind, i.generation
      FROM unnest($4::text[], $5::bigint[], $6::timestamptz[]) AS x (id, instance_id, since)
      JOIN flotilla.instances i ON i.tenant_id = $1 AND i.id = x.instance_id
      JOIN jsonb_to_recordset($2::jsonb) AS c (provider text, agent uuid, kind text) ON c.provider = i.cloud_provider
  ), done AS (
    INSERT INTO flotilla.actions (tenant_id, id, verb, instance_id, status, open, reason, requester_type, requester_label, requested_at,
      deadline, agent_id, control_kind, level, own_host, instance_generation, attempts, accepted_at, result_outcome, result_message,
      result_at, observed_state, verified, transitions, policy_id, policy_version)
    SELECT $1, o.id, 'stop', o.instance_id, 'succeeded', false, 'idle for half an hour at night (simulated)', 'system',
           'Nights and weekends off (simulated)', o.since - interval '9 s', o.since + interval '10 min', o.agent, o.kind, 'power', false,
           o.generation, 1, o.since - interval '8 s', 'succeeded', 'The machine is off.', o.since, 'stopped', true, 3, $3, 1
      FROM off o ON CONFLICT DO NOTHING RETURNING id)
  INSERT INTO flotilla.action_transitions (tenant_id, action_id, seq, at, from_status, to_status, actor_type, actor_label, note)
  SELECT $1, o.id, t.seq, o.since + t.after, t.before, t.status, t.who, t.label, t.note
    FROM off o JOIN done USING (id), LATERAL (VALUES
      (1::smallint, interval '-9 s', NULL, 'queued', 'system', 'Nights and weekends off (simulated)', 'idle for half an hour at night (simulated)'),
      (2::smallint, interval '-8 s', 'queued', 'dispatched', 'agent', 'controller (simulated)', NULL),
      (3::smallint, interval '0 s', 'dispatched', 'succeeded', 'agent', 'controller (simulated)', 'state reached: stopped')
    ) t (seq, after, before, status, who, label, note)`;
