import { Injectable } from '@nestjs/common';
import type { CostBreakdown, CostBreakdownQuery, CostTagKeys, CostTagKeysQuery } from '@flotilla/contracts';
import { comparedDays } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';
import { breakdownSql, INSTANCE_NAMES, tagKeysSql } from './breakdown.sql.js';
import { costFilter } from './costs.filter.js';
import { besideCosts } from './costs.queries.js';
import { dailySql } from './costs.sql.js';

type Breakdown = z.input<typeof CostBreakdown>;
type Other = NonNullable<Breakdown['other']>;

type Row = Record<string, unknown> & {
  /** '=' and the value, '' without one; null: beyond the limit, or everything. */
  readonly key: string | null;
  readonly is_total: boolean;
  readonly day: string | null;
  readonly groups: number;
  readonly total_cost: string;
  readonly estimated_cost: string;
  readonly record_count: number;
  readonly current_cost: string;
  readonly previous_cost: string;
  readonly change: string;
  readonly unit: string | null;
  readonly current_quantity: string;
  readonly previous_quantity: string;
  readonly simulated: boolean | null;
};

/** Keys of tags in an answer. */
const MOST_KEYS = 200;

/** Charges by any dimension, against as many days right before. Sums are made by the database in NUMERIC. */
@Injectable()
export class BreakdownQueries {
  constructor(private readonly db: Db) {}

  /** @throws AppError VALIDATION_ERROR, NOT_FOUND for an instance that is not there */
  breakdown(actor: TenantRef, query: CostBreakdownQuery): Promise<Breakdown> {
    return this.db.read(actor, async (tx) => {
      const now = new Date();
      const filter = await costFilter(tx, actor, query, now);
      const { dates, compared } = comparedDays(filter.window, now.toISOString().slice(0, 10));
      const values = [...filter.values];
      values[1] = compared?.previousFirstDay ?? filter.window.firstDay;
      const rows = await tx.rows<Row>(breakdownSql(query.cost_type, query.by), [
        ...values,
        filter.window.firstDay,
        compared?.lastDay ?? filter.window.firstDay,
        query.limit,
        ...(query.by.startsWith('tag:') ? [query.by.slice(4)] : []),
      ]);
      const daily = new Map<string | null, Map<string, string>>();
      for (const { key, day, is_total, total_cost, record_count } of rows) {
        if (day === null || is_total || record_count === 0) continue;
        daily.set(key, (daily.get(key) ?? new Map<string, string>()).set(day, total_cost));
      }
      const group = (row: Row) => ({
        ...sumsOf(row, compared !== null),
        usage:
          row.unit === null || compared === null
            ? null
            : { unit: row.unit, current: row.current_quantity, previous: row.previous_quantity },
        daily: dates.map((date) => daily.get(row.key)?.get(date) ?? null),
      });
      const whole = rows.filter((row) => row.day === null);
      const total = whole.find((row) => row.is_total);
      const names = query.by === 'instance' ? await instanceNames(tx, actor, whole) : null;
      const other = whole.find((row) => !row.is_total && row.key === null);
      return {
        by: query.by,
        dates: [...dates],
        compared: compared && {
          days: compared.days,
          start_date: filter.window.firstDay,
          end_date: compared.lastDay,
          previous_start_date: compared.previousFirstDay,
          previous_end_date: compared.previousLastDay,
        },
        groups: whole
          .filter((row) => !row.is_total && row.key !== null)
          .map((row) => {
            const value = row.key === '' ? null : row.key!.slice(1);
            const instance = names?.get(value ?? '');
            return { value: instance?.provider_id ?? value, name: instance?.name ?? null, ...group(row) };
          }),
        other: other ? ({ groups: other.groups, ...group(other) } satisfies Other) : null,
        total: total ? sumsOf(total, compared !== null) : NOTHING,
        ...(await besideCosts(tx, actor, query.cost_type, filter, total?.simulated ?? false)),
      };
    });
  }

  /** @throws AppError VALIDATION_ERROR, NOT_FOUND for an instance that is not there */
  tagKeys(actor: TenantRef, query: CostTagKeysQuery): Promise<z.input<typeof CostTagKeys>> {
    return this.db.read(actor, async (tx) => {
      const filter = await costFilter(tx, actor, query, new Date());
      type Key = Breakdown['groups'][number] & { tag_key: string; values: number; simulated: boolean | null };
      const rows = await tx.rows<Key & Record<string, unknown>>(tagKeysSql(query.cost_type), [
        ...filter.values,
        MOST_KEYS,
      ]);
      const all = await tx.row<{ total: string; simulated: boolean | null }>(
        `SELECT coalesce(sum(d.total_cost), 0)::text AS total, bool_or(d.simulated) AS simulated FROM (${dailySql(query.cost_type)}) d`,
        filter.values,
      );
      return {
        keys: rows.map(({ tag_key, values, total_cost, record_count }) => ({
          tag_key,
          values,
          total_cost,
          record_count,
        })),
        total_cost: all?.total ?? '0',
        ...(await besideCosts(tx, actor, query.cost_type, filter, all?.simulated ?? false)),
      };
    });
  }
}

const NOTHING = {
  total_cost: '0',
  estimated_cost: '0',
  record_count: 0,
  current_cost: '0',
  previous_cost: '0',
  change: '0',
  change_percent: null,
};

const sumsOf = (row: Row, isCompared: boolean) => ({
  total_cost: row.total_cost,
  estimated_cost: row.estimated_cost,
  record_count: row.record_count,
  ...(isCompared
    ? { current_cost: row.current_cost, previous_cost: row.previous_cost, change: row.change }
    : { current_cost: '0', previous_cost: '0', change: '0' }),
  change_percent: isCompared ? changeOf(row) : null,
});

/** A ratio, not an amount. */
const changeOf = ({ change, previous_cost: before }: Row) =>
  Number(before) === 0 ? null : Math.round((Number(change) / Math.abs(Number(before))) * 10_000) / 100;

async function instanceNames(tx: ReadTx, actor: TenantRef, rows: readonly Row[]) {
  const ids = rows.flatMap(({ key }) => (key ? [key.slice(1)] : []));
  const found = await tx.rows<{ id: string; provider_id: string; name: string | null }>(INSTANCE_NAMES, [
    actor.tenantId,
    ids,
  ]);
  return new Map(found.map((instance) => [instance.id, instance]));
}
