import { Injectable } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { ListCache, PriceBook } from './price-book.js';
import type { ModelOverride } from './price-book.js';

/** Another replica hears of a changed price no later than this; milliseconds. */
const REMEMBERED_MS = 10_000;
const MOST_TENANTS = 5_000;

/** The price books of all tenants, remembered for some seconds. */
@Injectable()
export class PriceBooks {
  private readonly lists = new ListCache();
  private readonly books = new Map<string, { readonly book: PriceBook; readonly untilMs: number }>();

  constructor(private readonly db: Db) {}

  async of({ tenantId }: TenantRef): Promise<PriceBook> {
    const known = this.books.get(tenantId);
    if (known && known.untilMs > Date.now()) return known.book;
    const overrides = await this.db.read({ tenantId }, (tx) =>
      tx.rows<ModelOverride & Record<string, unknown>>(OWN_PRICES, [tenantId]),
    );
    const book = new PriceBook(overrides, this.lists);
    if (this.books.size >= MOST_TENANTS) this.books.clear();
    this.books.set(tenantId, { book, untilMs: Date.now() + REMEMBERED_MS });
    return book;
  }

  /** Forgets what was remembered of a tenant whose prices changed. */
  forget(tenantId: string): void {
    this.books.delete(tenantId);
  }
}

const OWN_PRICES = `
  SELECT p.id, p.provider, p.model_name, p.service_tier, p.batch, p.input_cost, p.output_cost, p.cache_read_cost,
         p.cache_write_5m_cost, p.cache_write_1h_cost, p.input_audio_cost, p.output_audio_cost, p.request_cost, p.usage_unit, p.unit_cost, p.spend_type, p.currency,
         p.valid_from::text AS valid_from, p.valid_to::text AS valid_to
    FROM flotilla.prices p WHERE p.tenant_id = $1 AND p.kind = 'model' ORDER BY p.id`;
