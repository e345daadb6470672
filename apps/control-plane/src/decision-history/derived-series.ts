import { CostSeries, LocalCalendar } from '@flotilla/domain';
import type { SeriesNeed } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';
import type { HistoryInstance } from './history-instances.js';
import { readTenantMoney } from './tenant-money.js';
import type { TenantMoney } from './tenant-money.js';

/** What metrics that nobody collects are made from: prices and time in state, the ledger, budgets, usage of models. */
export interface DerivedSeries {
  readonly currency: string;
  readonly calendar: LocalCalendar;
  readonly money: TenantMoney | null;
  /** Value of the tag `project` → the costs of its instances. */
  readonly projects: ReadonlyMap<string, readonly CostSeries[]>;
  /** Made once, whoever asks: a month of a project is the same for all of its instances. */
  readonly made: Map<string, Float64Array>;
  /** Metric of an instance → an array that is used again for each. */
  readonly buffers: Map<string, Float64Array>;
}

/** Half open, Unix minutes. */
export interface MinuteSpan {
  readonly fromMinute: number;
  readonly toMinute: number;
}

const TENANT_MONEY = new Set(['budget', 'ai_spend']);
const PROJECT_TAG = 'project';

/** @param instances every instance, also those that are not asked about: they belong to projects */
export async function readDerived(
  tx: ReadTx,
  tenantId: string,
  { series, fromMinute, toMinute }: MinuteSpan & { readonly series: readonly SeriesNeed[] },
  instances: readonly HistoryInstance[],
): Promise<DerivedSeries> {
  const tenant = await tx.row<{ timezone: string; currency: string }>(
    'SELECT t.timezone, t.currency FROM flotilla.tenants t WHERE t.tenant_id = $1',
    [tenantId],
  );
  const { currency, timezone } = tenant!;
  const calendar = new LocalCalendar(timezone);
  const needsMoney = series.some(({ metric }) => TENANT_MONEY.has(sourceOf(metric)));
  const money = needsMoney ? await readTenantMoney(tx, tenantId, calendar, fromMinute, toMinute) : null;
  const projects = new Map<string, CostSeries[]>();
  if (series.some(({ metric }) => metric === 'project_monthly_cost')) {
    for (const { tags, spans, model } of instances) {
      const project = tags[PROJECT_TAG];
      if (project === undefined) continue;
      projects.set(project, [...(projects.get(project) ?? []), new CostSeries(spans, model, currency)]);
    }
  }
  return { currency, calendar, money, projects, made: new Map(), buffers: new Map() };
}

/**
 * One value per minute of a metric (of an instance: valid until the next one is asked about) that is not collected, NaN where it is missing. For a single minute it is the same number as
 * in a month of them.
 */
export function derivedSeries(
  derived: DerivedSeries,
  need: SeriesNeed,
  instance: HistoryInstance | null,
  span: MinuteSpan,
): Float64Array {
  const { calendar, currency } = derived;
  const fill = (value: (minute: number) => number) => {
    const out = new Float64Array(span.toMinute - span.fromMinute);
    for (let m = 0; m < out.length; m++) out[m] = value(span.fromMinute + m);
    return out;
  };
  const buffer = () => {
    const out = derived.buffers.get(need.metric) ?? new Float64Array(span.toMinute - span.fromMinute);
    derived.buffers.set(need.metric, out);
    return out;
  };
  const reuse = (value: (minute: number) => number) => {
    const out = buffer();
    for (let m = 0; m < out.length; m++) out[m] = value(span.fromMinute + m);
    return out;
  };
  const once = (key: string, make: () => Float64Array) => {
    const known = derived.made.get(key) ?? make();
    derived.made.set(key, known);
    return known;
  };
  if (need.level === 'tenant') {
    return once(need.metric, () =>
      need.metric === 'days_remaining_in_month'
        ? fill((minute) => calendar.daysRemaining(minute))
        : (derived.money?.get(need.metric) ?? fill(() => NaN)),
    );
  }
  if (!instance) return fill(() => NaN);
  const costs = new CostSeries(instance.spans, instance.model, currency);
  switch (need.metric) {
    case 'hourly_cost':
      costs.hourlyOver(span.fromMinute, buffer());
      return buffer();
    case 'daily_cost': {
      const start = cached((minute) => calendar.dayStart(minute));
      return reuse((minute) => (instance.spans.length === 0 ? NaN : costs.between(start(minute), minute)));
    }
    case 'project_monthly_cost': {
      const project = instance.tags[PROJECT_TAG];
      const members = project === undefined ? undefined : derived.projects.get(project);
      if (!members) return fill(() => NaN);
      return once(`project ${project}`, () => {
        const start = cached((minute) => calendar.monthStart(minute));
        const out = fill(() => 0);
        for (const member of members) {
          for (let m = 0; m < out.length; m++) {
            const cost = member.between(start(span.fromMinute + m), span.fromMinute + m);
            // one member without a price does not hide what the others cost
            if (!Number.isNaN(cost)) out[m]! += cost;
          }
        }
        return out;
      });
    }
    default:
      return fill(() => NaN);
  }
}

const SOURCES: Readonly<Record<string, string>> = {
  monthly_budget_utilization: 'budget',
  monthly_spend: 'budget',
  ai_spend_hourly: 'ai_spend',
  ai_spend_daily: 'ai_spend',
  ai_spend_monthly: 'ai_spend',
  ai_tokens_hourly: 'ai_spend',
};
const sourceOf = (metric: string) => SOURCES[metric] ?? '';

/** A beginning of a day or month is asked for once an hour: clocks are set on the hour or half of it. */
function cached(startOf: (minute: number) => number): (minute: number) => number {
  let [slot, start] = [-1, 0];
  return (minute) => {
    const own = Math.floor(minute / 15);
    if (own !== slot) [slot, start] = [own, startOf(minute)];
    return start;
  };
}
