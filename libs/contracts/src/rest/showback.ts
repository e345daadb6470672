import { z } from 'zod';
import { Money } from './common.js';
import { costFilters } from './cost-filters.js';
import { costSums, costTypeQuery } from './costs.js';

export const ShowbackQuery = z.strictObject({
  ...costFilters,
  ...costTypeQuery,
  key: z
    .string()
    .min(1)
    .max(128)
    .meta({ description: 'The tag: team, project, cost_center, business_unit, …', examples: ['team'] }),
});
export type ShowbackQuery = z.infer<typeof ShowbackQuery>;

const total = Money.describe("In the tenant's currency");
const count = z.int().meta({ description: 'Charges', examples: [450] });
const ruleId = z.int().meta({ description: 'The rule, see /cost-allocation-rules', examples: [1] });

export const Showback = z
  .object({
    key: z.string().meta({ examples: ['team'] }),
    values: z
      .array(
        z.object({
          value: z.string().meta({ description: 'A value of the key', examples: ['search'] }),
          direct_cost: total.describe('Of charges that carry the value and that no rule takes'),
          shared_cost: total.describe('Its parts of what rules split'),
          shared: z.array(z.object({ rule_id: ruleId, amount: total })).describe('The same, by rule'),
          total_cost: total,
          record_count: count.describe('Charges of its own'),
        }),
      )
      .describe('The most expensive first'),
    shared: z
      .array(
        z.object({
          rule_id: ruleId,
          name: z.string().meta({ examples: ['Support by use'] }),
          method: z.enum(['even', 'weighted', 'by_usage']).meta({ examples: ['by_usage'] }),
          total_cost: total.describe('What the rule took'),
          record_count: count,
          allocated: z.boolean().meta({
            description: 'false: it found nobody to give it to, so that it stands under unallocated',
            examples: [true],
          }),
        }),
      )
      .describe('What each rule took, in the order in which they take'),
    unallocated: z
      .object({ total_cost: total, record_count: count })
      .describe('Charges without the key that no rule takes, and what rules could give to nobody'),
    total_cost: total.describe('As /costs/summary has it; the totals of the values and unallocated sum to it'),
    ...costSums,
  })
  .meta({ id: 'Showback' });
