import { Injectable } from '@nestjs/common';
import { metricById } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import { EventReader } from '../events/index.js';

const LOG_AT_ONCE = 500;

export interface LiveDevice {
  readonly instance_id: number;
  readonly device: string;
  readonly gpu_index: number | null;
  readonly timestamp: Date;
  readonly metrics: Readonly<Record<string, number>>;
}

/** What the event stream tells about things that changed. */
@Injectable()
export class StreamQueries {
  constructor(private readonly db: Db) {}

  actions(tenantId: string, ids: readonly string[]) {
    return this.db.read({ tenantId }, (tx) =>
      tx.rows(
        `SELECT a.id, a.verb AS type, a.status, a.instance_id, i.provider_id, a.message, a.updated_at
           FROM flotilla.actions a
           JOIN flotilla.instances i ON i.tenant_id = a.tenant_id AND i.id = a.instance_id
          WHERE a.tenant_id = $1 AND a.id = ANY ($2::text[]) ORDER BY a.updated_at, a.id`,
        [tenantId, ids],
      ),
    );
  }

  alerts(tenantId: string, ids: readonly number[]) {
    return this.db.read({ tenantId }, (tx) =>
      tx.rows(
        `SELECT a.id, a.alert_type, a.severity, a.status, a.acknowledged_at IS NOT NULL AS acknowledged, a.title, a.message,
                a.rule_id, a.subject_type, a.subject_id, a.subject_label, a.instance_id, i.provider_id, a.occurrences,
                a.first_fired_at, a.last_fired_at, a.ended_at, a.simulated
           FROM flotilla.alerts a
           LEFT JOIN flotilla.instances i ON i.tenant_id = a.tenant_id AND i.id = a.instance_id
          WHERE a.tenant_id = $1 AND a.id = ANY ($2::bigint[]) ORDER BY a.updated_at, a.id`,
        [tenantId, ids],
      ),
    );
  }

  instances(tenantId: string, ids: readonly number[]) {
    return this.db.read({ tenantId }, (tx) =>
      tx.rows(
        `SELECT i.id, i.provider_id AS instance_id, i.cloud_provider, i.name, i.state, i.state_changed_at, i.workload_state,
                i.protected, i.simulated,
                (SELECT jsonb_build_object(
                          'healthy', count(*) FILTER (WHERE d.health = 'healthy'),
                          'degraded', count(*) FILTER (WHERE d.health = 'degraded'),
                          'unhealthy', count(*) FILTER (WHERE d.health = 'unhealthy'),
                          'unknown', count(*) FILTER (WHERE d.health = 'unknown'))
                   FROM flotilla.devices d
                  WHERE d.tenant_id = i.tenant_id AND d.instance_id = i.id AND d.kind = 'gpu') AS gpus_by_health
           FROM flotilla.instances i WHERE i.tenant_id = $1 AND i.id = ANY ($2::bigint[]) ORDER BY i.id`,
        [tenantId, ids],
      ),
    );
  }

  /** @param keys `<agent id>:<wal epoch>:<seq>` */
  events(tenantId: string, keys: readonly string[]) {
    const parts = keys.map((key) => key.split(':'));
    return this.db.read({ tenantId }, (tx) =>
      tx.rows(
        `SELECT e.agent_id, i.id AS instance_id, i.provider_id, e.at, e.kind, e.severity, e.device, e.message, e.details
           FROM unnest($2::uuid[], $3::bigint[], $4::bigint[]) AS k (agent_id, wal_epoch, seq)
           JOIN flotilla.agent_events e
             ON e.tenant_id = $1 AND e.agent_id = k.agent_id AND e.wal_epoch = k.wal_epoch AND e.seq = k.seq
           LEFT JOIN flotilla.instances i ON i.tenant_id = e.tenant_id AND i.agent_id = e.agent_id
          ORDER BY e.at, e.seq`,
        [tenantId, parts.map(([agent]) => agent), parts.map(([, epoch]) => epoch), parts.map(([, , seq]) => seq)],
      ),
    );
  }

  logSpan(tenantId: string) {
    return this.db.read({ tenantId }, (tx) => EventReader.span(tx, tenantId));
  }

  logAfter(tenantId: string, sequence: number) {
    return this.db.read({ tenantId }, (tx) => EventReader.after(tx, tenantId, sequence, LOG_AT_ONCE));
  }

  agent(tenantId: string, id: string) {
    return this.db.read({ tenantId }, (tx) =>
      tx.row(
        `SELECT a.id, a.hostname, a.status, coalesce(a.connected_until > clock_timestamp(), false) AS connected, a.last_seen_at
           FROM flotilla.agents a WHERE a.tenant_id = $1 AND a.id = $2`,
        [tenantId, id],
      ),
    );
  }

  /** Devices whose newest values are newer than what `sentAt` remembers (device id → unix milliseconds); updates it. */
  async live(tenantId: string, sentAt: Map<number, number>): Promise<LiveDevice[]> {
    const rows = await this.db.read({ tenantId }, (tx) =>
      tx.rows<LiveRow & Record<string, unknown>>(
        `SELECT d.id, d.instance_id, d.uuid, d.gpu_index, l.at, l.metrics, l.readings
           FROM flotilla.my_gpu_live l
           JOIN flotilla.devices d ON d.tenant_id = $1 AND d.id = l.device_id
          WHERE l.at > clock_timestamp() - interval '10 minutes'`,
        [tenantId],
      ),
    );
    const fresh = rows.filter((row) => (sentAt.get(row.id) ?? 0) < row.at.getTime());
    for (const row of fresh) sentAt.set(row.id, row.at.getTime());
    return fresh.map((row) => ({
      instance_id: row.instance_id,
      device: row.uuid,
      gpu_index: row.gpu_index,
      timestamp: row.at,
      metrics: Object.fromEntries(
        row.metrics.flatMap((id, i) => {
          const [metric, value] = [metricById(id), row.readings[i]];
          return metric && value !== null && value !== undefined ? [[metric.name, value]] : [];
        }),
      ),
    }));
  }
}

interface LiveRow {
  readonly id: number;
  readonly instance_id: number;
  readonly uuid: string;
  readonly gpu_index: number | null;
  readonly at: Date;
  readonly metrics: readonly number[];
  readonly readings: readonly (number | null)[];
}
