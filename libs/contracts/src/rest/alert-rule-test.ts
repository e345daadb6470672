import { z } from 'zod';
import { CreateAlertRuleBody } from './alert-rules.js';
import { Timestamp } from './common.js';

export const TestAlertRuleBody = z
  .strictObject({
    ...CreateAlertRuleBody.shape,
    rule_name: CreateAlertRuleBody.shape.rule_name.default('a rule that is tried'),
    lookback_days: z
      .int()
      .min(1)
      .max(30)
      .default(7)
      .meta({ description: 'How much of the past is looked at, up to now', examples: [7] }),
    limit: z
      .int()
      .min(0)
      .max(1_000)
      .default(100)
      .meta({ description: 'Firings in the answer, the newest; the counts have them all', examples: [100] }),
  })
  .meta({
    id: 'TestAlertRuleBody',
    examples: [{ metric: 'temperature', operator: 'gt', threshold: 85, duration_minutes: 10, lookback_days: 7 }],
  });
export type TestAlertRuleBody = z.infer<typeof TestAlertRuleBody>;

const count = (description: string, example: number) => z.int().meta({ description, examples: [example] });

export const AlertRuleTest = z
  .object({
    firings: z.array(
      z.object({
        instance: z
          .object({
            id: z.int().meta({ examples: [7] }),
            instance_id: z.string().meta({ description: "The provider's id", examples: ['i-0abc123def456'] }),
            name: z.string().meta({ description: "Its name, or the provider's id", examples: ['trainer-7'] }),
          })
          .nullable()
          .describe('null: the tenant as a whole'),
        from: Timestamp.describe('The minute that would have made it fire'),
        to: Timestamp.nullable().describe('The minute in which it would have been over; null: it still fires'),
        minutes: count('For how long it would have fired', 42),
        notified: z.boolean().meta({
          description: 'false: within the cooldown since the last notification',
          examples: [true],
        }),
      }),
    ),
    total_firings: count('All of them', 12),
    total_notifications: count('How often somebody would have been told, before grouping', 9),
    affected_instances: z
      .array(z.string())
      .meta({ description: "The provider's ids of those it would have fired on", examples: [['i-0abc123def456']] }),
    evaluated: z.object({
      instances: count('Looked at', 40),
      without_data: count('Without any value of the metric in this time: nothing can be said of them', 2),
      from: Timestamp,
      to: Timestamp,
    }),
    simulated: z.boolean().meta({ description: 'true: with made-up data', examples: [false] }),
  })
  .meta({ id: 'AlertRuleTest' });
