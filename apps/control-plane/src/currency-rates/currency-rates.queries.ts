import { Injectable } from '@nestjs/common';
import type { CurrencyRate, CurrencyRateQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';

type Rate = z.input<typeof CurrencyRate>;

const SCOPE = 'currency-rates:-day';

@Injectable()
export class CurrencyRatesQueries {
  constructor(private readonly db: Db) {}

  /** The newest day first. */
  async list(actor: TenantRef, query: CurrencyRateQuery): Promise<Page<Rate>> {
    const { offset, limit } = pageWindow(query);
    const place =
      query.cursor === undefined ? null : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.iso.date(), z.int()]));
    const filter = [actor.tenantId, query.base ?? null, query.quote ?? null];
    return this.db.read(actor, async (tx) => {
      const rows = await tx.rows<Rate & Record<string, unknown>>(
        `SELECT r.id, r.base, r.quote, r.day::text AS day, r.rate::text AS rate, r.set_by, r.set_at ${FROM}
            AND ($4::date IS NULL OR (r.day, r.id) < ($4::date, $5::bigint))
          ORDER BY r.day DESC, r.id DESC LIMIT $6 OFFSET $7`,
        [...filter, place?.[0] ?? null, place?.[1] ?? null, limit + 1, offset],
      );
      const total = await tx.row<{ n: number }>(`SELECT count(*) AS n ${FROM}`, filter);
      return pageOf(rows as Rate[], query, total!.n, (last) => encodeCursor(actor, SCOPE, [last.day, last.id]));
    });
  }
}

const FROM = `
  FROM flotilla.currency_rates r
 WHERE r.tenant_id = $1 AND ($2::text IS NULL OR r.base = $2) AND ($3::text IS NULL OR r.quote = $3)`;
