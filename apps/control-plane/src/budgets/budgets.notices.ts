import type { BudgetAlert } from '@flotilla/contracts';
import type { WriteTx } from '@flotilla/persistence';
import type { z } from 'zod';
import type { AlertDesk, AlertKey, RaisedAlert } from '../alerts/index.js';

type Fired = z.input<typeof BudgetAlert>;

/** A threshold that is reached in the period of its budget. */
export interface Reached {
  readonly budget_id: number;
  readonly basis: string;
  readonly percent: number | string;
}

const typeOf = ({ basis, percent }: Pick<Reached, 'basis' | 'percent'>) =>
  basis === 'actual' && Number(percent) >= 100 ? 'budget_exceeded' : 'budget_threshold';

/** One alert per budget and threshold. */
const keyOf = (at: Reached): AlertKey => ({
  alertType: typeOf(at),
  ruleId: null,
  builtIn: null,
  key: `${at.basis}-${Number(at.percent)}`,
  subject: { type: 'budget', id: String(at.budget_id) },
});

/**
 * Makes alerts of thresholds that were reached anew, and ends those that are not reached any more: a new period began, the
 * amount was raised, or the budget is gone.
 */
export async function tellOfBudgets(
  tx: WriteTx,
  desk: AlertDesk,
  tenantId: string,
  fired: readonly Fired[],
  reached: readonly Reached[],
  now: Date,
): Promise<void> {
  const tenant = await tx.row<{ simulated: boolean }>(
    'SELECT t.simulated FROM flotilla.tenants t WHERE t.tenant_id = $1',
    [tenantId],
  );
  const simulated = tenant?.simulated ?? false;
  const alerts = fired.flatMap((one): RaisedAlert[] => {
    if (one.budget_id === null) return [];
    const at = { budget_id: one.budget_id, basis: one.basis, percent: Number(one.percent) };
    return [
      {
        ...keyOf(at),
        tenantId,
        source: 'budget',
        at: now,
        channelIds: null,
        simulated,
        subject: { type: 'budget', id: String(one.budget_id), label: one.budget_name, instanceId: null },
        severity: typeOf(at) === 'budget_exceeded' ? 'high' : 'medium',
        title: `Budget ${one.budget_name}: ${at.percent} % ${BASIS_WORDS[one.basis]}`,
        message: one.message,
        evidence: {
          basis: one.basis,
          percent: at.percent,
          amount: one.amount,
          actual: one.actual,
          currency: one.currency,
          period_start: one.period_start,
          period_end: one.period_end,
          budget_alert_id: one.id,
        },
      },
    ];
  });
  if (alerts.length > 0) await desk.raiseAll(tx, tenantId, alerts);
  const standing = new Set(reached.map((at) => `${at.budget_id} ${keyOf(at).key}`));
  const open = await tx.rows<{ budget_id: string; basis: string; percent: number }>(
    `SELECT a.subject_id AS budget_id, a.evidence ->> 'basis' AS basis, (a.evidence ->> 'percent')::float8 AS percent
       FROM flotilla.alerts a WHERE a.tenant_id = $1 AND a.source = 'budget' AND a.ended_at IS NULL`,
    [tenantId],
  );
  const over = open
    .map((row) => ({ ...row, budget_id: Number(row.budget_id) }))
    .filter((row) => !standing.has(`${row.budget_id} ${keyOf(row).key}`));
  if (over.length > 0) {
    const keys = over.map((row) => ({ ...keyOf(row), at: now }));
    await desk.resolve(tx, tenantId, keys);
  }
}

const BASIS_WORDS: Readonly<Record<Fired['basis'], string>> = {
  actual: 'spent',
  forecast_p50: 'expected',
  forecast_p80: 'likely at worst',
  burn_rate: 'of its pace',
};
