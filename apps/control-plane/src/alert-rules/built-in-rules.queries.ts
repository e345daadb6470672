import { Injectable } from '@nestjs/common';
import type { BuiltInRule } from '@flotilla/contracts';
import { BUILT_IN_RULES, builtInRule } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';
import { notFound } from '../platform/index.js';
import type { Page } from '../platform/index.js';
import type { EscalationRow } from './rule-row.js';

type Shown = z.input<typeof BuiltInRule>;

interface Row extends Record<string, unknown> {
  readonly key: string;
  readonly enabled: boolean | null;
  readonly severity: Shown['severity'];
  readonly notification_channel_ids: number[] | null;
  readonly escalation: EscalationRow[] | null;
  readonly active_alerts: number;
}

/** The rules that nobody has to write, as the tenant has them. */
@Injectable()
export class BuiltInRulesQueries {
  constructor(private readonly db: Db) {}

  async list(actor: TenantRef): Promise<Page<Shown>> {
    const rows = await this.db.read(actor, (tx) =>
      tx.rows<Row>(ROWS, [actor.tenantId, BUILT_IN_RULES.map(({ key }) => key)]),
    );
    const items = rows.map((row): Shown => {
      const rule = builtInRule(row.key)!;
      return {
        ...row,
        description: rule.meaning,
        enabled: row.enabled ?? true,
        default_severity: rule.severity,
        escalation: row.escalation ?? [],
      };
    });
    return { items, total: items.length, page: 1, limit: items.length, nextCursor: null, hasMore: false };
  }

  /** @throws AppError NOT_FOUND */
  async get(actor: TenantRef, key: string): Promise<Shown> {
    const found = (await this.list(actor)).items.find((rule) => rule.key === key);
    if (!found) throw notFound('built-in rule', key);
    return found;
  }
}

const ROWS = `
  SELECT k.key, b.enabled, b.severity, to_jsonb(b.notification_channel_ids) AS notification_channel_ids, b.escalation,
         (SELECT count(*)::integer FROM flotilla.alerts a
           WHERE a.tenant_id = $1 AND a.built_in = k.key AND a.status = 'active') AS active_alerts
    FROM unnest($2::text[]) WITH ORDINALITY AS k (key, place)
    LEFT JOIN flotilla.built_in_rules b ON b.tenant_id = $1 AND b.key = k.key
   ORDER BY k.place`;
