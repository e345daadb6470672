import { metricId } from '@flotilla/domain';
import type { MetricName } from '@flotilla/domain';

/** What is known of the machine, its tenant's thresholds, its processes, its newest bill and its open action. */
export interface MachineRow {
  readonly now: Date;
  readonly provider_id: string;
  readonly cloud_provider: string;
  readonly instance_type: string | null;
  readonly state: string;
  readonly state_changed_at: Date;
  readonly protected: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly placement: Readonly<Record<string, string | undefined>>;
  readonly gpu_count: number | null;
  readonly idle_below_percent: number;
  readonly idle_for_minutes: number;
  readonly processes_at: Date | null;
  readonly processes: readonly StoredProcess[] | null;
  readonly open_action: string | null;
  readonly open_status: string | null;
  readonly calls_known: boolean;
  readonly committed_share: number | null;
  readonly bill_says_spot: boolean | null;
  readonly bill_day: string | null;
}

/** A process as the instances room keeps it. */
export interface StoredProcess {
  readonly device: string;
  readonly pid: number;
  readonly name: string | null;
  readonly started_at?: string | null;
  readonly used_memory_mib: number | null;
  readonly sm_percent?: number | null;
  readonly slurm_job_id?: string | null;
  readonly pod?: { readonly uid: string; readonly name: string | null; readonly namespace: string | null } | null;
}

export interface DeviceRow {
  readonly id: number;
  readonly kind: 'gpu' | 'mig' | 'host';
  readonly uuid: string;
  readonly parent_uuid: string | null;
  readonly presence: 'present' | 'missing';
  readonly memory_total_mib: number | null;
  /** Unix minutes; null: none lately. */
  readonly last_minute: number | null;
}

/** `[mean, highest]` of each metric. */
type Stats = readonly [number | null, number | null] | null;
export interface MinuteRow {
  readonly device_id: number;
  readonly minute_s: number;
  readonly interval_s: number;
  readonly sample_count: number;
  readonly sm_activity: Stats;
  readonly gpu_utilization: Stats;
  readonly memory_used_mib: Stats;
  readonly power_draw: Stats;
  readonly power_limit: Stats;
  readonly pcie_rx: Stats;
  readonly pcie_tx: Stats;
  readonly nvlink_rx: Stats;
  readonly nvlink_tx: Stats;
  readonly network_rx: Stats;
  readonly network_tx: Stats;
}

export interface FloorRow {
  readonly device_id: number;
  readonly memory_mib: number | null;
  readonly power_w: number | null;
}

// The bill: of the newest week that a bill or a provider's interface tells of this instance, how much of its usage a
// commitment covers, weighed by what it would have cost by the list.
export const MACHINE = `
  SELECT clock_timestamp() AS now, i.provider_id, i.cloud_provider, i.instance_type, i.state, i.state_changed_at, i.protected,
         i.tags, i.placement, i.gpu_count, t.idle_below_percent, t.idle_for_minutes, p.at AS processes_at,
         (SELECT coalesce(jsonb_agg(e), '[]') FROM jsonb_array_elements(p.processes) AS e WHERE e ->> 'type' <> 'G') AS processes,
         a.id AS open_action, a.status AS open_status,
         EXISTS (SELECT FROM flotilla.ai_dimensions d WHERE d.tenant_id = i.tenant_id AND d.instance_id = i.id) AS calls_known,
         (b.committed / nullif(b.total, 0))::float8 AS committed_share, b.spot > b.total / 2 AS bill_says_spot,
         b.last_day::text AS bill_day
    FROM flotilla.instances i
    JOIN flotilla.tenants t ON t.tenant_id = i.tenant_id
    LEFT JOIN flotilla.gpu_processes p ON p.tenant_id = i.tenant_id AND p.instance_id = i.id
    LEFT JOIN flotilla.actions a ON a.tenant_id = i.tenant_id AND a.instance_id = i.id AND a.open AND a.id IS DISTINCT FROM $3
    LEFT JOIN LATERAL (
      SELECT max(w.last_day) AS last_day, sum(w.weight) AS total,
             coalesce(sum(w.weight) FILTER (WHERE w.pricing_category = 'Committed' OR w.commitment_discount_id IS NOT NULL), 0) AS committed,
             coalesce(sum(w.weight) FILTER (WHERE w.pricing_category = 'Dynamic'), 0) AS spot
        FROM (SELECT coalesce(c.list_cost, c.effective_cost) AS weight, c.pricing_category, c.commitment_discount_id,
                     c.charge_day, max(c.charge_day) OVER () AS last_day
                FROM flotilla.costs c
               WHERE c.tenant_id = i.tenant_id AND c.instance_id = i.id AND c.origin IN ('bill', 'provider_api')
                 AND c.superseded_by IS NULL AND c.charge_category = 'Usage' AND c.charge_day > current_date - 45) w
       WHERE w.charge_day > w.last_day - 7) b ON true
   WHERE i.tenant_id = $1 AND i.id = $2`;

// A GPU that the driver lost within the last day still counts: nobody knows what it does.
export const DEVICES = `
  SELECT d.id, d.kind, d.uuid, d.parent_uuid, d.presence, d.memory_total_mib,
         (SELECT floor(extract(epoch FROM max(m.minute)) / 60)::integer FROM flotilla.my_gpu_minutes m
           WHERE m.device_id = d.id AND m.minute > clock_timestamp() - interval '1 day') AS last_minute
    FROM flotilla.devices d
   WHERE d.tenant_id = $1 AND d.instance_id = $2
     AND (d.presence = 'present' OR d.last_seen_at > now() - interval '1 day')
   ORDER BY d.id`;

const MEASURES: readonly MetricName[] = [
  'sm_activity',
  'gpu_utilization',
  'memory_used_mib',
  'power_draw',
  'power_limit',
  'pcie_rx',
  'pcie_tx',
  'nvlink_rx',
  'nvlink_tx',
  'network_rx',
  'network_tx',
];
const stats = (name: MetricName) => {
  const row = `m.stats[array_position(m.metrics, ${metricId(name)}::smallint)]`;
  return `ARRAY[${row}[2], ${row}[3]] AS ${name}`;
};

/** `$1` devices, `$2` from, `$3` to. */
export const MINUTES = `
  SELECT m.device_id, extract(epoch FROM m.minute)::integer AS minute_s, m.interval_s, m.sample_count,
         ${MEASURES.map(stats).join(', ')}
    FROM flotilla.my_gpu_minutes m
   WHERE m.device_id = ANY ($1::integer[]) AND m.minute >= $2 AND m.minute < $3`;

// the lowest minute of the last two weeks, from packed hours (min, avg, max, count)
export const FLOORS = `
  SELECT d.device_id,
         min(d.hours[h.hour * 4 + 1]) FILTER (WHERE d.metric = ${metricId('memory_used_mib')}) AS memory_mib,
         min(d.hours[h.hour * 4 + 1]) FILTER (WHERE d.metric = ${metricId('power_draw')}) AS power_w
    FROM flotilla.my_gpu_days d
   CROSS JOIN generate_series(0, 23) AS h (hour)
   WHERE d.device_id = ANY ($1::integer[]) AND d.metric = ANY (ARRAY[${metricId('memory_used_mib')}, ${metricId('power_draw')}]::smallint[])
     AND d.day > current_date - 14
   GROUP BY d.device_id`;
