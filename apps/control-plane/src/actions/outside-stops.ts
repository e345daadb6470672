import { metricId, whyNotStop } from '@flotilla/domain';
import type { AgentRef, ReportedGpu, ReportedInstance } from '@flotilla/domain';
import type { Db } from '@flotilla/persistence';
import { ACTIONS_CHANNEL } from './actions.channel.js';
import { actionsStore } from './actions.store.js';
import type { AgentActors } from './agent-actors.js';
import { DUE, knownProcessesOf, STOP_FROM_OUTSIDE } from './claimed-offer.js';
import type { StoredProcess } from './claimed-offer.js';

/** An action that is about to be handed out, and whose agent sees nothing of the machine that it would stop. */
export interface StopToJudge {
  readonly tenant_id: string;
  readonly agent_id: string;
  readonly id: string;
}

/** SQL: the stops that the control plane has to judge itself before their agents may hear of them. */
export const STOPS_TO_JUDGE = `
  SELECT a.tenant_id, a.agent_id, a.id
    FROM flotilla.actions a
    JOIN flotilla.instances i ON i.tenant_id = a.tenant_id AND i.id = a.instance_id
   WHERE a.agent_id = ANY ($1::uuid[]) AND ${STOP_FROM_OUTSIDE} AND ${DUE}
   ORDER BY a.id
   LIMIT $2`;

/**
 * Looks at what is known of these machines now. A stop that may not be is refused here, and its agent never hears of it.
 *
 * @returns those that may be handed out, at once: what was seen is true for a moment
 */
export async function judgeStops(db: Db, actors: AgentActors, stops: readonly StopToJudge[]): Promise<string[]> {
  const allowed: string[] = [];
  for (const stop of stops) {
    const agent: AgentRef = { tenantId: stop.tenant_id, agentId: stop.agent_id };
    const may = await db.write(await actors.of(agent), async (tx) => {
      const action = await actionsStore.lock(tx, stop.tenant_id, stop.id);
      const reported = await tx.row<Reported & Record<string, unknown>>(REPORTED, [
        stop.tenant_id,
        stop.id,
        GPU_UTILIZATION,
      ]);
      tx.withoutAudit('nothing was decided; what is refused is recorded');
      // meanwhile somebody cancelled it, or another replica handed it out
      if (!action || !reported || (action.status !== 'queued' && action.status !== 'dispatched')) return false;
      const question = {
        idleSinceMs: reported.idle_since.getTime(),
        belowPercent: reported.idle_below_percent,
        knownProcesses: knownProcessesOf(reported.known_processes),
      };
      const why = whyNotStop(instanceOf(reported), question, reported.now.getTime());
      if (!why) return true;
      const offered = action.fence > 0;
      const set = { sql: offered ? 'cancel_pending = true, lease_until = NULL' : 'lease_until = NULL', values: [] };
      await actionsStore.step(tx, action, 'refused', JUDGE, `${why}; nothing was done`, set);
      await tx.record('action.refused', { type: 'action', id: action.id }, { because: why });
      if (offered) await tx.notify(ACTIONS_CHANNEL, action.agent_id);
      return false;
    });
    if (may) allowed.push(stop.id);
  }
  return allowed;
}

const JUDGE = { type: 'system', id: null, label: 'control plane' };
const GPU_UTILIZATION = metricId('gpu_utilization');

interface Reported {
  readonly now: Date;
  readonly idle_since: Date;
  readonly idle_below_percent: number;
  readonly known_processes: readonly StoredProcess[] | null;
  readonly gpu_count: number | null;
  readonly processes_at: Date | null;
  readonly processes: readonly StoredProcess[] | null;
  readonly gpus: readonly ReportedRow[];
}

interface ReportedRow {
  readonly uuid: string;
  readonly parent_uuid: string | null;
  readonly present: boolean;
  readonly levels: readonly number[] | null;
  /** Minutes since 1970, as `last_minute`. */
  readonly starts: readonly number[];
  readonly last_minute: number;
  readonly last_interval_s: number;
  readonly live_at_ms: number | null;
  readonly live_percent: number | null;
}

function instanceOf(reported: Reported): ReportedInstance {
  return {
    gpus: reported.gpus.map(gpuOf),
    gpuCount: reported.gpu_count,
    processes: reported.processes_at && {
      atMs: reported.processes_at.getTime(),
      list: knownProcessesOf(reported.processes) ?? [],
    },
  };
}

function gpuOf(row: ReportedRow): ReportedGpu {
  const { uuid, parent_uuid: parentUuid, present, levels, starts } = row;
  return {
    uuid,
    parentUuid,
    present,
    stairs: levels && {
      levels,
      starts: starts.map((minute) => minute * 60),
      lastMinuteS: row.last_minute * 60,
      lastIntervalS: row.last_interval_s,
    },
    live:
      row.live_at_ms === null || row.live_percent === null ? null : { atMs: row.live_at_ms, percent: row.live_percent },
  };
}

// A GPU that the driver lost within the last day still counts: nobody knows what it does. One that is away for longer was
// taken out.
const REPORTED = `
  SELECT clock_timestamp() AS now, a.idle_since, a.idle_below_percent, a.known_processes, i.gpu_count, p.at AS processes_at,
         (SELECT coalesce(jsonb_agg(jsonb_build_object('device', e ->> 'device', 'pid', e -> 'pid',
            'name', coalesce(e ->> 'name', ''),
            'started_at_ms', (extract(epoch FROM (e ->> 'started_at')::timestamptz) * 1000)::bigint)), '[]')
            FROM jsonb_array_elements(p.processes) AS e WHERE e ->> 'type' <> 'G') AS processes,
         (SELECT coalesce(jsonb_agg(jsonb_build_object('uuid', d.uuid,
            'parent_uuid', CASE WHEN d.kind = 'mig' THEN coalesce(d.parent_uuid, '') END, 'present', d.presence = 'present',
            'levels', to_jsonb(c.levels), 'starts', to_jsonb(c.starts), 'last_minute', c.last_minute,
            'last_interval_s', c.last_interval_s, 'live_at_ms', (extract(epoch FROM l.at) * 1000)::bigint,
            'live_percent', l.readings[array_position(l.metrics, $3::smallint)]) ORDER BY d.id), '[]')
            FROM flotilla.devices d
            LEFT JOIN flotilla.my_gpu_activity c ON c.device_id = d.id
            LEFT JOIN flotilla.my_gpu_live l ON l.device_id = d.id
           WHERE d.tenant_id = a.tenant_id AND d.instance_id = a.instance_id AND d.kind <> 'host'
             AND (d.presence = 'present' OR d.last_seen_at > now() - interval '1 day')) AS gpus
    FROM flotilla.actions a
    JOIN flotilla.instances i ON i.tenant_id = a.tenant_id AND i.id = a.instance_id
    LEFT JOIN flotilla.gpu_processes p ON p.tenant_id = a.tenant_id AND p.instance_id = a.instance_id
   WHERE a.tenant_id = $1 AND a.id = $2`;
