import type { FleetLayout, SeriesNeed } from '@flotilla/domain';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { derivedSeries, readDerived, readInstances } from '../decision-history/index.js';
import type { HistoryInstance } from '../decision-history/index.js';

/** A series that nobody collects (money, budgets, usage of models, the calendar), and its place among those asked for. */
export interface DerivedNeed {
  readonly need: SeriesNeed;
  readonly at: number;
}

/** Those of the series that are made and not read. */
export const derivedNeeds = (series: readonly SeriesNeed[]): DerivedNeed[] =>
  series.flatMap((need, at) => (need.statistic === null ? [{ need, at }] : []));

/**
 * Time in state and prices of the instances, for minutes between `from` and `to` both included.
 *
 * @returns nothing where no series is about an instance
 */
export async function readPrices(
  tx: ReadTx,
  tenant: TenantRef,
  needs: readonly DerivedNeed[],
  from: number,
  to: number,
): Promise<HistoryInstance[]> {
  if (needs.every(({ need }) => need.level === 'tenant')) return [];
  return readInstances(tx, tenant.tenantId, null, from, to + 1);
}

/**
 * Fills the columns of what is made: the same numbers as the simulation has for the same minutes.
 *
 * @param columnOf the column of a minute and a place among the series
 */
export async function fillDerived(
  tx: ReadTx,
  tenant: TenantRef,
  needs: readonly DerivedNeed[],
  { instanceIds }: FleetLayout,
  instances: readonly HistoryInstance[],
  from: number,
  to: number,
  columnOf: (minute: number, at: number) => Float32Array | Float64Array,
): Promise<void> {
  if (needs.length === 0) return;
  const span = { fromMinute: from, toMinute: to + 1 };
  const series = needs.map(({ need }) => need);
  const derived = await readDerived(tx, tenant.tenantId, { series, ...span }, instances);
  const byId = new Map(instances.map((one) => [one.id, one]));
  for (const { need, at } of needs) {
    const subjects = need.level === 'tenant' ? [null] : instanceIds.map((id) => byId.get(id) ?? null);
    subjects.forEach((subject, place) => {
      const values = derivedSeries(derived, need, subject, span);
      for (let m = 0; m < values.length; m++) columnOf(from + m, at)[place] = values[m]!;
    });
  }
}
