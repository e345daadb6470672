import { Injectable } from '@nestjs/common';
import { realisationRatio } from '@flotilla/domain';
import type { Saving, SavingsQuery, SavingsSummary, SavingsSummaryQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { costDays, tagsAsked } from '../costs/index.js';
import { decodeCursor, encodeCursor, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';
import { FIELDS, FILTER, SUMMARY, TOTALS, UNCONVERTED, WHERE_DAYS } from './savings.queries.sql.js';

type Row = z.input<typeof Saving>;
type Answer = z.input<typeof SavingsSummary>;
interface SumRow {
  readonly key: string | null;
  readonly estimated: string;
  readonly estimated_over: string;
  readonly realised_over: string;
  readonly observed: string;
  readonly verified: string | null;
  readonly stops: number;
  readonly off_hours: number;
}

const SCOPE = 'savings:-id';

@Injectable()
export class SavingsQueries {
  constructor(private readonly db: Db) {}

  /** The newest stop first. */
  async list(actor: TenantRef, query: SavingsQuery): Promise<Page<Row>> {
    const { offset, limit } = pageWindow(query);
    const before = query.cursor === undefined ? null : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.int()]))[0];
    const filter = [
      ...common(actor, query),
      query.status ?? null,
      query.from ?? null,
      query.to === undefined ? null : new Date(query.to.getTime() + 86_400_000),
      dayText(query.start_date),
      dayText(query.end_date),
      query.observed ?? null,
      query.provider_id ?? null,
      query.by_policy ?? null,
      query.without_tag ?? null,
    ];
    const [rows, total] = await this.db.read(actor, async (tx) => [
      await tx.rows<Row & { over: string | null } & Record<string, unknown>>(
        `${FIELDS} ${FILTER} AND ($15::bigint IS NULL OR v.id < $15::bigint) ORDER BY v.id DESC LIMIT $16 OFFSET $17`,
        [...filter, before, limit + 1, offset],
      ),
      await tx.row<{ n: number }>(`SELECT count(*) AS n FROM flotilla.savings v ${FILTER}`, filter),
    ]);
    const items = rows.map(({ over, ...row }) => ({
      ...row,
      realisation_ratio: over === null ? null : realisationRatio(row.estimated as string | null, over),
    }));
    return pageOf(items, query, total!.n, (last) => encodeCursor(actor, SCOPE, [last.id]));
  }

  async summary(actor: TenantRef, query: SavingsSummaryQuery): Promise<Answer> {
    const { firstDay, lastDay } = costDays(query, new Date());
    const values = [...common(actor, query), firstDay, lastDay];
    const groupBy = query.group_by;
    return this.db.read(actor, async (tx) => {
      const by = [...values, groupBy === 'team' ? 'team' : groupBy.startsWith('tag:') ? groupBy.slice(4) : groupBy];
      const kind = groupBy === 'team' || groupBy.startsWith('tag:') ? 'tag' : groupBy;
      const groups = await tx.rows<SumRow & Record<string, unknown>>(SUMMARY(kind), kind === 'tag' ? by : values);
      const totals = (await tx.row<SumRow & Record<string, unknown>>(SUMMARY('all'), values))!;
      const facts = (await tx.row<{ currency: string; unpriced: number; simulated: boolean }>(TOTALS, values))!;
      return {
        currency: facts.currency,
        start_date: firstDay,
        end_date: lastDay,
        group_by: groupBy,
        total: shown(totals),
        groups: groups.map((row) => ({ key: row.key, ...shown(row) })),
        unpriced_stops: facts.unpriced,
        unconverted: await unconverted(tx, values),
        simulated: facts.simulated,
      };
    });
  }
}

const unconverted = (tx: ReadTx, values: readonly unknown[]) =>
  tx.rows<{ currency: string; observed: string }>(`${UNCONVERTED} ${WHERE_DAYS} ${UNCONVERTED_GROUPS}`, values);
const UNCONVERTED_GROUPS = `
  AND flotilla.currency_rate(d.tenant_id, d.currency, t.currency, d.day) IS NULL GROUP BY d.currency ORDER BY d.currency`;

const dayText = (day: Date | undefined) => day?.toISOString().slice(0, 10) ?? null;

type Common = Pick<SavingsQuery, 'instance_id' | 'policy_id' | 'tag' | 'simulated'>;
const common = (actor: TenantRef, query: Common) => [
  actor.tenantId,
  query.instance_id ?? null,
  query.policy_id ?? null,
  query.tag === undefined ? null : tagsAsked(query.tag),
  query.simulated ?? null,
];

const shown = (row: SumRow) => ({
  estimated: row.estimated,
  observed: row.observed,
  verified: row.verified,
  realisation_ratio: realisationRatio(row.estimated_over, row.realised_over),
  stops: row.stops,
  off_hours: row.off_hours,
});
