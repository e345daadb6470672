import { z } from 'zod';
import { Currency, Money, Timestamp } from './common.js';
import { pageQuery, qTime } from './query.js';

const service = z.string().meta({ description: "The provider's service", examples: ['Amazon EC2'] });
const amounts = {
  month_to_date: Money.describe('From the first of the UTC month to the moment, in `currency`'),
  last_24h: Money.describe(
    'Of the 24 hours before the moment, in `currency`; a charge of a longer time counts by the part of its time that lies in them',
  ),
};

export const CostSnapshotQuery = z.strictObject({
  ...pageQuery,
  from: qTime()
    .optional()
    .meta({ description: 'From this moment on; 7 days before `to` without it', examples: ['2026-11-15T00:00:00Z'] }),
  to: qTime()
    .optional()
    .meta({ description: 'Before this moment; now without it', examples: ['2026-11-22T00:00:00Z'] }),
  service: z
    .string()
    .min(1)
    .max(300)
    .optional()
    .meta({ description: 'Only snapshots that have this service, with its amounts only', examples: ['Amazon EC2'] }),
});
export type CostSnapshotQuery = z.infer<typeof CostSnapshotQuery>;

export const CostSnapshot = z
  .object({
    at: Timestamp.describe('When it was taken'),
    currency: Currency.describe("The tenant's at that time"),
    month_to_date: amounts.month_to_date.nullable().describe('Of everything; null: the answer is of one service'),
    last_24h: amounts.last_24h.nullable().describe('Of everything; null: the answer is of one service'),
    by_service: z.array(z.object({ service, ...amounts })).describe('The dearest of the month first'),
    unconverted: z
      .array(z.object({ currency: Currency, amount: Money, record_count: z.int().meta({ examples: [3] }) }))
      .meta({
        description: 'Of the month: what is in no sum, because nobody had given a rate for its currency on its day',
        examples: [[{ currency: 'EUR', amount: 12.5, record_count: 3 }]],
      }),
    simulated: z.boolean().meta({ description: 'Some of the charges are made up', examples: [false] }),
  })
  .meta({ id: 'CostSnapshot' });

export const CostSnapshotServiceQuery = z.strictObject({ ...pageQuery });
export type CostSnapshotServiceQuery = z.infer<typeof CostSnapshotServiceQuery>;

export const CostSnapshotService = z
  .object({
    service,
    first_seen_at: Timestamp.describe('The first snapshot that had it'),
    last_seen_at: Timestamp.describe('The last snapshot that had it'),
    currency: Currency,
    month_to_date: amounts.month_to_date.describe('In the last snapshot that had it'),
    last_24h: amounts.last_24h.describe('In the last snapshot that had it'),
  })
  .meta({ id: 'CostSnapshotService' });
