import { Injectable } from '@nestjs/common';
import { Db, systemActor } from '@flotilla/persistence';
import { UsageLedger } from '../ai-spend/index.js';
import { CostLedger, Metering } from '../costs/index.js';
import { Log } from '../platform/index.js';
import { demoCharges } from './demo-charges.js';
import { writePastSpans } from './demo-spans.js';
import { demoUsage } from './demo-usage.js';
import type { DemoFleet } from './demo.types.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Usage of these last days is told by the hour; older ones by six. */
const FINE_DAYS = 10;
const USAGE_AT_ONCE = 4_000;

/** Money of the simulated fleet: what it cost, what its applications used of models, what it may cost. */
@Injectable()
export class DemoMoney {
  private readonly log: Log;

  constructor(
    private readonly db: Db,
    private readonly costs: CostLedger,
    private readonly metering: Metering,
    private readonly usage: UsageLedger,
    log: Log,
  ) {
    this.log = log.child('demo');
  }

  /** Writes what is missing of the last `days` days up to now. Safe to call at any time: nothing is written twice. */
  async write(fleet: DemoFleet, days: number, nowMs: number): Promise<void> {
    const began = performance.now();
    const { tenantId } = fleet;
    const actor = systemActor(tenantId, 'demo');
    const today = Math.floor(nowMs / DAY_MS);
    const known = await this.db.read(actor, (tx) =>
      tx.row<{ day: number | null; hour: Date | null }>(KNOWN, [tenantId]),
    );
    const isFirst = known!.day === null;
    await this.db.write(actor, async (tx) => {
      if (isFirst) await tx.record('demo.money_written', null, { days, simulated: true });
      else tx.withoutAudit('the simulated costs of the days since');
      if (isFirst) await writePastSpans(tx, fleet, (today - days) * (DAY_MS / 1000), Math.floor(nowMs / 1000));
      await this.costs.store(tx, { tenantId }, demoCharges(Math.max(known!.day ?? 0, today - days), today + 1));
    });
    if (isFirst) await this.metering.meter(tenantId);
    const nowHour = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
    const from = Math.max((known!.hour?.getTime() ?? 0) + HOUR_MS, (today - days) * DAY_MS);
    const records = demoUsage(fleet, from, nowHour, nowHour - FINE_DAYS * DAY_MS);
    for (let at = 0; at < records.length; at += USAGE_AT_ONCE) {
      await this.usage.store(actor, records.slice(at, at + USAGE_AT_ONCE), true);
    }
    if (!isFirst) return;
    await this.db.write(actor, async (tx) => {
      await tx.rows(WORKLOADS, [tenantId]);
      await tx.rows(BUDGETS, [tenantId]);
      await tx.record('demo.budgets_made', null, { simulated: true });
    });
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    this.log.info({ days, usage: records.length, seconds }, 'the simulated costs and AI usage are there');
  }

  /** Takes the simulated money back: charges, usage, budgets and the states before the machines were enlisted. */
  async remove(tenantId: string): Promise<void> {
    await this.db.write(systemActor(tenantId, 'demo'), async (tx) => {
      await tx.rows(`DELETE FROM flotilla.budgets b WHERE b.tenant_id = $1 AND b.created_by = 'demo'`, [tenantId]);
      await tx.rows(`DELETE FROM flotilla.costs c WHERE c.tenant_id = $1 AND c.simulated`, [tenantId]);
      await tx.record('demo.money_removed', null, { simulated: true });
    });
    await this.db.system(async (tx) => {
      const mine = 'SELECT d.id FROM flotilla.ai_dimensions d WHERE d.tenant_id = $1 AND d.simulated';
      for (const table of ['ai_usage', 'ai_usage_hours']) {
        await tx.rows(`DELETE FROM flotilla.${table} u WHERE u.tenant_id = $1 AND u.dimension_id IN (${mine})`, [
          tenantId,
        ]);
      }
      await tx.rows(`DELETE FROM flotilla.ai_workloads w WHERE w.tenant_id = $1 AND w.description = $2`, [
        tenantId,
        MADE_UP,
      ]);
      await tx.rows(
        `DELETE FROM flotilla.instance_spans s USING flotilla.instances i WHERE s.tenant_id = $1 AND i.tenant_id = $1
            AND i.id = s.instance_id AND i.simulated AND s.until < i.first_seen_at + interval '1 second'`,
        [tenantId],
      );
    });
  }
}

const MADE_UP = 'Simulated';

