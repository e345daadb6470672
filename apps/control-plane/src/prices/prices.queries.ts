import { Injectable } from '@nestjs/common';
import type { Price, PriceQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, notFound, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';

export type PriceRow = z.input<typeof Price>;

export const PRICE_COLUMNS = `p.id, p.kind, p.provider, p.model_name, p.service_tier, p.batch, p.input_cost, p.output_cost,
  p.cache_read_cost, p.cache_write_5m_cost, p.cache_write_1h_cost, p.input_audio_cost, p.output_audio_cost, p.request_cost,
  p.usage_unit, p.unit_cost, p.spend_type,  p.instance_type, p.region, p.hourly_cost, p.currency, p.valid_from::text AS valid_from, p.valid_to::text AS valid_to, p.note,
  p.created_at, p.updated_at`;
const SCOPE = 'prices:id';

/** Prices of a tenant's own. */
@Injectable()
export class PricesQueries {
  constructor(private readonly db: Db) {}

  async list(actor: TenantRef, query: PriceQuery): Promise<Page<PriceRow>> {
    const { offset, limit } = pageWindow(query);
    const after = query.cursor === undefined ? 0 : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.int()]))[0];
    const filter = [query.kind ?? null, query.provider ?? null, query.valid_on ?? null];
    return this.db.read(actor, async (tx) => {
      const counted = await tx.row<{ total: number }>(
        `SELECT count(*) AS total FROM flotilla.prices p WHERE ${WHERE}`,
        filter,
      );
      const rows = await tx.rows<PriceRow>(
        `SELECT ${PRICE_COLUMNS} FROM flotilla.prices p WHERE ${WHERE} AND p.id > $4 ORDER BY p.id LIMIT $5 OFFSET $6`,
        [...filter, after, limit + 1, offset],
      );
      return pageOf(rows, query, counted!.total, (last) => encodeCursor(actor, SCOPE, [last.id]));
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(actor: TenantRef, id: number): Promise<PriceRow> {
    const row = await this.db.read(actor, (tx) =>
      tx.row<PriceRow>(`SELECT ${PRICE_COLUMNS} FROM flotilla.prices p WHERE p.id = $1`, [id]),
    );
    if (!row) throw notFound('price', id);
    return row;
  }
}

const WHERE = `($1::text IS NULL OR p.kind = $1) AND ($2::text IS NULL OR p.provider = $2)
  AND ($3::date IS NULL OR (p.valid_from <= $3::date AND coalesce(p.valid_to >= $3::date, true)))`;
