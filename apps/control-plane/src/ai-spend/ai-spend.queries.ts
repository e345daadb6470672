import { Injectable } from '@nestjs/common';
import { sumDecimals } from '@flotilla/domain';
import type {
  AiBudgetStatus,
  AiSpend,
  AiSpendByDimension,
  AiSpendByDimensionQuery,
  AiSpendDrift,
  AiSpendDriftQuery,
  AiSpendFilters,
  AiSpendQuery,
  AiSpendSummary,
} from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';
import { aiSpendFilter } from './ai-spend.filter.js';
import type { AiSpendFilter } from './ai-spend.filter.js';
import {
  byDimensionSql,
  GROUPED,
  LIST_HOURS,
  LIST_REQUESTS,
  OVERLAPS,
  SUMMARY,
  UNCONVERTED,
  UNPRICED_MODELS,
  UNPRICED_UNITS,
} from './ai-spend.sql.js';
import { BUDGET_STATUS, MONTH } from './budget-status.sql.js';
import { DRIFT, DRIFT_TOTAL } from './drift.sql.js';
import { unitCosts } from './unit-costs.js';

type Item = z.input<typeof AiSpend>;
type Summary = z.input<typeof AiSpendSummary>;
type ByDimension = z.input<typeof AiSpendByDimension>;
type Drift = z.input<typeof AiSpendDrift>;
type BudgetStatus = z.input<typeof AiBudgetStatus>;

interface SumRow extends Record<string, unknown> {
  readonly total_cost: string;
  readonly records: string | number | null;
  readonly simulated: boolean | null;
}
type SummaryRow = SumRow & {
  readonly grouped: number;
  readonly provider: string;
  readonly model: string;
  readonly spend_type: string;
  readonly date: string;
};

/** Questions about AI spend. Sums are made by the database in NUMERIC, from hours, in the tenant's currency. */
@Injectable()
export class AiSpendQueries {
  constructor(private readonly db: Db) {}

  /** Newest first. */
  async list(actor: TenantRef, query: AiSpendQuery): Promise<Page<Item>> {
    const { offset, limit } = pageWindow(query);
    const scope = `ai-spend:${query.resolution}`;
    const place =
      query.cursor === undefined ? null : decodeCursor(actor, scope, query.cursor, z.tuple([z.string(), z.string()]));
    const { values } = aiSpendFilter(actor, query, new Date());
    const rows = await this.db.read(actor, (tx) =>
      tx.rows<Item & { readonly timestamp: Date; readonly place_id: string }>(
        query.resolution === 'hour' ? LIST_HOURS : LIST_REQUESTS,
        [...values, place?.[0] ?? null, place?.[1] ?? null, limit + 1, offset],
      ),
    );
    return pageOf(rows, query, null, (last) =>
      encodeCursor(actor, scope, [last.timestamp.toISOString(), last.place_id]),
    );
  }

  async summary(actor: TenantRef, query: AiSpendFilters): Promise<Summary> {
    return this.db.read(actor, async (tx) => {
      const filter = aiSpendFilter(actor, query, new Date());
      const rows = await tx.rows<SummaryRow>(SUMMARY, filter.values);
      const units = await unitCosts(tx, actor, filter.values, filter.window);
      const of = (grouped: number) => rows.filter((row) => row.grouped === grouped && row.records !== null);
      const total = rows.filter((row) => row.grouped === GROUPED.all);
      return {
        ...sumsOf(total[0]),
        by_provider: of(GROUPED.byProvider).map((row) => ({ provider: row.provider, ...sumsOf(row) })),
        by_model: of(GROUPED.byModel).map((row) => ({ provider: row.provider, model_name: row.model, ...sumsOf(row) })),
        by_spend_type: of(GROUPED.bySpendType).map((row) => ({ spend_type: row.spend_type, ...sumsOf(row) })),
        daily: of(GROUPED.byDay)
          .map((row) => ({ date: row.date, ...sumsOf(row) }))
          .sort((a, b) => (a.date < b.date ? -1 : 1)),
        unit_economics: units,
        ...(await beside(tx, actor, filter, total)),
      };
    });
  }

