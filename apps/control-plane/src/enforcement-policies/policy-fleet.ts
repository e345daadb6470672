import { idleSinceByStairs } from '@flotilla/domain';
import type { PolicyInstance, PolicyMove } from '@flotilla/domain';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { MaintenanceWindows } from '../maintenance-windows/index.js';

/** An instance with everything that speaks for or against acting on it now. */
export interface RunInstance extends PolicyInstance {
  readonly providerId: string;
  readonly label: string;
  readonly simulated: boolean;
}

interface Row extends Record<string, unknown> {
  readonly id: number;
  readonly provider_id: string;
  readonly label: string;
  readonly state: string;
  readonly workload_state: 'running' | 'stopped' | null;
  readonly protected: boolean;
  readonly tags: Record<string, string>;
  readonly hourly_cost: string | null;
  readonly simulated: boolean;
  readonly open_action: string | null;
  readonly standoff: string | null;
  readonly moves: { readonly at: number; readonly verb: 'start' | 'stop'; readonly policy_id: number }[] | null;
  readonly devices:
    { utilization: number | null; last: number; interval: number; levels: number[]; starts: number[] }[] | null;
}

/** Outcomes that changed nothing: they are no move of a policy, and touch no instance. */
export const NOTHING_DONE = `('failed', 'refused', 'expired', 'cancelled', 'rejected')`;

/**
 * Instances as a run of a policy sees them.
 *
 * @param ids numbers of instances; null: every one that is not terminated
 */
export async function loadInstances(
  tx: ReadTx,
  tenant: TenantRef,
  policy: { readonly id: number; readonly version: number },
  ids: readonly number[] | null,
  idleBelowPercent: number,
  now: Date,
): Promise<RunInstance[]> {
  const rows = await tx.rows<Row>(INSTANCES, [tenant.tenantId, ids, policy.id, policy.version]);
  const windows = await MaintenanceWindows.active(tx, tenant.tenantId, now.getTime());
  return rows.map((row) => {
    const window = MaintenanceWindows.suppressing(windows, 'enforcement', { id: row.id, tags: row.tags });
    return {
      instanceId: row.id,
      providerId: row.provider_id,
      label: row.label,
      simulated: row.simulated,
      state: row.state,
      workloadState: row.workload_state,
      protected: row.protected,
      tags: row.tags,
      // only to sort by
      hourlyCost: row.hourly_cost === null ? NaN : Number(row.hourly_cost),
      utilization: highest(row.devices),
      idleMinutes: idleMinutes(row.devices, idleBelowPercent, now),
      maintenance: window && `Maintenance window ${window.name} is open until ${window.endsAt.toISOString()}.`,
      standoff: row.standoff,
      openAction: row.open_action,
      moves: (row.moves ?? []).map(({ at, verb, policy_id }): PolicyMove => ({ atMs: at, verb, policyId: policy_id })),
    };
  });
}

function highest(devices: Row['devices']): number {
  const known = (devices ?? []).flatMap(({ utilization }) => utilization ?? []);
  return known.length === 0 || known.length < devices!.length ? NaN : Math.max(...known);
}

/** As long as its busiest GPU has idled; NaN where one of them says nothing. */
function idleMinutes(devices: Row['devices'], belowPercent: number, now: Date): number {
  if (!devices) return NaN;
  const minutes = devices.map(({ last, interval, levels, starts }) => {
    const stairs = {
      levels,
      starts: starts.map((minute) => minute * 60),
      lastMinuteS: last * 60,
      lastIntervalS: interval,
    };
    const since = idleSinceByStairs(stairs, { belowPercent, forMinutes: 0 }, now);
    return since ? (now.getTime() - since.getTime()) / 60_000 : 0;
  });
  return Math.floor(Math.min(...minutes));
}

// a move counts from when it was asked for; one that waits for a person is none yet
const INSTANCES = `
  SELECT i.id, i.provider_id, coalesce(i.name, i.provider_id) AS label, i.state, i.workload_state, i.protected, i.tags,
         i.hourly_cost::text AS hourly_cost, i.simulated, a.id AS open_action, s.reason AS standoff,
         (SELECT jsonb_agg(jsonb_build_object('at', (extract(epoch FROM m.requested_at) * 1000)::bigint, 'verb', m.verb, 'policy_id', m.policy_id))
            FROM flotilla.actions m
           WHERE m.tenant_id = i.tenant_id AND m.instance_id = i.id AND m.policy_id IS NOT NULL AND NOT m.dry_run
             AND m.requested_at > clock_timestamp() - interval '1 day'
             AND m.status NOT IN ${NOTHING_DONE} AND m.status <> 'pending_approval') AS moves,
         (SELECT jsonb_agg(jsonb_build_object('utilization', v.gpu_utilization, 'last', v.last_minute, 'interval', v.last_interval_s,
                   'levels', v.levels, 'starts', v.starts))
            FROM flotilla.my_gpu_activity v WHERE v.instance_id = i.id) AS devices
    FROM flotilla.instances i
    LEFT JOIN flotilla.actions a ON a.tenant_id = i.tenant_id AND a.instance_id = i.id AND a.open
    LEFT JOIN flotilla.policy_standoffs s ON s.tenant_id = i.tenant_id AND s.instance_id = i.id AND s.policy_id = $3
      AND s.policy_version = $4 AND s.until > clock_timestamp()
   WHERE i.tenant_id = $1 AND ($2::bigint[] IS NULL OR i.id = ANY ($2)) AND i.state <> 'terminated'
   ORDER BY i.id`;

/** How much of the fleet policies touched within 24 hours, and how much there is. */
export async function blastRadius(
  tx: ReadTx,
  tenant: TenantRef,
): Promise<{ fleet: number; touched: ReadonlySet<number> }> {
  const touched = await tx.rows<{ id: number }>(
    `SELECT DISTINCT a.instance_id AS id FROM flotilla.actions a
      WHERE a.tenant_id = $1 AND a.policy_id IS NOT NULL AND NOT a.dry_run
        AND a.requested_at > clock_timestamp() - interval '1 day' AND a.status NOT IN ${NOTHING_DONE}`,
    [tenant.tenantId],
  );
  const ids = touched.map(({ id }) => id);
  const row = await tx.row<{ fleet: number }>(
    `SELECT count(*) AS fleet FROM flotilla.instances i
      WHERE i.tenant_id = $1 AND i.state <> 'terminated'
        AND (i.state = 'running' AND i.workload_state IS DISTINCT FROM 'stopped' OR i.id = ANY ($2::bigint[]))`,
    [tenant.tenantId, ids],
  );
  return { fleet: row!.fleet, touched: new Set(ids) };
}
