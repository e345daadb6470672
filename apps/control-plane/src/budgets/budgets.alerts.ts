import { reachedThresholds } from '@flotilla/domain';
import type { BudgetAlert } from '@flotilla/contracts';
import type { WriteTx } from '@flotilla/persistence';
import type { z } from 'zod';
import { alertMessage, BUDGET_COLUMNS, reckon } from './budgets.figures.js';
import type { BudgetRow } from './budgets.figures.js';
import { tellOfBudgets } from './budgets.notices.js';
import { keepSightings } from './budgets.spend.js';
import type { AlertDesk } from '../alerts/index.js';

type Alert = z.input<typeof BudgetAlert>;
interface AlertRow {
  readonly id: number;
  readonly budget_id: number | null;
  readonly budget_name: string;
  readonly period_start: string;
  readonly period_end: string;
  readonly basis: Alert['basis'];
  readonly percent: string;
  readonly fired_at: Date;
  readonly amount: string;
  readonly currency: string;
  readonly actual: string;
  readonly figures: Record<string, unknown>;
}

/**
 * NOTIFY channel: a threshold of a budget was reached. The payload is `{tenant_id, alert_id}`. The event for the stream and for
 * webhooks is written by the table's trigger.
 */
export const BUDGET_ALERTS_CHANNEL = 'flotilla_budget_alerts';

export const ALERT_COLUMNS = `a.id, a.budget_id, a.budget_name, a.period_start::text AS period_start, a.period_end::text AS period_end,
  a.basis, a.percent::text AS percent, a.fired_at, trim_scale(a.amount)::text AS amount, a.currency, trim_scale(a.actual)::text AS actual, a.figures`;

export const alertOf = (row: AlertRow): Alert => ({ ...row, message: alertMessage(row) });
export type { AlertRow };

/**
 * Looks at every enabled budget of a tenant and fires what is reached and has not fired in its period. Safe to call from
 * several replicas at once: the row's unique key decides who fires.
 *
 * @returns how many were looked at, and what fired now
 */
export async function checkBudgets(
  tx: WriteTx,
  desk: AlertDesk,
  tenantId: string,
  now: Date,
): Promise<{ checked: number; fired: Alert[] }> {
  await keepSightings(tx, tenantId, now.toISOString().slice(0, 10));
  const budgets = await tx.rows<BudgetRow>(
    `SELECT ${BUDGET_COLUMNS} FROM flotilla.budgets b WHERE b.tenant_id = $1 AND b.enabled ORDER BY b.id`,
    [tenantId],
  );
  const reckoned = await reckon(tx, { tenantId }, budgets, now, false);
  const reached = budgets.flatMap((budget) => {
    const at = reckoned.get(budget.id);
    if (!at) return [];
    const { figures } = at;
    const burn = { day: figures.burn_rate_day, week: figures.burn_rate };
    return reachedThresholds(budget.thresholds, budget.amount, String(figures.current_spend), at, burn).map(
      ({ basis, percent }) => ({
        budget_id: budget.id,
        budget_name: budget.name,
        period_start: figures.period_start,
        period_end: figures.period_end,
        basis,
        percent,
        amount: budget.amount,
        currency: budget.currency,
        actual: String(figures.current_spend),
        figures,
      }),
    );
  });
  const rows = await tx.rows<AlertRow>(FIRE, [tenantId, JSON.stringify(reached)]);
  const fired = rows.map(alertOf);
  for (const alert of fired) {
    const { id, budget_id, basis, percent, actual, amount, currency, message } = alert;
    const details = { alert_id: id, basis, percent: Number(percent), actual, amount, currency, message };
    await tx.record('budget.alert', { type: 'budget', id: budget_id! }, details);
    await tx.notify(BUDGET_ALERTS_CHANNEL, JSON.stringify({ tenant_id: tenantId, alert_id: id }));
  }
  await tellOfBudgets(tx, desk, tenantId, fired, reached, now);
  if (fired.length === 0) tx.withoutAudit('no threshold was reached anew');
  return { checked: budgets.length, fired };
}

const FIRE = `
  INSERT INTO flotilla.budget_alerts AS a
    (tenant_id, budget_id, budget_name, period_start, period_end, basis, percent, amount, currency, actual, figures)
  SELECT $1, r.* FROM jsonb_to_recordset($2::jsonb)
    AS r(budget_id bigint, budget_name text, period_start date, period_end date, basis text, percent numeric, amount numeric,
         currency char(3), actual numeric, figures jsonb)
  ON CONFLICT (tenant_id, budget_id, period_start, basis, percent) DO NOTHING
  RETURNING ${ALERT_COLUMNS}`;