  async byDimension(actor: TenantRef, query: AiSpendByDimensionQuery): Promise<ByDimension> {
    return this.db.read(actor, async (tx) => {
      const filter = aiSpendFilter(actor, query, new Date());
      const rows = await tx.rows<SumRow & { value: string | null }>(byDimensionSql(query.dimension), filter.values);
      const rest = rows.slice(query.limit);
      return {
        dimension: query.dimension,
        groups: rows.slice(0, query.limit).map((row) => ({ value: row.value, ...sumsOf(row) })),
        other:
          rest.length === 0
            ? null
            : {
                groups: rest.length,
                total_cost: sumDecimals(rest.map((row) => row.total_cost)),
                records: sumDecimals(rest.map((row) => String(row.records))),
              },
        ...(await beside(tx, actor, filter, rows)),
      };
    });
  }

  async budgetStatus(actor: TenantRef, now: Date): Promise<BudgetStatus> {
    return this.db.read(actor, async (tx) => {
      const month = await tx.row<Omit<BudgetStatus, 'workloads'> & Record<string, unknown>>(MONTH, [
        actor.tenantId,
        now,
      ]);
      const workloads = await tx.rows<BudgetStatus['workloads'][number]>(BUDGET_STATUS, [actor.tenantId, now]);
      return { ...month!, workloads };
    });
  }

  async drift(actor: TenantRef, query: AiSpendDriftQuery): Promise<Drift> {
    return this.db.read(actor, async (tx) => {
      const { window, values } = aiSpendFilter(actor, query, new Date());
      const days = await tx.rows<Drift['days'][number]>(DRIFT, values);
      const total = await tx.row<Omit<Drift, 'days'> & Record<string, unknown>>(DRIFT_TOTAL, values);
      const { currency } = await tenantOf(tx, actor);
      return { ...total!, days, currency, start_date: window.firstDay, end_date: window.lastDay };
    });
  }
}

/** Sums as answers have them; nothing at all is 0 of everything. */
function sumsOf(row: SumRow | undefined) {
  const count = (name: string) => (row?.[name] as string | number | null | undefined) ?? 0;
  return {
    total_cost: row?.total_cost ?? '0',
    records: count('records'),
    requests: count('requests'),
    errors: count('errors'),
    input_tokens: count('input_tokens'),
    cached_input_tokens: count('cached_input_tokens'),
    cache_write_input_tokens: count('cache_write_input_tokens'),
    output_tokens: count('output_tokens'),
    unpriced: {
      records: count('unpriced_records'),
      requests: count('unpriced_requests'),
      input_tokens: count('unpriced_input_tokens'),
      output_tokens: count('unpriced_output_tokens'),
    },
  };
}

/** What stands beside sums; `rows` are theirs, all of them together the whole window. */
async function beside(tx: ReadTx, actor: TenantRef, filter: AiSpendFilter, rows: readonly SumRow[]) {
  const tenant = await tenantOf(tx, actor);
  const models = await tx.rows<Summary['unpriced']['models'][number]>(UNPRICED_MODELS, filter.values);
  const sum = (name: string) => sumDecimals(rows.map((row) => String(row[name] ?? 0)));
  return {
    currency: tenant.currency,
    start_date: filter.window.firstDay,
    end_date: filter.window.lastDay,
    unpriced: {
      records: sum('unpriced_records'),
      requests: sum('unpriced_requests'),
      input_tokens: sum('unpriced_input_tokens'),
      output_tokens: sum('unpriced_output_tokens'),
      models,
      units: await tx.rows<Summary['unpriced']['units'][number]>(UNPRICED_UNITS, filter.values),
    },
    unconverted: await tx.rows<Summary['unconverted'][number]>(UNCONVERTED, filter.values),
    overlaps: await tx.rows<Summary['overlaps'][number]>(OVERLAPS, filter.values),
    simulated: tenant.simulated || rows.some((row) => row.simulated),
  };
}

async function tenantOf(tx: ReadTx, actor: TenantRef) {
  const tenant = await tx.row<{ currency: string; simulated: boolean }>(
    'SELECT t.currency, t.simulated FROM flotilla.tenants t WHERE t.tenant_id = $1',
    [actor.tenantId],
  );
  return tenant!;
}