const KNOWN = `
  SELECT (SELECT max(c.charge_day) - '1970-01-01'::date FROM flotilla.costs c WHERE c.tenant_id = $1 AND c.source = 'demo') AS day,
         (SELECT max(h.hour) FROM flotilla.ai_usage_hours h JOIN flotilla.ai_dimensions d ON d.tenant_id = h.tenant_id AND d.id = h.dimension_id
           WHERE h.tenant_id = $1 AND d.simulated AND d.model = 'atlas-70b-chat') AS hour`;

const WORKLOADS = `
  INSERT INTO flotilla.ai_workloads (tenant_id, name, external_id, description, owner, team_id, project_id, cost_center, business_unit, monthly_budget, currency)
  SELECT $1, w.* , t.currency FROM flotilla.tenants t, (VALUES
    ('Chat', 'chat-frontend', '${MADE_UP}', 'assistants', 'assistants', 'chat-serving', 'cc-1001', 'products', 9000),
    ('Summaries, fallback', 'summaries-fallback', '${MADE_UP}', 'assistants', 'assistants', 'summaries-api', 'cc-1001', 'products', 2500),
    ('Ticket triage', 'ticket-triage', '${MADE_UP}', 'growth', 'growth', 'experiments', 'cc-2004', 'operations', 400),
    ('Catalog embeddings', 'catalog-embeddings', '${MADE_UP}', 'search', 'search', 'embeddings-online', 'cc-1007', 'products', NULL)
  ) w (name, external_id, description, owner, team_id, project_id, cost_center, business_unit, budget)
  WHERE t.tenant_id = $1 ON CONFLICT DO NOTHING`;

/** Amounts by what the last 30 days cost, so that some are near their limit and others are not, whatever day it is. */
const BUDGETS = `
  WITH spent AS (
    SELECT sum(c.billed_cost) AS whole, sum(c.billed_cost) FILTER (WHERE c.tags ->> 'team' = 'assistants') AS assistants,
           sum(c.billed_cost) FILTER (WHERE c.tags ->> 'environment' = 'development') AS development,
           sum(c.billed_cost) FILTER (WHERE c.provider = 'gcp') AS gcp
      FROM flotilla.costs c WHERE c.tenant_id = $1 AND c.superseded_by IS NULL AND c.charge_day >= current_date - 30 AND c.charge_day < current_date
  ), used AS (
    SELECT sum(h.cost) FILTER (WHERE d.provider = 'openai' AND d.model LIKE 'gpt-4o%') AS model,
           sum(h.cost) FILTER (WHERE d.provider = 'anthropic') AS anthropic
      FROM flotilla.ai_usage_hours h JOIN flotilla.ai_dimensions d ON d.tenant_id = h.tenant_id AND d.id = h.dimension_id
     WHERE h.tenant_id = $1 AND h.hour >= current_date - 30 AND h.hour < current_date
  )
  INSERT INTO flotilla.budgets (tenant_id, name, scope, scope_key, scope_value, amount, currency, period, starts_on, ends_on, thresholds, created_by)
  SELECT $1, b.name, b.scope, b.key, b.value, greatest(round(b.amount, -1), 10), t.currency, b.period, b.starts_on, b.ends_on,
         '[{"basis":"actual","percent":80},{"basis":"actual","percent":100},{"basis":"forecast_p50","percent":100},{"basis":"burn_rate","percent":200}]', 'demo'
    FROM flotilla.tenants t, spent s, used u, LATERAL (VALUES
      ('All cost (simulated)', 'all', NULL, NULL, s.whole * 1.04, 'month', NULL::date, NULL::date),
      ('Assistants (simulated)', 'team', 'team', 'assistants', s.assistants * 0.97, 'month', NULL, NULL),
      ('Development (simulated)', 'tag', 'environment', 'development', s.development * 1.6, 'month', NULL, NULL),
      ('Google Cloud, pilot (simulated)', 'provider', NULL, 'gcp', s.gcp * 1.06, 'custom', current_date - 30, current_date + 4),
      ('GPT-4o (simulated)', 'model', NULL, 'openai/gpt-4o*', u.model * 1.1, 'month', NULL, NULL),
      ('Anthropic (simulated)', 'provider', NULL, 'anthropic', u.anthropic * 0.9, 'month', NULL, NULL)
    ) b (name, scope, key, value, amount, period, starts_on, ends_on)
   WHERE t.tenant_id = $1 AND b.amount IS NOT NULL ON CONFLICT DO NOTHING`;
