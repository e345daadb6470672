import { z } from 'zod';
import { pageQuery, qMany } from './query.js';

export const BUDGET_SCOPES = ['all', 'service', 'team', 'tag', 'provider', 'model', 'account', 'instance'] as const;

/** Worst first. */
export const BUDGET_STANDINGS = ['over', 'likely', 'maybe', 'unknown', 'fine', 'waiting', 'off'] as const;
export type BudgetStanding = (typeof BUDGET_STANDINGS)[number];
export const BudgetStandingWord = z.enum(BUDGET_STANDINGS).meta({
  description:
    'over: more is spent than the amount. likely, maybe: it ends at or above it with a probability of 50 % or more, of 10 % or more. fine: of less. unknown: too little history. waiting: not begun, or over. off: switched off',
  examples: ['fine'],
});

const standings = Object.fromEntries(
  BUDGET_STANDINGS.map((standing) => [
    standing,
    z.int().meta({ description: `Budgets that stand so: ${standing}`, examples: [1] }),
  ]),
) as Record<(typeof BUDGET_STANDINGS)[number], z.ZodInt>;

export const BudgetListSummary = z
  .object(standings)
  .meta({ id: 'BudgetListSummary', description: 'How all budgets of the scope stand, not only those on this page' });

export const BudgetQuery = z.strictObject({
  ...pageQuery,
  scope: z
    .enum(BUDGET_SCOPES)
    .optional()
    .meta({ description: 'Only of this scope', examples: ['team'] }),
  standing: qMany(z.enum(BUDGET_STANDINGS))
    .optional()
    .meta({ description: 'Only budgets that stand so; several times: any of these', examples: ['over'] }),
  sort: z
    .enum(['id', 'standing'])
    .default('id')
    .meta({ description: 'standing: the worst first; not together with cursor', examples: ['standing'] }),
});
export type BudgetQuery = z.infer<typeof BudgetQuery>;
