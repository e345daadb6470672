import { Injectable } from '@nestjs/common';
import type { CostForecast, CostForecastQuery } from '@flotilla/contracts';
import { budgetPeriodAt, dayNumber, dayText, projectPeriod, seededRandom, sumDecimals } from '@flotilla/domain';
import type { Interval, Projection, SpendSeries } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';
import { costFilter, worthOf } from '../costs/index.js';
import { completionOf } from './budgets.spend.js';

type Forecast = z.input<typeof CostForecast>;
type Day = Forecast['days'][number];

/** Draws of the bootstrap for each day to come. */
const DRAWS = 400;
/** History that a forecast looks at, in days. */
const HISTORY_DAYS = 120;
const SEED = 40_503;

/** The month of whatever charges are asked for, by the forecast of budgets. */
@Injectable()
export class CostForecastQueries {
  constructor(private readonly db: Db) {}

  /** @throws AppError NOT_FOUND for an instance that is not there */
  forecast(actor: TenantRef, query: CostForecastQuery): Promise<Forecast> {
    return this.db.read(actor, async (tx) => {
      const now = new Date();
      const today = now.toISOString().slice(0, 10);
      const tenant = (await tx.row<{ timezone: string; currency: string; simulated: boolean }>(
        'SELECT t.timezone, t.currency, t.simulated FROM flotilla.tenants t WHERE t.tenant_id = $1',
        [actor.tenantId],
      ))!;
      const month = budgetPeriodAt(MONTHLY, now, tenant.timezone)!;
      const from = dayText(dayNumber(today) - HISTORY_DAYS);
      const window = { start_date: startOf(from), end_date: startOf(today) };
      const { values } = await costFilter(tx, actor, { ...query, ...window }, now);
      type Row = { provider: string; day: string; cost: string | null; unconverted: number; simulated: boolean };
      const rows = await tx.rows<Row>(
        `SELECT w.provider, w.charge_day::text AS day, sum(w.worth)::text AS cost, bool_or(w.simulated) AS simulated,
                count(*) FILTER (WHERE w.worth IS NULL AND w.amount IS NOT NULL)::integer AS unconverted
           FROM (${worthOf(query.cost_type)}) w GROUP BY 1, 2 ORDER BY 2, 1`,
        values,
      );
      const inMonth = rows.filter(({ day }) => day >= month.firstCostDay && day <= month.lastCostDay);
      const spentUntil = (last: string) =>
        sumDecimals(inMonth.flatMap(({ day, cost }) => (cost !== null && day <= last ? [cost] : [])));
      const known = {
        firstCostDay: month.firstCostDay,
        today,
        actual: spentUntil(today),
        series: seriesOf(rows),
        completion: await completionOf(tx, actor.tenantId, today),
        amount: 0,
        draws: DRAWS,
      };
      // each day with the same seed: the bands of neighbouring days are of the same draws
      const until = (lastCostDay: string) =>
        projectPeriod({ ...known, lastCostDay, random: seededRandom(SEED + dayNumber(today)) });
      const whole = until(month.lastCostDay);
      const days: Day[] = [];
      for (let number = dayNumber(month.firstCostDay); number <= dayNumber(month.lastCostDay); number++) {
        const date = dayText(number);
        const to = date < today ? null : until(date);
        days.push({ date, spent: date > today ? null : spentUntil(date), ...shown(to) });
      }
      return {
        first_day: month.firstCostDay,
        last_day: month.lastCostDay,
        today,
        spent: known.actual,
        method: whole.method,
        history_days: whole.historyDays,
        late_data: rounded(whole.lateData) ?? 0,
        ...shown(whole),
        days,
        unconverted_records: inMonth.reduce((sum, { unconverted }) => sum + unconverted, 0),
        currency: tenant.currency,
        simulated: tenant.simulated || inMonth.some(({ simulated }) => simulated),
      };
    });
  }
}

const MONTHLY = { kind: 'month', startsOn: null, endsOn: null, anchor: 'calendar' } as const;
const startOf = (day: string) => new Date(`${day}T00:00:00Z`);

function seriesOf(rows: readonly { provider: string; day: string; cost: string | null }[]): SpendSeries[] {
  const byProvider = new Map<string, Map<string, number>>();
  for (const { provider, day, cost } of rows) {
    if (cost === null) continue;
    byProvider.set(provider, (byProvider.get(provider) ?? new Map<string, number>()).set(day, Number(cost)));
  }
  return [...byProvider].map(([provider, days]) => ({ provider, days }));
}

const rounded = (value: number | null) => (value === null ? null : Number(value.toFixed(6)));
const interval = (of: Interval | null) => of && { low: Number(of.low.toFixed(6)), high: Number(of.high.toFixed(6)) };
const shown = (projection: Projection | null) => ({
  projected: rounded(projection?.projected ?? null),
  interval_80: interval(projection?.interval80 ?? null),
  interval_95: interval(projection?.interval95 ?? null),
});
