import { z } from 'zod';
import { Currency, Money, Timestamp } from './common.js';
import { pageQuery } from './query.js';
import { MoneyAmount } from './sync-spend.js';

const word = (most: number) => z.string().trim().min(1).max(most);
const optional = (most: number, description: string, example: string) =>
  word(most)
    .nullable()
    .optional()
    .meta({ description, examples: [example] });
const budget = MoneyAmount.refine((amount) => !/^(-|0*(\.0*)?$)/.test(amount), 'must be more than 0');

const fields = {
  description: optional(2_000, 'For people', 'Answers questions about orders'),
  owner: optional(200, 'Who answers for it', 'search-team@example.com'),
  project_id: optional(256, 'Of usage that names none itself', 'p-42'),
  team_id: optional(256, 'Of usage that names none itself', 'search'),
  cost_center: optional(256, 'Of usage that names none itself', 'cc-1001'),
  business_unit: optional(256, 'Of usage that names none itself', 'retail'),
  monthly_budget: budget
    .nullable()
    .optional()
    .meta({ description: "For a calendar month in the tenant's time zone", examples: ['500'] }),
  currency: Currency.optional().describe("Of the budget; left out: the tenant's"),
};
const externalId = word(256)
  .regex(/\D/, 'must not be digits alone: those are ids')
  .meta({
    description: 'What usage calls it: service.name of OpenTelemetry, workload_id of POST /sync. Left out: the name',
    examples: ['checkout-assistant'],
  });

export const CreateAiWorkloadBody = z
  .strictObject({
    name: word(200).meta({ examples: ['Checkout assistant'] }),
    external_id: externalId.optional(),
    ...fields,
  })
  .refine(({ name, external_id }) => external_id !== undefined || /\D/.test(name), {
    path: ['external_id'],
    error: 'is needed where the name is digits alone',
  })
  .meta({
    examples: [
      { name: 'Checkout assistant', external_id: 'checkout-assistant', team_id: 'search', monthly_budget: '500' },
    ],
  });
export type CreateAiWorkloadBody = z.infer<typeof CreateAiWorkloadBody>;

export const UpdateAiWorkloadBody = z
  .strictObject({ name: word(200).optional(), external_id: externalId.optional(), ...fields })
  .refine((body) => Object.keys(body).length > 0, 'names nothing to change')
  .meta({ examples: [{ monthly_budget: '750' }] });
export type UpdateAiWorkloadBody = z.infer<typeof UpdateAiWorkloadBody>;

const text = (example: string) =>
  z
    .string()
    .nullable()
    .meta({ examples: [example] });

export const AiWorkload = z
  .object({
    id: z.int().meta({ examples: [1] }),
    name: z.string().meta({ examples: ['Checkout assistant'] }),
    external_id: z.string().meta({ description: 'What usage calls it', examples: ['checkout-assistant'] }),
    description: text('Answers questions about orders'),
    owner: text('search-team@example.com'),
    project_id: text('p-42'),
    team_id: text('search'),
    cost_center: text('cc-1001'),
    business_unit: text('retail'),
    monthly_budget: Money.nullable().describe('For a calendar month; null: none'),
    currency: Currency,
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'AiWorkload', description: 'What uses AI models, with a budget and an owner' });

export const AiWorkloadQuery = z.strictObject({
  ...pageQuery,
  team_id: word(256).optional().describe('Only of this team'),
  project_id: word(256).optional().describe('Only of this project'),
});
export type AiWorkloadQuery = z.infer<typeof AiWorkloadQuery>;
