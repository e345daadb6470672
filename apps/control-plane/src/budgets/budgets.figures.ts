import {
  budgetPeriodAt,
  burnRates,
  compareDecimals,
  coverageOf,
  dayNumber,
  dayText,
  earlierPeriods,
  projectPeriod,
  seededRandom,
} from '@flotilla/domain';
import type { BudgetPeriod, BudgetPeriodKind, BudgetThreshold, Interval } from '@flotilla/domain';
import type { Budget, BudgetPastPeriod, BudgetStanding, Coverage } from '@flotilla/contracts';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';
import { completionOf, spendOf } from './budgets.spend.js';

/** Draws of the bootstrap, in an answer and in a check of many. */
const DRAWS = 400;
const COVERAGE_DRAWS = 200;
const COVERAGE_PERIODS = 12;
/** History that a forecast and the one that coverage looks at, in days. */
const HISTORY_DAYS = 120;
const COVERAGE_DAYS = 460;

export interface BudgetRow {
  readonly id: number;
  readonly name: string;
  readonly scope: z.input<typeof Budget>['scope'];
  readonly scope_key: string | null;
  readonly scope_value: string | null;
  readonly amount: string;
  readonly currency: string;
  readonly cost_type: 'billed' | 'effective';
  readonly period: BudgetPeriodKind;
  readonly anchor: 'calendar' | 'start';
  readonly starts_on: string | null;
  readonly ends_on: string | null;
  readonly thresholds: BudgetThreshold[];
  readonly enabled: boolean;
  readonly created_by: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export const BUDGET_COLUMNS = `b.id, b.name, b.scope, b.scope_key, b.scope_value, trim_scale(b.amount)::text AS amount, b.currency, b.cost_type,
  b.period, b.anchor, b.starts_on::text AS starts_on, b.ends_on::text AS ends_on, b.thresholds, b.enabled, b.created_by,
  b.created_at, b.updated_at`;

export type Figures = NonNullable<z.input<typeof Budget>['current']>;

export interface Reckoned {
  readonly figures: Figures;
  readonly p50: number | null;
  readonly p80: number | null;
  readonly coverage: z.input<typeof Coverage> | null;
  readonly past: readonly z.input<typeof BudgetPastPeriod>[];
}

type Reckonable = Pick<
  BudgetRow,
  | 'id'
  | 'scope'
  | 'scope_key'
  | 'scope_value'
  | 'amount'
  | 'currency'
  | 'cost_type'
  | 'period'
  | 'anchor'
  | 'starts_on'
  | 'ends_on'
>;

/** What each budget has cost and will cost, at `now`. Budgets that do not hold at `now` are not in it. */
export async function reckon(
  tx: ReadTx,
  actor: TenantRef,
  budgets: readonly Reckonable[],
  now: Date,
  withCoverage: boolean,
): Promise<ReadonlyMap<number, Reckoned>> {
  const { timezone } = (await tx.row<{ timezone: string }>(
    'SELECT t.timezone FROM flotilla.tenants t WHERE t.tenant_id = $1',
    [actor.tenantId],
  ))!;
  const today = now.toISOString().slice(0, 10);
  const holding = budgets.flatMap((budget) => {
    const period = budgetPeriodAt(ruleOf(budget), now, timezone);
    return period ? [{ budget, period }] : [];
  });
  const history = dayText(dayNumber(today) - (withCoverage ? COVERAGE_DAYS : HISTORY_DAYS));
  const first = holding.reduce(
    (least, { period }) => (period.firstCostDay < least ? period.firstCostDay : least),
    history,
  );
  const wanted = holding.map(({ budget, period }) => ({
    ...budget,
    first: period.firstCostDay,
    last: period.lastCostDay,
  }));
  const spend = await spendOf(tx, actor.tenantId, wanted, first, dayText(dayNumber(today) + 1));
  const completion = await completionOf(tx, actor.tenantId, today);
  return new Map(
    holding.map(({ budget, period }) => {
      const { actual, byUsage, unconverted, unpriced, series } = spend(budget.id);
      const amount = Number(budget.amount);
      const days = { firstCostDay: period.firstCostDay, lastCostDay: period.lastCostDay, today };
      const projection = projectPeriod({
        ...days,
        actual,
        series,
        completion,
        amount,
        draws: DRAWS,
        random: seededRandom(budget.id * 40_503 + dayNumber(today)),
      });
      const burn = burnRates(series, days, amount);
      const elapsed = elapsedDays(period, today);
      const figures: Figures = {
        period_start: period.firstDay,
        period_end: period.lastDay,
        first_cost_day: period.firstCostDay,
        last_cost_day: period.lastCostDay,
        elapsed_days: elapsed,
        remaining_days: projection.remainingDays,
        current_spend: actual,
        ai_usage_spend: byUsage,
        unconverted_records: unconverted,
        unpriced_records: unpriced,
        utilization_percent: amount === 0 ? null : round((Number(actual) / amount) * 100, 2),
        burn_rate: rounded(burn.week, 4),
        burn_rate_day: rounded(burn.day, 4),
        daily_burn: elapsed === 0 ? null : round(Number(actual) / elapsed, 6),
        forecast_method: projection.method,
        history_days: projection.historyDays,
        late_data: round(projection.lateData, 6),
        projected_spend: rounded(projection.projected, 6),
        projected_spend_p80: rounded(projection.p80, 6),
        interval_80: interval(projection.interval80),
        interval_95: interval(projection.interval95),
        projected_overage: projection.projected === null ? null : round(Math.max(0, projection.projected - amount), 6),
        overrun_probability: projection.overrun,
      };
      const coverage = withCoverage
        ? coverageOf(series, earlierPeriods(ruleOf(budget), period, COVERAGE_PERIODS, timezone), elapsed, {
            draws: COVERAGE_DRAWS,
            random: seededRandom(budget.id * 40_503),
          })
        : null;
      return [
        budget.id,
        {
          figures,
          p50: projection.p50,
          p80: projection.p80,
          coverage: coverage && {
            periods: coverage.periods,
            within_80: rounded(coverage.within80, 4),
            within_95: rounded(coverage.within95, 4),
            median_error: rounded(coverage.medianError, 4),
          },
          past: (coverage?.past ?? []).map(({ firstDay, lastDay, actual, whole, projected, interval80 }) => ({
            period_start: firstDay,
            period_end: lastDay,
            whole,
            actual: round(actual, 6),
            projected: rounded(projected, 6),
            interval_80: interval(interval80),
          })),
        },
      ];
    }),
  );
}

/** How a budget stands; the words are the contract's. */
export function standingOf(
  { amount, enabled }: Pick<BudgetRow, 'amount' | 'enabled'>,
  figures: Pick<Figures, 'current_spend' | 'overrun_probability'> | undefined,
): BudgetStanding {
  if (!enabled) return 'off';
  if (!figures) return 'waiting';
  if (compareDecimals(String(figures.current_spend), amount) > 0) return 'over';
  const risk = figures.overrun_probability;
  if (risk === null) return 'unknown';
  return risk >= 0.5 ? 'likely' : risk >= 0.1 ? 'maybe' : 'fine';
}

/** A tag's scope is spoken `key=value`. */
export const shownValue = (row: Pick<BudgetRow, 'scope' | 'scope_key' | 'scope_value'>) =>
  row.scope === 'tag' ? `${row.scope_key}=${row.scope_value}` : row.scope_value;

/**
 * An amount in a sentence: in cents from one on, where it has more digits, and in threes. The exact one stands in the figures.
 */
const spoken = (amount: unknown): string => {
  const value = Number(amount);
  const text = Math.abs(value) < 1 || Math.abs(value) > 1e12 ? String(amount) : String(Number(value.toFixed(2)));
  const [whole = '', rest] = text.split('.');
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (rest === undefined ? '' : `.${rest.padEnd(2, '0')}`);
};

/** What a sentence says when a threshold is reached. */
export function alertMessage(alert: {
  readonly budget_name: string;
  readonly basis: string;
  readonly percent: string | number;
  readonly amount: string;
  readonly currency: string;
  readonly actual: string;
  readonly figures: Readonly<Record<string, unknown>>;
}): string {
  const { budget_name: name, basis, amount, currency, figures } = alert;
  const actual = spoken(alert.actual);
  const reached = `the threshold of ${Number(alert.percent)} % is reached`;
  const limit = `${spoken(amount)} ${currency}`;
  if (compareDecimals(amount, '0') === 0) return `${name}: ${actual} ${currency} of a budget of zero, ${reached}.`;
  // not rounded up, because 79.96 % is not 80 %; 0.58 of 1 is no less than 58 %, whatever binary fractions say
  const share = (value: unknown) => `${Math.floor((100 * Number(value)) / Number(amount) + 1e-9)} %`;
  if (basis === 'actual') return `${name}: ${actual} of ${limit} are spent, ${share(alert.actual)}: ${reached}.`;
  if (basis === 'burn_rate') {
    return `${name}: the last week cost ${String(figures.burn_rate)} times, yesterday ${String(figures.burn_rate_day)} times the pace at which ${limit} last: ${reached}.`;
  }
  const value = basis === 'forecast_p80' ? figures.projected_spend_p80 : figures.projected_spend;
  const most = basis === 'forecast_p80' ? 'with 80 % probability at most ' : '';
  return `${name}: ${most}${spoken(value)} of ${limit} are expected by the end of the period, ${share(value)}: ${reached}.`;
}

/** Whether charges or usage of a tenant are made up. */
export async function isSimulated(tx: ReadTx, { tenantId }: TenantRef): Promise<boolean> {
  const row = await tx.row<{ simulated: boolean }>(
    `SELECT t.simulated OR EXISTS (SELECT FROM flotilla.costs c WHERE c.tenant_id = t.tenant_id AND c.simulated)
              OR EXISTS (SELECT FROM flotilla.ai_dimensions d WHERE d.tenant_id = t.tenant_id AND d.simulated) AS simulated
       FROM flotilla.tenants t WHERE t.tenant_id = $1`,
    [tenantId],
  );
  return row!.simulated;
}

const ruleOf = (budget: Reckonable) => ({
  kind: budget.period,
  startsOn: budget.starts_on,
  endsOn: budget.ends_on,
  anchor: budget.anchor,
});

function elapsedDays(period: BudgetPeriod, today: string): number {
  const first = dayNumber(period.firstCostDay);
  return Math.max(0, Math.min(dayNumber(today), dayNumber(period.lastCostDay) + 1) - first);
}

const round = (value: number, digits: number) => Number(value.toFixed(digits));
const rounded = (value: number | null, digits: number) => (value === null ? null : round(value, digits));
const interval = (of: Interval | null) => of && { low: round(of.low, 6), high: round(of.high, 6) };
