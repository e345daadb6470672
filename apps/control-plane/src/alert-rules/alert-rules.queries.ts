import { Injectable } from '@nestjs/common';
import type { AlertRule, AlertRuleFiring, AlertRuleHistoryQuery, AlertRuleQuery } from '@flotilla/contracts';
import { decisionMetric, thresholdWarning } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, notFound, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';
import { RULE_COLUMNS } from './rule-row.js';
import type { RuleRow } from './rule-row.js';

type Rule = z.input<typeof AlertRule>;
type Shown = RuleRow & { readonly active_alerts: number; readonly last_fired_at: Date | null };
type Firing = z.input<typeof AlertRuleFiring> & Record<string, unknown>;

const SCOPE = 'alert-rules:id';
const HISTORY = 'alert-rule-history:-at,-id';
const WHERE = `r.tenant_id = $1 AND ($2::text IS NULL OR r.metric = $2) AND ($3::boolean IS NULL OR r.enabled = $3)
  AND ($4::text IS NULL OR r.severity = $4)`;
const COLUMNS = `${RULE_COLUMNS},
  (SELECT count(*)::integer FROM flotilla.alerts a
    WHERE a.tenant_id = r.tenant_id AND a.rule_id = r.id AND a.status = 'active') AS active_alerts,
  (SELECT max(a.last_fired_at) FROM flotilla.alerts a WHERE a.tenant_id = r.tenant_id AND a.rule_id = r.id) AS last_fired_at`;

/** What people see of alert rules. */
@Injectable()
export class AlertRulesQueries {
  constructor(private readonly db: Db) {}

  async list(actor: TenantRef, query: AlertRuleQuery): Promise<Page<Rule>> {
    const { offset, limit } = pageWindow(query);
    const [after] = query.cursor === undefined ? [null] : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.int()]));
    const filter = [actor.tenantId, query.metric ?? null, query.enabled ?? null, query.severity ?? null];
    return this.db.read(actor, async (tx) => {
      const counted = await tx.row<{ total: number }>(
        `SELECT count(*) AS total FROM flotilla.alert_rules r WHERE ${WHERE}`,
        filter,
      );
      const rows = await tx.rows<Shown>(
        `SELECT ${COLUMNS} FROM flotilla.alert_rules r WHERE ${WHERE} AND ($5::bigint IS NULL OR r.id > $5)
          ORDER BY r.id LIMIT $6 OFFSET $7`,
        [...filter, after, limit + 1, offset],
      );
      const page = pageOf(rows, query, counted!.total, (last) => encodeCursor(actor, SCOPE, [last.id]));
      return { ...page, items: page.items.map(shown) };
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(actor: TenantRef, id: number): Promise<Rule> {
    const row = await this.db.read(actor, (tx) =>
      tx.row<Shown>(`SELECT ${COLUMNS} FROM flotilla.alert_rules r WHERE r.tenant_id = $1 AND r.id = $2`, [
        actor.tenantId,
        id,
      ]),
    );
    if (!row) throw notFound('alert rule', id);
    return shown(row);
  }

  /** @throws AppError NOT_FOUND */
  async history(actor: TenantRef, id: number, query: AlertRuleHistoryQuery): Promise<Page<Firing>> {
    await this.get(actor, id);
    const { offset, limit } = pageWindow(query);
    const [at, line] =
      query.cursor === undefined
        ? [null, null]
        : decodeCursor(actor, HISTORY, query.cursor, z.tuple([z.string(), z.int()]));
    return this.db.read(actor, async (tx) => {
      const rows = await tx.rows<Firing & { place: string }>(FIRINGS, [
        ...[actor.tenantId, id, at, line],
        ...[limit + 1, offset],
      ]);
      const page = pageOf(rows, query, null, (last) => encodeCursor(actor, HISTORY, [last.place, last.id]));
      return { ...page, items: page.items.map(({ place: _, ...row }) => row as Firing) };
    });
  }
}

function shown(row: Shown): Rule {
  const metric = decisionMetric(row.metric);
  const warning = metric
    ? thresholdWarning(metric, row.operator, row.threshold)
    : `This version knows no metric ${row.metric}: the rule is not evaluated.`;
  return {
    ...row,
    unit: metric?.unit ?? 'unknown',
    warnings: warning === null ? [] : [warning],
  };
}

const FIRINGS = `
  SELECT h.id, h.at AS triggered_at, h.alert_id, h.kind = 'fired_again' AS again, a.subject_label AS subject,
         CASE WHEN i.id IS NOT NULL THEN jsonb_build_object('id', i.id, 'instance_id', i.provider_id, 'name', i.name) END AS instance,
         h.details AS evidence, a.status, a.ended_at, h.at::text AS place,
         coalesce((SELECT jsonb_agg(jsonb_build_object('kind', n.kind, 'channel_id', n.channel_id, 'channel_name', n.name,
                            'state', n.state, 'at', to_char(n.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY n.id)
                     FROM (SELECT o.id, o.kind, o.channel_id, c.name, o.state, coalesce(o.settled_at, o.created_at) AS at
                             FROM flotilla.notification_outbox o
                             JOIN flotilla.notification_channels c ON c.tenant_id = o.tenant_id AND c.id = o.channel_id
                            WHERE o.tenant_id = a.tenant_id AND o.dedup_key = a.notification_key
                            ORDER BY o.id DESC LIMIT 20) n), '[]') AS actions_taken
    FROM flotilla.alert_history h
    JOIN flotilla.alerts a ON a.tenant_id = h.tenant_id AND a.id = h.alert_id
    LEFT JOIN flotilla.instances i ON i.tenant_id = a.tenant_id AND i.id = a.instance_id
   WHERE h.tenant_id = $1 AND h.rule_id = $2 AND h.kind IN ('fired', 'fired_again')
     AND ($3::timestamptz IS NULL OR (h.at, h.id) < ($3::timestamptz, $4::bigint))
   ORDER BY h.at DESC, h.id DESC LIMIT $5 OFFSET $6`;
