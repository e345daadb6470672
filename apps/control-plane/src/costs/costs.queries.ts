import { Injectable } from '@nestjs/common';
import { BILLING_MODEL_TAG, costPeriods } from '@flotilla/domain';
import type {
  Cost,
  CostQuery,
  CostsByTag,
  CostsByTagQuery,
  CostSummary,
  CostSummaryQuery,
  CostTrends,
  CostTrendsQuery,
  CostType,
} from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';
import { costFilter } from './costs.filter.js';
import type { CostFilter } from './costs.filter.js';
import { UNMETERED } from './metering/metering.sql.js';
import { byTagSql, dailySql, GROUPED, listSql, summarySql, unconvertedSql } from './costs.sql.js';

type CostRow = z.input<typeof Cost>;
type Summary = z.input<typeof CostSummary>;
type Trends = z.input<typeof CostTrends>;
type ByTag = z.input<typeof CostsByTag>;
type Unconverted = Summary['unconverted'];

interface Sums {
  readonly total_cost: string | null;
  readonly record_count: number;
}
type SummaryRow = Sums & {
  readonly grouped: number;
  readonly service: string;
  readonly instance_type: string | null;
  readonly provider: string;
  readonly day: string;
  readonly estimated_cost: string | null;
  readonly simulated: boolean | null;
};

type Unmetered = Pick<Summary, 'unpriced_instances' | 'unknown_state_instances'> & Record<string, unknown>;

const SCOPE = 'costs:-date';

/** Questions about charges. Sums are made by the database in NUMERIC, in the tenant's currency. */
@Injectable()
export class CostsQueries {
  constructor(private readonly db: Db) {}

