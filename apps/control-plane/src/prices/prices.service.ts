import { Injectable } from '@nestjs/common';
import type { CreatePriceBody, UpdatePriceBody } from '@flotilla/contracts';
import { aiProvider } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { WriteTx } from '@flotilla/persistence';
import { applyPrices } from '../instances/index.js';
import { AppError, assertUnchanged, notFound } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { PriceBooks } from './price-books.js';
import { PRICE_COLUMNS } from './prices.queries.js';
import type { PriceRow } from './prices.queries.js';

type Row = PriceRow & Record<string, unknown>;

/** Prices of a tenant's own: what is used from now on costs what they say. What was priced before keeps its price. */
@Injectable()
export class PricesService {
  constructor(
    private readonly db: Db,
    private readonly books: PriceBooks,
  ) {}

  async create(actor: RequestActor, body: CreatePriceBody): Promise<PriceRow> {
    const { kind, ...given } = body;
    const fields = { ...given, provider: kind === 'model' ? aiProvider(given.provider) : given.provider };
    return this.changing(actor, async (tx) => {
      const names = Object.keys(fields);
      const row = await tx.row<Row>(
        `INSERT INTO flotilla.prices AS p (tenant_id, kind, ${names.join(', ')})
         VALUES ($1, $2, ${names.map((_, index) => `$${index + 3}`).join(', ')}) RETURNING ${PRICE_COLUMNS}`,
        [actor.tenantId, kind, ...Object.values(fields)],
      );
      await tx.record('price.created', { type: 'price', id: row!.id }, { kind, ...fields });
      return row!;
    });
  }

  /** @throws AppError NOT_FOUND; CONFLICT; VALIDATION_ERROR for an amount that the other kind of price has */
  async update(
    actor: RequestActor,
    id: number,
    { if_updated_at: asRead, ...body }: UpdatePriceBody,
  ): Promise<PriceRow> {
    return this.changing(actor, async (tx) => {
      const before = await this.lock(tx, id);
      assertUnchanged('price', 'if_updated_at', asRead, before.updated_at);
      refuseStrangeFields(before, body);
      const names = Object.keys(body);
      const row = await tx.row<Row>(
        `UPDATE flotilla.prices AS p SET ${names.map((name, index) => `${name} = $${index + 2}`).join(', ')}, updated_at = now()
          WHERE p.id = $1 RETURNING ${PRICE_COLUMNS}`,
        [id, ...Object.values(body)],
      );
      await tx.record('price.updated', { type: 'price', id }, body);
      return row!;
    });
  }

  /** @throws AppError NOT_FOUND */
  async remove(actor: RequestActor, id: number): Promise<void> {
    await this.changing(actor, async (tx) => {
      const before = await this.lock(tx, id);
      await tx.rows('DELETE FROM flotilla.prices p WHERE p.id = $1', [id]);
      await tx.record('price.deleted', { type: 'price', id }, { kind: before.kind, provider: before.provider });
      return before;
    });
  }

  private async changing(actor: RequestActor, change: (tx: WriteTx) => Promise<Row>): Promise<PriceRow> {
    return this.db.write(actor, async (tx) => {
      const row = await change(tx);
      if (row.kind === 'instance') await applyPrices(tx, actor.tenantId, row.provider, row.instance_type!);
      tx.afterCommit(() => this.books.forget(actor.tenantId));
      return row;
    });
  }

  private async lock(tx: WriteTx, id: number): Promise<Row> {
    const row = await tx.row<Row>(`SELECT ${PRICE_COLUMNS} FROM flotilla.prices p WHERE p.id = $1 FOR UPDATE`, [id]);
    if (!row) throw notFound('price', id);
    return row;
  }
}

/** What PATCH may not do to a price, in words: the table would refuse it too. */
function refuseStrangeFields(before: Row, body: Omit<UpdatePriceBody, 'if_updated_at'>): void {
  const refuse = (field: string, expected: string) => {
    throw new AppError('VALIDATION_ERROR', `${field} does not fit: expected ${expected}.`, { field, expected });
  };
  for (const field of Object.keys(body)) {
    if (!field.endsWith('_cost')) continue;
    if ((field === 'hourly_cost') !== (before.kind === 'instance')) {
      refuse(
        field,
        before.kind === 'instance'
          ? 'hourly_cost, this is the price of instances'
          : 'a price of tokens, this is the price of a model',
      );
    }
    if (before.kind === 'model' && (field === 'unit_cost') !== (before.unit_cost !== null)) {
      refuse(
        field,
        before.unit_cost === null
          ? 'a price of tokens, this is not the price of a unit'
          : 'unit_cost, this is the price of a unit',
      );
    }
  }
  const after = { ...before, ...body };
  if (after.valid_to != null && after.valid_to < after.valid_from)
    refuse('valid_to', `a day from ${after.valid_from} on`);
  if (before.unit_cost !== null) return;
  if (before.kind === 'model' && after.input_cost == null && after.output_cost == null && after.request_cost == null) {
    refuse('input_cost', 'input_cost, output_cost or request_cost to stay');
  }
}
