import { z } from 'zod';
import { Timestamp } from './common.js';
import { pageQuery, unchangedSince } from './query.js';

const word = (most: number) => z.string().trim().min(1).max(most);
const Day = z.iso.date().meta({ description: 'Cost day (UTC), included', examples: ['2026-11-01'] });

/** Digits after the point that a weight may have. */
const WEIGHT_DIGITS = 6;
const weight = z
  .number()
  .min(0)
  .max(1e9)
  .refine((value) => Number(value.toFixed(WEIGHT_DIGITS)) === value, 'must have at most 6 digits after the point')
  .meta({ description: 'Against the other weights; only of method weighted', examples: [3] });
const Target = z.strictObject({
  value: word(256).meta({ description: 'A value of the key', examples: ['search'] }),
  weight: weight.nullable().default(null),
});

const key = word(128).meta({
  description: 'The tag whose values get the cost: team, project, cost_center, business_unit, …',
  examples: ['team'],
});
const fields = {
  name: word(200).meta({ examples: ['Support by use'] }),
  service: word(256)
    .nullable()
    .meta({ description: 'Only charges of this service; null: of any', examples: ['AWS Support'] }),
  provider: word(40)
    .nullable()
    .meta({ description: 'Only charges of this provider; null: of any', examples: ['aws'] }),
  account: word(256)
    .nullable()
    .meta({ description: 'Only charges of this account, subscription or project; null: of any', examples: [null] }),
  tag: z
    .string()
    .regex(/^[^:]{1,128}:.{1,256}$/s, 'expected key:value')
    .nullable()
    .meta({ description: 'Only charges with this tag, key:value; null: with any', examples: [null] }),
  only_untagged: z.boolean().meta({ description: 'true: leaves alone what carries the key already', examples: [true] }),
  method: z.enum(['even', 'weighted', 'by_usage']).meta({
    description: 'even: the same for each. weighted: by the weights of `targets`. by_usage: by `usage_basis`',
    examples: ['by_usage'],
  }),
  usage_basis: z
    .enum(['cost', 'gpu_hours'])
    .nullable()
    .meta({
      description:
        "Only of by_usage. cost (the default): each value's own charges in the window. gpu_hours: hours × GPUs of running instances",
      examples: ['cost'],
    }),
  targets: z
    .array(Target)
    .min(1)
    .max(1_000)
    .nullable()
    .meta({
      description: 'Who gets a part; null: every value that has charges of its own in the window',
      examples: [null],
    }),
  priority: z
    .int()
    .min(0)
    .max(1_000_000)
    .meta({
      description: 'Of several rules of a key that fit a charge the one with the smallest number takes it',
      examples: [10],
    }),
  valid_from: Day.nullable(),
  valid_to: Day.nullable(),
};

export const CostAllocationRule = z
  .object({
    id: z.int().meta({ examples: [1] }),
    key,
    ...fields,
    created_by: z.string().meta({ examples: ['ada@example.com'] }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'CostAllocationRule', description: 'How cost that belongs to nobody, or to all, is split over a key' });

type Checked = Pick<
  z.infer<typeof CostAllocationRule>,
  | 'service'
  | 'provider'
  | 'account'
  | 'tag'
  | 'only_untagged'
  | 'method'
  | 'usage_basis'
  | 'targets'
  | 'valid_from'
  | 'valid_to'
>;

/** What contradicts itself in a whole rule: the field, and what was expected of it; null when nothing does. */
export function allocationRuleIssue(rule: Checked): { readonly field: string; readonly expected: string } | null {
  const { targets, method } = rule;
  if (!rule.only_untagged && [rule.service, rule.provider, rule.account, rule.tag].every((value) => value === null)) {
    return { field: 'only_untagged', expected: 'true, or a service, provider, account or tag: else it takes all cost' };
  }
  if ((method === 'by_usage') !== (rule.usage_basis !== null)) {
    return { field: 'usage_basis', expected: method === 'by_usage' ? 'cost or gpu_hours' : 'null, unless by_usage' };
  }
  if (targets && new Set(targets.map(({ value }) => value)).size < targets.length) {
    return { field: 'targets', expected: 'every value once' };
  }
  if (method === 'weighted') {
    if (!targets || targets.some((target) => target.weight === null)) {
      return { field: 'targets', expected: 'values with their weights, because the method is weighted' };
    }
    if (!targets.some((target) => target.weight! > 0)) {
      return { field: 'targets', expected: 'a weight above 0: the weights sum to zero' };
    }
  } else if (targets?.some((target) => target.weight !== null)) {
    return { field: 'targets', expected: 'no weights, unless the method is weighted' };
  }
  if (rule.valid_from !== null && rule.valid_to !== null && rule.valid_to < rule.valid_from) {
    return { field: 'valid_to', expected: `a day from ${rule.valid_from} on` };
  }
  return null;
}

export const CreateCostAllocationRuleBody = z
  .strictObject({
    ...fields,
    key,
    service: fields.service.default(null),
    provider: fields.provider.default(null),
    account: fields.account.default(null),
    tag: fields.tag.default(null),
    only_untagged: fields.only_untagged.default(true),
    usage_basis: fields.usage_basis.optional(),
    targets: fields.targets.default(null),
    priority: fields.priority.optional().describe('Left out: after the other rules of the key'),
    valid_from: fields.valid_from.default(null),
    valid_to: fields.valid_to.default(null),
  })
  .meta({ examples: [{ name: 'Support by use', key: 'team', service: 'AWS Support', method: 'by_usage' }] });
export type CreateCostAllocationRuleBody = z.infer<typeof CreateCostAllocationRuleBody>;

export const UpdateCostAllocationRuleBody = z
  .strictObject({ ...fields, if_updated_at: unchangedSince('updated_at') })
  .partial()
  .refine(({ if_updated_at: _, ...body }) => Object.keys(body).length > 0, 'names nothing to change')
  .meta({ examples: [{ valid_to: '2026-12-31' }] });
export type UpdateCostAllocationRuleBody = z.infer<typeof UpdateCostAllocationRuleBody>;

export const CostAllocationRuleQuery = z.strictObject({
  ...pageQuery,
  key: key.optional().describe('Only rules of this key'),
  valid_on: Day.optional().describe('Only what holds on this day'),
});
export type CostAllocationRuleQuery = z.infer<typeof CostAllocationRuleQuery>;
