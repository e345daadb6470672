import { Injectable } from '@nestjs/common';
import { BUDGET_STANDINGS } from '@flotilla/contracts';
import type {
  Budget,
  BudgetAlert,
  BudgetAlertQuery,
  BudgetDetail,
  BudgetListSummary,
  BudgetQuery,
  BudgetStatus,
} from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { AppError, decodeCursor, encodeCursor, notFound, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';
import { ALERT_COLUMNS, alertOf } from './budgets.alerts.js';
import type { AlertRow } from './budgets.alerts.js';
import { BUDGET_COLUMNS, isSimulated, reckon, shownValue, standingOf } from './budgets.figures.js';
import type { BudgetRow, Reckoned } from './budgets.figures.js';

const SCOPE = 'budgets:id';
const ALERTS = 'budget-alerts:-fired_at';
/** Stands for "all cost of the month" where nobody made that budget. */
const NOBODYS = 0;

@Injectable()
export class BudgetsQueries {
  constructor(private readonly db: Db) {}

  /**
   * All budgets are reckoned, whatever page is asked for: how they stand decides which are listed, in what order, and is
   * counted. A thousand cost one pass over the charges.
   *
   * @throws AppError VALIDATION_ERROR
   */
  async list(
    actor: TenantRef,
    query: BudgetQuery,
  ): Promise<Page<z.input<typeof Budget>> & { summary: z.input<typeof BudgetListSummary> }> {
    const { offset, limit } = pageWindow(query);
    const isByStanding = query.sort === 'standing';
    if (isByStanding && query.cursor !== undefined) {
      const expected = 'page: how budgets stand changes between pages';
      throw new AppError('VALIDATION_ERROR', `cursor does not fit with sort=standing: expected ${expected}.`, {
        field: 'cursor',
        expected,
      });
    }
    const [after] = query.cursor === undefined ? [0] : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.int()]));
    return this.db.read(actor, async (tx) => {
      const rows = await tx.rows<BudgetRow>(
        `SELECT ${BUDGET_COLUMNS} FROM flotilla.budgets b
          WHERE b.tenant_id = $1 AND ($2::text IS NULL OR b.scope = $2) ORDER BY b.id`,
        [actor.tenantId, query.scope ?? null],
      );
      const reckoned = await reckon(tx, actor, rows, new Date(), false);
      const simulated = await isSimulated(tx, actor);
      const all = rows.map((row) => budgetOf(row, reckoned.get(row.id), simulated));
      const summary = { over: 0, likely: 0, maybe: 0, unknown: 0, fine: 0, waiting: 0, off: 0 };
      for (const { standing } of all) summary[standing] += 1;
      const wanted = all.filter(({ standing }) => query.standing?.includes(standing) ?? true);
      if (isByStanding) wanted.sort((a, b) => rankOf(a) - rankOf(b) || a.id - b.id);
      const from = wanted.filter(({ id }) => id > after).slice(offset, offset + limit + 1);
      const page = pageOf(from, query, wanted.length, (last) => encodeCursor(actor, SCOPE, [last.id]));
      return { ...page, ...(isByStanding && { nextCursor: null }), summary };
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(actor: TenantRef, id: number): Promise<z.input<typeof BudgetDetail>> {
    return this.db.read(actor, async (tx) => {
      const row = await tx.row<BudgetRow>(
        `SELECT ${BUDGET_COLUMNS} FROM flotilla.budgets b WHERE b.tenant_id = $1 AND b.id = $2`,
        [actor.tenantId, id],
      );
      if (!row) throw notFound('budget', String(id));
      const reckoned = (await reckon(tx, actor, [row], new Date(), true)).get(id);
      return {
        ...budgetOf(row, reckoned, await isSimulated(tx, actor)),
        coverage: reckoned?.coverage ?? null,
        past_periods: [...(reckoned?.past ?? [])],
      };
    });
  }

  async alerts(actor: TenantRef, query: BudgetAlertQuery): Promise<Page<z.input<typeof BudgetAlert>>> {
    const { offset, limit } = pageWindow(query);
    const [at, id] =
      query.cursor === undefined
        ? [null, null]
        : decodeCursor(actor, ALERTS, query.cursor, z.tuple([z.string(), z.int()]));
    return this.db.read(actor, async (tx) => {
      const rows = await tx.rows<AlertRow & { place: string }>(
        `SELECT ${ALERT_COLUMNS}, a.fired_at::text AS place FROM flotilla.budget_alerts a
          WHERE a.tenant_id = $1 AND ($2::bigint IS NULL OR a.budget_id = $2)
            AND ($3::timestamptz IS NULL OR (a.fired_at, a.id) < ($3::timestamptz, $4::bigint))
          ORDER BY a.fired_at DESC, a.id DESC LIMIT $5 OFFSET $6`,
        [actor.tenantId, query.budget_id ?? null, at, id, limit + 1, offset],
      );
      const page = pageOf(rows, query, null, (last) => encodeCursor(actor, ALERTS, [last.place, last.id]));
      return { ...page, items: page.items.map(({ place: _, ...row }) => alertOf(row)) };
    });
  }

  /** The month's budget over all cost: the first that somebody made, or none, with the projection all the same. */
  async status(actor: TenantRef): Promise<z.input<typeof BudgetStatus>> {
    return this.db.read(actor, async (tx) => {
      const rows = await tx.rows<BudgetRow>(
        `SELECT ${BUDGET_COLUMNS} FROM flotilla.budgets b WHERE b.tenant_id = $1 AND b.enabled ORDER BY b.id LIMIT 1000`,
        [actor.tenantId],
      );
      const tenant = await tx.row<{ currency: string }>(
        'SELECT t.currency FROM flotilla.tenants t WHERE t.tenant_id = $1',
        [actor.tenantId],
      );
      const now = new Date();
      const months = rows.filter((row) => row.scope === 'all' && row.period === 'month');
      const found = await reckon(tx, actor, months.slice(0, 1), now, true);
      const whole = found.size > 0 ? months[0] : undefined;
      const alone = { ...NOBODYS_BUDGET, currency: tenant!.currency };
      const main = whole ? found.get(whole.id)! : (await reckon(tx, actor, [alone], now, true)).get(NOBODYS)!;
      const others = rows.filter((row) => row.id !== whole?.id);
      const reckoned = await reckon(tx, actor, others, now, false);
      const nobodys = { utilization_percent: null, burn_rate: null, burn_rate_day: null, projected_overage: null };
      return {
        budget_id: whole?.id ?? null,
        budget_name: whole?.name ?? null,
        budget_amount: whole?.amount ?? null,
        currency: whole?.currency ?? tenant!.currency,
        ...main.figures,
        ...(!whole && { ...nobodys, overrun_probability: null }),
        coverage: main.coverage!,
        budgets: others.flatMap((row) => {
          const figures = reckoned.get(row.id)?.figures;
          if (!figures) return [];
          const { current_spend, utilization_percent, projected_spend, projected_overage, overrun_probability } =
            figures;
          const { id, name, scope, amount, currency } = row;
          const numbers = {
            current_spend,
            utilization_percent,
            projected_spend,
            projected_overage,
            overrun_probability,
          };
          return [{ id, name, scope, scope_value: shownValue(row), amount, currency, ...numbers }];
        }),
        simulated: await isSimulated(tx, actor),
      };
    });
  }
}

const rankOf = ({ standing }: z.input<typeof Budget>) => BUDGET_STANDINGS.indexOf(standing);

const NOBODYS_BUDGET = {
  id: NOBODYS,
  scope: 'all',
  scope_key: null,
  scope_value: null,
  amount: '0',
  cost_type: 'billed',
  period: 'month',
  anchor: 'calendar',
  starts_on: null,
  ends_on: null,
} as const;

function budgetOf(row: BudgetRow, reckoned: Reckoned | undefined, simulated: boolean): z.input<typeof Budget> {
  const { scope_key: _, ...shown } = row;
  return {
    ...shown,
    scope_value: shownValue(row),
    current: reckoned?.figures ?? null,
    standing: standingOf(row, reckoned?.figures),
    simulated,
  };
}
