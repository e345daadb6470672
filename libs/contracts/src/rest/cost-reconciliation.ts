import { z } from 'zod';
import { Currency, Money } from './common.js';
import { costFilters } from './cost-filters.js';

export const CostReconciliationQuery = z.strictObject({ ...costFilters });
export type CostReconciliationQuery = z.infer<typeof CostReconciliationQuery>;

const Day = z.iso.date().meta({ description: 'UTC day', examples: ['2026-11-22'] });
const told = (by: string, example: number) =>
  Money.nullable().meta({ description: `${by}; null: it told nothing`, examples: [example] });

const comparison = {
  metered: told('What Flotilla metered', 73.44),
  reported: told('What agents reported', 73.4),
  provider_api: told("What the provider's cost interface said", 71.2),
  billed: told('What the bill says', 70.1),
  difference: Money.nullable().meta({
    description: 'The best of the others less what was metered, over the days that both tell; null: there is none',
    examples: [-3.34],
  }),
  difference_percent: z
    .number()
    .nullable()
    .meta({ description: 'Of what was metered on those days', examples: [-4.55] }),
};

export const CostReconciliation = z
  .object({
    totals: z.object(comparison),
    by_provider: z.array(z.object({ cloud_provider: z.string().meta({ examples: ['aws'] }), ...comparison })),
    by_day: z.array(z.object({ date: Day, cloud_provider: z.string().meta({ examples: ['aws'] }), ...comparison })),
    by_instance: z
      .array(
        z.object({
          id: z.int().meta({ examples: [1] }),
          instance_id: z.string().meta({ description: "The provider's id", examples: ['i-0abc123'] }),
          name: z
            .string()
            .nullable()
            .meta({ examples: ['trainer-1'] }),
          cloud_provider: z.string().meta({ examples: ['aws'] }),
          ...comparison,
        }),
      )
      .describe('The 200 with the largest difference; bills that name no resources are in none of them'),
    replaced: z
      .object({ amount: Money, record_count: z.int().meta({ examples: [30] }) })
      .describe('Charges that are kept and not counted, because a better origin tells the same'),
    currency: Currency.describe("The tenant's"),
    start_date: Day,
    end_date: Day.describe('Included'),
  })
  .meta({ id: 'CostReconciliation' });