  /** Newest day first. The total is not counted: a bill has millions of rows, and the summary counts them anyway. */
  async list(actor: TenantRef, query: CostQuery): Promise<Page<CostRow>> {
    const { offset, limit } = pageWindow(query);
    const place =
      query.cursor === undefined ? null : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.iso.date(), z.int()]));
    const rows = await this.db.read(actor, async (tx) => {
      const { values } = await costFilter(tx, actor, query, new Date());
      return tx.rows<CostRow>(
        `${listSql(query.cost_type)} AND ($10::date IS NULL OR (c.charge_day, c.id) < ($10::date, $11::bigint))
          ORDER BY c.charge_day DESC, c.id DESC LIMIT $12 OFFSET $13`,
        [...values, place?.[0] ?? null, place?.[1] ?? null, limit + 1, offset],
      );
    });
    return pageOf(rows, query, null, (last) => encodeCursor(actor, SCOPE, [last.date, last.id]));
  }

  async summary(actor: TenantRef, query: CostSummaryQuery): Promise<Summary> {
    return this.db.read(actor, async (tx) => {
      const filter = await costFilter(tx, actor, query, new Date());
      const rows = await tx.rows<SummaryRow & Record<string, unknown>>(summarySql(query.cost_type), filter.values);
      const of = (grouped: number) => rows.filter((row) => row.grouped === grouped && row.record_count > 0);
      const sums = ({ total_cost, record_count }: SummaryRow) => ({ total_cost: total_cost ?? '0', record_count });
      const all = rows.find((row) => row.grouped === GROUPED.all);
      return {
        total_cost: all?.total_cost ?? '0',
        estimated_cost: all?.estimated_cost ?? '0',
        record_count: all?.record_count ?? 0,
        ...(await tx.row<Unmetered>(UNMETERED, [
          actor.tenantId,
          filter.window.firstDay,
          filter.window.lastDay,
          query.cloud_provider ?? null,
          BILLING_MODEL_TAG,
        ]))!,
        by_service: of(GROUPED.byService).map((row) => ({ service: row.service, ...sums(row) })),
        by_instance_type: of(GROUPED.byType).map((row) => ({ instance_type: row.instance_type, ...sums(row) })),
        by_provider: of(GROUPED.byProvider).map((row) => ({ cloud_provider: row.provider, ...sums(row) })),
        daily: of(GROUPED.byDay)
          .map((row) => ({ date: row.day, total_cost: row.total_cost ?? '0' }))
          .sort((a, b) => (a.date < b.date ? -1 : 1)),
        ...(await besideCosts(tx, actor, query.cost_type, filter, all?.simulated ?? false)),
      };
    });
  }

  async trends(actor: TenantRef, query: CostTrendsQuery): Promise<Trends> {
    return this.db.read(actor, async (tx) => {
      const filter = await costFilter(tx, actor, query, new Date());
      const { firstDay, lastDay } = filter.window;
      const periods = costPeriods(firstDay, lastDay, query.granularity);
      // as many days before: one period more, so that the first one has something to be compared with
      const before = [...filter.values];
      before[1] = periods.firstDayBefore;
      const rows = await tx.rows<{ date: string; total_cost: string | null; simulated: boolean }>(
        dailySql(query.cost_type),
        before,
      );
      const days = await tx.row<Record<string, string>>(sumsSql(periods.windows.length), [
        JSON.stringify(rows.map(({ date, total_cost }) => ({ date, total_cost }))),
        ...periods.windows.flatMap(({ firstDay: from, lastDay: to }) => [from, to]),
      ]);
      const totals = periods.windows.map((_, index) => days?.[`sum_${index}`] ?? '0');
      return {
        granularity: query.granularity,
        ...periods.read(totals),
        ...(await besideCosts(
          tx,
          actor,
          query.cost_type,
          filter,
          rows.some((row) => row.simulated),
        )),
      };
    });
  }

  async byTags(actor: TenantRef, query: CostsByTagQuery): Promise<ByTag> {
    return this.db.read(actor, async (tx) => {
      const filter = await costFilter(tx, actor, query, new Date());
      const rows = await tx.rows<
        Sums & { tag_value: string | null; date: string; is_group: boolean; simulated: boolean } & Record<
            string,
            unknown
          >
      >(byTagSql(query.cost_type, query.ignore_case), [...filter.values, query.tag_key]);
      const sums = (row: Sums) => ({ total_cost: row.total_cost ?? '0' });
      return {
        groups: rows
          .filter((row) => row.is_group)
          .map((row) => ({ tag_value: row.tag_value, ...sums(row), record_count: row.record_count })),
        time_series: rows
          .filter((row) => !row.is_group)
          .map((row) => ({ date: row.date, tag_value: row.tag_value, ...sums(row) })),
        tag_key: query.tag_key,
        ...(await besideCosts(
          tx,
          actor,
          query.cost_type,
          filter,
          rows.some((row) => row.simulated),
        )),
      };
    });
  }
}

/** Sums of days within windows, in NUMERIC: `$1` days and their costs, then the ends of each window. */
const sumsSql = (windows: number) => `
  SELECT ${Array.from(
    { length: windows },
    (_, index) =>
      `sum(d.total_cost) FILTER (WHERE d.date >= $${2 * index + 2}::date AND d.date <= $${2 * index + 3}::date)::text AS sum_${index}`,
  ).join(', ')}
    FROM jsonb_to_recordset($1::jsonb) AS d(date date, total_cost numeric)`;

/** What every answer about sums says beside them. */
export async function besideCosts(
  tx: ReadTx,
  actor: TenantRef,
  type: CostType,
  filter: CostFilter,
  simulated: boolean,
) {
  const tenant = await tx.row<{ currency: string; simulated: boolean }>(
    'SELECT t.currency, t.simulated FROM flotilla.tenants t WHERE t.tenant_id = $1',
    [actor.tenantId],
  );
  return {
    currency: tenant!.currency,
    start_date: filter.window.firstDay,
    end_date: filter.window.lastDay,
    unconverted: await tx.rows<Unconverted[number]>(unconvertedSql(type), filter.values),
    simulated: simulated || tenant!.simulated,
  };
}
