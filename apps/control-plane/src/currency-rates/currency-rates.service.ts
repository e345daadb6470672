import { Injectable } from '@nestjs/common';
import type { CurrencyRate, CurrencyRateBody } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { z } from 'zod';
import { AppError, notFound } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';

type Rate = z.input<typeof CurrencyRate>;

/** What currencies are worth. A rate that is corrected corrects the past too: amounts are converted when they are read. */
@Injectable()
export class CurrencyRatesService {
  constructor(private readonly db: Db) {}

  /** Gives or corrects the rate of a pair from a day on. @throws AppError VALIDATION_ERROR for a day in the future */
  put(actor: RequestActor, body: CurrencyRateBody): Promise<Rate> {
    return this.db.write(actor, async (tx) => {
      const before = await tx.row<{ rate: string | null; is_future: boolean }>(
        `SELECT (SELECT r.rate::text FROM flotilla.currency_rates r
                  WHERE r.tenant_id = $1 AND r.base = $2 AND r.quote = $3 AND r.day = $4::date) AS rate,
                $4::date > (now() AT TIME ZONE 'UTC')::date AS is_future`,
        [actor.tenantId, body.base, body.quote, body.day],
      );
      if (before!.is_future) {
        throw new AppError('VALIDATION_ERROR', `day: ${body.day} is in the future, and nobody knows its rate yet.`, {
          field: 'day',
          value: body.day,
          expected: 'a UTC day up to today',
        });
      }
      const row = await tx.row<Rate & Record<string, unknown>>(PUT, [
        actor.tenantId,
        body.base,
        body.quote,
        body.day,
        body.rate,
        actor.label,
      ]);
      const { base, quote, day, rate } = body;
      await tx.record('currency_rate.set', { type: 'currency_rate', id: row!.id }, { base, quote, day, rate, before: before!.rate }); // prettier-ignore
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

const PUT = `
  INSERT INTO flotilla.currency_rates AS r (tenant_id, base, quote, day, rate, set_by)
  VALUES ($1, $2, $3, $4, $5::numeric, $6)
  ON CONFLICT (tenant_id, base, quote, day) DO UPDATE SET rate = excluded.rate, set_by = excluded.set_by, set_at = now()
  RETURNING r.id, r.base, r.quote, r.day::text AS day, r.rate::text AS rate, r.set_by, r.set_at`;
