import { billingModelOf } from '@flotilla/domain';
import type { BillingModel, MeterSpan, SavingBasis } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';

/** An instance whose past is looked at, with everything of it that is not a measurement. */
export interface HistoryInstance {
  readonly id: number;
  readonly providerId: string;
  /** Its name, or the provider's id where it has none. */
  readonly label: string;
  readonly state: string;
  readonly cloudProvider: string;
  readonly instanceType: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** zone, lifecycle, auto_scaling_group, slurm_node, … as far as somebody said. */
  readonly placement: Readonly<Record<string, string | undefined>>;
  /** GPUs as its provider says; null: not known. */
  readonly gpuCount: number | null;
  readonly protected: boolean;
  readonly simulated: boolean;
  readonly gpus: readonly HistoryGpu[];
  readonly host: number | null;
  /** Its time in state at a price, in the tenant's currency where there is a rate. */
  readonly spans: readonly MeterSpan[];
  readonly model: BillingModel;
  /** What a stop saves. */
  readonly basis: SavingBasis;
}

export interface HistoryGpu {
  readonly deviceId: number;
  readonly uuid: string;
  readonly memoryTotalMib: number | null;
  /** Unix minutes between which it belongs to the instance: half open. It may be missed for a day before it does not any more. */
  readonly from: number;
  readonly until: number;
}

interface InstanceRow extends Record<string, unknown> {
  readonly id: number;
  readonly provider_id: string;
  readonly name: string | null;
  readonly cloud_provider: string;
  readonly state: string;
  readonly tags: Record<string, string>;
  readonly protected: boolean;
  readonly simulated: boolean;
  readonly instance_type: string | null;
  readonly gpu_count: number | null;
  readonly placement: Readonly<Record<string, string | undefined>>;
  readonly gpus:
    | {
        readonly id: number;
        readonly uuid: string;
        readonly memory: number | null;
        readonly since: number;
        readonly until: number | null;
      }[]
    | null;
  readonly host: number | null;
  readonly spans: SpanJson[] | null;
}

interface SpanJson {
  readonly state: string;
  readonly price: string | null;
  readonly currency: string;
  readonly since: number;
  readonly until: number | null;
}

const DAY_MINUTES = 1_440;

/** @param instanceIds null: all */
export async function readInstances(
  tx: ReadTx,
  tenantId: string,
  instanceIds: readonly number[] | null,
  fromMinute: number,
  toMinute: number,
): Promise<HistoryInstance[]> {
  const values = [tenantId, instanceIds, new Date(fromMinute * 60_000), new Date(toMinute * 60_000)];
  const rows = await tx.rows<InstanceRow>(INSTANCES, values);
  return rows.map((row) => {
    const model = billingModelOf(row.cloud_provider, row.tags);
    return {
      id: row.id,
      providerId: row.provider_id,
      label: row.name ?? row.provider_id,
      state: row.state,
      cloudProvider: row.cloud_provider,
      instanceType: row.instance_type,
      gpuCount: row.gpu_count,
      placement: row.placement,
      tags: row.tags,
      protected: row.protected,
      simulated: row.simulated,
      host: row.host,
      gpus: (row.gpus ?? []).map(({ id, uuid, memory, since, until }) => ({
        deviceId: id,
        uuid,
        memoryTotalMib: memory,
        from: Math.floor(since / 60),
        until: until === null ? Infinity : Math.floor(until / 60) + DAY_MINUTES,
      })),
      spans: (row.spans ?? []).map(({ state, price, currency, since, until }) => ({
        state,
        currency,
        hourlyCost: price,
        sinceMicros: since * 1_000_000,
        untilMicros: until === null ? null : until * 1_000_000,
      })),
      model,
      basis: row.placement['lifecycle'] === 'reserved' ? 'reserved' : model === 'always_on' ? 'always_on' : 'price',
    };
  });
}

// first_seen_at is when the device was first stored, which is after its first minutes when an agent brings a backlog: so the
// first device of an instance counts from the beginning
const INSTANCES = `
  SELECT i.id, i.provider_id, i.name, i.cloud_provider, i.state, i.tags, i.protected, i.simulated,
    i.instance_type, i.gpu_count,
    i.placement, d.gpus, d.host, s.spans
  FROM flotilla.instances i
  LEFT JOIN (
    SELECT d.instance_id, min(d.id) FILTER (WHERE d.kind = 'host') AS host,
      json_agg(json_build_object('id', d.id, 'uuid', d.uuid, 'memory', d.memory_total_mib, 'since', CASE WHEN d.first_seen_at <= f.first + interval '1 hour' THEN 0
          ELSE extract(epoch FROM d.first_seen_at) END,
        'until', CASE WHEN d.presence = 'present' THEN NULL ELSE extract(epoch FROM d.last_seen_at) END)
        ORDER BY d.gpu_index, d.id) FILTER (WHERE d.kind = 'gpu') AS gpus
    FROM flotilla.devices d
    CROSS JOIN LATERAL (SELECT min(o.first_seen_at) AS first FROM flotilla.devices o WHERE o.tenant_id = $1 AND o.instance_id = d.instance_id) f
    WHERE d.tenant_id = $1 AND d.kind IN ('gpu', 'host') AND (d.presence = 'present' OR d.last_seen_at >= $3::timestamptz - interval '1 day')
      AND ($2::bigint[] IS NULL OR d.instance_id = ANY ($2))
    GROUP BY d.instance_id
  ) d ON d.instance_id = i.id
  LEFT JOIN (
    SELECT p.instance_id, json_agg(json_build_object('state', p.state,
        'price', CASE WHEN p.currency = t.currency OR r.rate IS NULL THEN p.hourly_cost::text ELSE round(p.hourly_cost * r.rate, 10)::text END,
        'currency', CASE WHEN r.rate IS NULL THEN p.currency ELSE t.currency END,
        'since', extract(epoch FROM p.since), 'until', extract(epoch FROM p.until)) ORDER BY p.since) AS spans
    FROM flotilla.instance_spans p
    JOIN flotilla.tenants t ON t.tenant_id = $1
    CROSS JOIN LATERAL (
      SELECT CASE WHEN p.currency = t.currency OR p.hourly_cost IS NULL THEN 1
        ELSE flotilla.currency_rate($1, p.currency, t.currency, least(coalesce(p.until, now()), now())::date) END AS rate
    ) r
    WHERE p.tenant_id = $1 AND ($2::bigint[] IS NULL OR p.instance_id = ANY ($2))
      AND p.since < $4 AND (p.until IS NULL OR p.until >= date_trunc('month', $3::timestamptz) - interval '1 day')
    GROUP BY p.instance_id
  ) s ON s.instance_id = i.id
  WHERE i.tenant_id = $1 AND ($2::bigint[] IS NULL OR i.id = ANY ($2))
    AND (i.state <> 'terminated' OR i.state_changed_at >= $3)
  ORDER BY i.id`;
