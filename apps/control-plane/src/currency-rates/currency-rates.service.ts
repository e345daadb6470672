import { Injectable } from '@nestjs/common';
import type { CurrencyRate, CurrencyRateBody, UpdateCurrencyRateBody } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { WriteTx } from '@flotilla/persistence';
import type { z } from 'zod';
import { AppError, assertUnchanged, notFound } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';

type Rate = z.input<typeof CurrencyRate>;

/** What currencies are worth. A rate that is corrected corrects the past too: amounts are converted when they are read. */
@Injectable()
export class CurrencyRatesService {
  constructor(private readonly db: Db) {}

  /** Gives or corrects the rate of a pair from a day on. @throws AppError VALIDATION_ERROR for a day in the future */
  put(actor: RequestActor, body: CurrencyRateBody): Promise<Rate> {
    return this.db.write(actor, async (tx) => {
      await assertKnown(tx, body.day);
      const before = await tx.row<{ rate: string }>(
        `SELECT r.rate::text AS rate FROM flotilla.currency_rates r
          WHERE r.tenant_id = $1 AND r.base = $2 AND r.quote = $3 AND r.day = $4::date`,
        [actor.tenantId, body.base, body.quote, body.day],
      );
      const row = await tx.row<Rate & Record<string, unknown>>(PUT, [
        actor.tenantId,
        body.base,
        body.quote,
        body.day,
        body.rate,
        actor.label,
      ]);
      const { base, quote, day, rate } = body;
      await tx.record('currency_rate.set', { type: 'currency_rate', id: row!.id }, { base, quote, day, rate, before: before?.rate ?? null }); // prettier-ignore
      return row!;
    });
  }

  /** @throws AppError NOT_FOUND; CONFLICT; VALIDATION_ERROR for a day in the future */
  update(actor: RequestActor, id: number, { if_set_at: asRead, ...body }: UpdateCurrencyRateBody): Promise<Rate> {
    return this.db.write(actor, async (tx) => {
      const before = await tx.row<Rate & Record<string, unknown>>(
        `SELECT ${COLUMNS} FROM flotilla.currency_rates r WHERE r.tenant_id = $1 AND r.id = $2 FOR UPDATE`,
        [actor.tenantId, id],
      );
      if (!before) throw notFound('currency rate', id);
      assertUnchanged('rate', 'if_set_at', asRead, before.set_at);
      const { day, rate } = { ...before, ...body };
      if (day !== before.day) await assertKnown(tx, day);
      const other = await tx.row<{ rate: string }>(
        `SELECT r.rate::text AS rate FROM flotilla.currency_rates r
          WHERE r.tenant_id = $1 AND r.base = $2 AND r.quote = $3 AND r.day = $4::date AND r.id <> $5`,
        [actor.tenantId, before.base, before.quote, day, id],
      );
      if (other) {
        throw new AppError(
          'CONFLICT',
          `From ${day} on another rate of ${before.base} holds, ${other.rate}. Change that one, or take it back first.`,
          { field: 'day', value: day, expected: 'a day from which on no other rate of the pair holds' },
        );
      }
      const row = await tx.row<Rate & Record<string, unknown>>(
        `UPDATE flotilla.currency_rates AS r SET day = $3, rate = $4::numeric, set_by = $5, set_at = now()
          WHERE r.tenant_id = $1 AND r.id = $2 RETURNING ${COLUMNS}`,
        [actor.tenantId, id, day, rate, actor.label],
      );
      const { base, quote } = before;
      const was = { day: before.day, rate: before.rate };
      await tx.record('currency_rate.changed', { type: 'currency_rate', id }, { base, quote, day, rate, before: was });
      return row!;
    });
  }

  /** Amounts of its days take the rate before it, or none. @throws AppError NOT_FOUND */
  remove(actor: RequestActor, id: number): Promise<void> {
    return this.db.write(actor, async (tx) => {
      const row = await tx.row<{ base: string; quote: string; day: string; rate: string }>(
        `DELETE FROM flotilla.currency_rates r WHERE r.tenant_id = $1 AND r.id = $2
         RETURNING r.base, r.quote, r.day::text AS day, r.rate::text AS rate`,
        [actor.tenantId, id],
      );
      if (!row) throw notFound('currency rate', id);
      await tx.record('currency_rate.removed', { type: 'currency_rate', id }, row);
    });
  }
}

/** @throws AppError VALIDATION_ERROR for a day that is to come */
async function assertKnown(tx: WriteTx, day: string): Promise<void> {
  const row = await tx.row<{ is_future: boolean }>(`SELECT $1::date > (now() AT TIME ZONE 'UTC')::date AS is_future`, [
    day,
  ]);
  if (!row!.is_future) return;
  throw new AppError('VALIDATION_ERROR', `day: ${day} is in the future, and nobody knows its rate yet.`, {
    field: 'day',
    value: day,
    expected: 'a UTC day up to today',
  });
}

const COLUMNS = `r.id, r.base, r.quote, r.day::text AS day, r.rate::text AS rate, r.set_by, r.set_at`;
const PUT = `
  INSERT INTO flotilla.currency_rates AS r (tenant_id, base, quote, day, rate, set_by)
  VALUES ($1, $2, $3, $4, $5::numeric, $6)
  ON CONFLICT (tenant_id, base, quote, day) DO UPDATE SET rate = excluded.rate, set_by = excluded.set_by, set_at = now()
  RETURNING ${COLUMNS}`;
