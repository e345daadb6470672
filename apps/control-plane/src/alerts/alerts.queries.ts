import { Injectable } from '@nestjs/common';
import type { Alert, AlertDetail, AlertQuery, AlertSummary } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { resolveInstance } from '../instance-refs/index.js';
import { decodeCursor, encodeCursor, notFound, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';

type Row = z.input<typeof Alert> & Record<string, unknown>;
const SCOPE = 'alerts:-last_fired_at,-id';

/** The numbers of an alert are kept as they came; its channels, keys and timers are nobody's business. */
const COLUMNS = `a.id, a.alert_type, a.source, a.rule_id, a.rule_name, a.built_in, a.severity, a.status,
  a.acknowledged_at IS NOT NULL AS acknowledged, a.title, a.message,
  jsonb_build_object('type', a.subject_type, 'id', a.subject_id, 'label', a.subject_label) AS subject,
  CASE WHEN i.id IS NOT NULL THEN jsonb_build_object('id', i.id, 'instance_id', i.provider_id, 'name', i.name) END AS instance,
  a.evidence, a.occurrences, a.first_fired_at, a.last_fired_at, a.ended_at, a.acknowledged_at, a.acknowledged_by, a.resolved_at,
  a.resolved_by, a.ignored_at, a.ignored_by, a.comment, a.triggered_at AS notified_at, a.escalation_step,
  a.escalate_at AS next_escalation_at, a.suppressed, a.simulated`;
const FROM = `FROM flotilla.alerts a LEFT JOIN flotilla.instances i ON i.tenant_id = a.tenant_id AND i.id = a.instance_id`;
const WHERE = `a.tenant_id = $1
  AND ($2::text IS NULL OR a.status = $2) AND ($3::boolean IS NULL OR (a.acknowledged_at IS NOT NULL) = $3)
  AND ($4::text IS NULL OR a.alert_type = $4) AND ($5::text IS NULL OR a.severity = $5)
  AND ($6::bigint IS NULL OR a.instance_id = $6) AND ($7::bigint IS NULL OR a.rule_id = $7)
  AND ($8::timestamptz IS NULL OR a.last_fired_at >= $8) AND ($9::timestamptz IS NULL OR a.last_fired_at < $9)`;

/** What people see of alerts. */
@Injectable()
export class AlertsQueries {
  constructor(private readonly db: Db) {}

  async list(actor: TenantRef, query: AlertQuery): Promise<Page<Row>> {
    const { offset, limit } = pageWindow(query);
    const [at, id] =
      query.cursor === undefined
        ? [null, null]
        : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.string(), z.int()]));
    return this.db.read(actor, async (tx) => {
      const filter = await filterOf(tx, actor, query);
      const counted = await tx.row<{ total: number }>(
        `SELECT count(*) AS total FROM flotilla.alerts a WHERE ${WHERE}`,
        filter,
      );
      const rows = await tx.rows<Row & { place: string }>(
        `SELECT ${COLUMNS}, a.last_fired_at::text AS place ${FROM}
          WHERE ${WHERE} AND ($10::timestamptz IS NULL OR (a.last_fired_at, a.id) < ($10::timestamptz, $11::bigint))
          ORDER BY a.last_fired_at DESC, a.id DESC LIMIT $12 OFFSET $13`,
        [...filter, at, id, limit + 1, offset],
      );
      const page = pageOf(rows, query, counted!.total, (last) => encodeCursor(actor, SCOPE, [last.place, last.id]));
      return { ...page, items: page.items.map(({ place: _, ...row }) => row as Row) };
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(actor: TenantRef, id: number): Promise<z.input<typeof AlertDetail>> {
    return this.db.read(actor, async (tx) => {
      const row = await tx.row<Row>(`SELECT ${COLUMNS} ${FROM} WHERE a.tenant_id = $1 AND a.id = $2`, [
        actor.tenantId,
        id,
      ]);
      if (!row) throw notFound('alert', id);
      const history = await tx.rows<z.input<typeof AlertDetail>['history'][number] & Record<string, unknown>>(
        `SELECT h.id, h.at, h.kind, h.actor, h.details FROM flotilla.alert_history h
          WHERE h.tenant_id = $1 AND h.alert_id = $2 ORDER BY h.id DESC LIMIT 200`,
        [actor.tenantId, id],
      );
      const deliveries = await tx.rows<z.input<typeof AlertDetail>['deliveries'][number] & Record<string, unknown>>(
        `SELECT o.channel_id, c.name AS channel_name, o.kind, o.state, coalesce(o.settled_at, o.created_at) AS at
           FROM flotilla.alerts a
           JOIN flotilla.notification_outbox o ON o.tenant_id = a.tenant_id AND o.dedup_key = a.notification_key
           JOIN flotilla.notification_channels c ON c.tenant_id = o.tenant_id AND c.id = o.channel_id
          WHERE a.tenant_id = $1 AND a.id = $2 ORDER BY o.id DESC LIMIT 50`,
        [actor.tenantId, id],
      );
      return { ...row, history, deliveries };
    });
  }

  async summary(actor: TenantRef): Promise<z.input<typeof AlertSummary>> {
    return this.db.read(actor, async (tx) => (await tx.row<z.input<typeof AlertSummary>>(SUMMARY, [actor.tenantId]))!);
  }
}

/** The values of WHERE, in its order. @throws AppError NOT_FOUND for an instance that is not there */
async function filterOf(tx: ReadTx, actor: TenantRef, query: Partial<AlertQuery>): Promise<unknown[]> {
  const instance = query.instance_id === undefined ? null : await resolveInstance(tx, actor, query.instance_id);
  return [
    actor.tenantId,
    ...[query.status, query.acknowledged, query.alert_type, query.severity].map((value) => value ?? null),
    ...[instance, query.rule_id ?? null, query.from ?? null, query.to ?? null],
  ];
}

const SUMMARY = `
  WITH counted AS MATERIALIZED (
    SELECT a.status, a.alert_type, a.severity, a.acknowledged_at IS NOT NULL AS acknowledged, count(*)::integer AS n
      FROM flotilla.alerts a WHERE a.tenant_id = $1 GROUP BY 1, 2, 3, 4)
  SELECT coalesce(sum(n), 0)::integer AS total,
         coalesce(sum(n) FILTER (WHERE status = 'active' AND NOT acknowledged), 0)::integer AS unacknowledged,
         jsonb_build_object('active', 0, 'resolved', 0, 'ignored', 0) || coalesce(
           (SELECT jsonb_object_agg(s.status, s.n) FROM (SELECT status, sum(n) AS n FROM counted GROUP BY 1) s), '{}') AS by_status,
         coalesce((SELECT jsonb_object_agg(s.alert_type, s.n)
                     FROM (SELECT alert_type, sum(n) AS n FROM counted GROUP BY 1) s), '{}') AS by_type,
         coalesce((SELECT jsonb_object_agg(s.alert_type, s.n)
                     FROM (SELECT alert_type, sum(n) AS n FROM counted WHERE status = 'active' GROUP BY 1) s), '{}') AS active_by_type,
         coalesce((SELECT jsonb_object_agg(s.severity, s.n)
                     FROM (SELECT severity, sum(n) AS n FROM counted WHERE status = 'active' GROUP BY 1) s), '{}') AS active_by_severity
    FROM counted`;
