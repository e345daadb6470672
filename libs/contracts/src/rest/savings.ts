import { z } from 'zod';
import { Currency, Money, Timestamp } from './common.js';
import { costFilters } from './cost-filters.js';
import { Id, pageQuery, qBool } from './query.js';

const { days, start_date, end_date, from, to, tag } = costFilters;

export const SavingStatus = z.enum(['open', 'closed', 'verified']).meta({
  description: 'open: its machine is off still; closed: it is over; verified: every day of it stands against a bill',
  examples: ['closed'],
});

const filters = {
  instance_id: Id.optional().describe('Only of this instance'),
  policy_id: Id.optional().describe('Only of this policy'),
  tag: tag.describe('key:value, of the instance when it was stopped'),
  simulated: qBool().optional().describe('true: only made-up machines; false: none of them'),
};

export const SavingsQuery = z.strictObject({
  ...pageQuery,
  ...filters,
  status: SavingStatus.optional(),
  from: from.describe('Stopped on this day or later'),
  to: to.describe('Stopped on this day or earlier'),
  start_date: start_date.describe(
    'Only what a summary of the days from this one on counts: stopped in them, or off in them',
  ),
  end_date: end_date.describe('The last of these days, UTC, included'),
  observed: qBool().optional().describe('true: only stops with time off at a known price, in these days'),
  provider_id: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .meta({ description: "Only of this machine, by the provider's id", examples: ['i-0abc123def456'] }),
  by_policy: qBool().optional().describe('false: only what a person or a key asked for; true: only policies'),
  without_tag: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .meta({ description: 'Only machines that lacked this tag when they were stopped', examples: ['team'] }),
});
export type SavingsQuery = z.infer<typeof SavingsQuery>;

const amounts = {
  estimated: Money.nullable().describe('What the stop promised; null: nobody knew its price'),
  observed: Money.describe('Price × time off so far'),
  verified: Money.nullable().describe('What bills confirm of the days that they tell of; null: none yet'),
  realisation_ratio: z
    .number()
    .nullable()
    .meta({
      description: 'Of what is over: verified (observed where no bill tells yet) ÷ estimated; null: nothing to divide',
      examples: [0.92],
    }),
};
const hours = (description: string, example: number) => z.number().meta({ description, examples: [example] });

export const Saving = z
  .object({
    id: z.int().meta({ examples: [1] }),
    status: SavingStatus,
    instance_id: z.int().nullable().describe('null: the instance is not kept any more'),
    provider_id: z.string().meta({ description: "The provider's id", examples: ['i-0abc123def456'] }),
    name: z
      .string()
      .nullable()
      .meta({ description: 'As it is called now; null: it has no name', examples: ['trainer-7'] }),
    cloud_provider: z.string().meta({ examples: ['aws'] }),
    action_id: z.string().meta({ description: 'The stop', examples: ['act_01kb3x4m9t8c2n7v5q6r1w0zeh'] }),
    policy_id: z.int().nullable().describe('The policy that asked for it; null: a person or a key'),
    policy_version: z.int().nullable().describe('Which of its versions'),
    requested_by: z.string().meta({ description: 'Who asked for it', examples: ['ada@example.com'] }),
    tags: z.record(z.string(), z.string()).meta({ examples: [{ team: 'ml-training' }] }),
    started_at: Timestamp.describe('When the machine was off'),
    ended_at: Timestamp.nullable().describe('null: it is off still'),
    end_reason: z
      .enum(['started', 'terminated', 'horizon'])
      .nullable()
      .meta({ description: 'horizon: credit is given for so long and no longer', examples: ['started'] }),
    capped_at: Timestamp.describe('No credit from then on'),
    hourly_cost: Money.nullable().describe('When it was stopped; null: not known'),
    currency: Currency,
    billing_model: z.enum(['running', 'always_on']).describe('always_on: it costs the same off, so nothing is saved'),
    committed_share: z.number().meta({ description: 'Part that is paid on or off, 0 to 1', examples: [0] }),
    ...amounts,
    estimated_hours: hours('Time off that the promise reckoned with', 24),
    estimate_basis: z
      .enum(['history', 'default'])
      .meta({ description: 'history: the median of its earlier stops; default: a day', examples: ['default'] }),
    off_hours: hours('Time off at a known price', 11.5),
    unpriced_hours: hours('Time off at a price that nobody knows: not counted', 0),
    unknown_hours: hours('Time in which nobody knew whether it was on: not counted', 0),
    verified_at: Timestamp.nullable(),
    simulated: z.boolean().describe('true: a made-up machine'),
  })
  .meta({ id: 'Saving' });

export const SavingsSummaryQuery = z.strictObject({
  days,
  start_date,
  end_date,
  from,
  to,
  ...filters,
  group_by: z
    .string()
    .regex(/^(month|policy|instance|team|tag:.{1,128})$/s, 'expected month, policy, instance, team, or tag: and a key')
    .default('month')
    .meta({ description: '`month`, `policy`, `instance`, `team` (the tag `team`) or `tag:<key>`', examples: ['team'] }),
});
export type SavingsSummaryQuery = z.infer<typeof SavingsSummaryQuery>;

const sums = {
  ...amounts,
  estimated: Money.describe('Promised by the stops of these days'),
  stops: z.int().meta({ description: 'Stops in these days', examples: [14] }),
  off_hours: hours('Time off at a known price', 120),
};

export const SavingsSummary = z
  .object({
    currency: Currency.describe("The tenant's"),
    start_date: z.iso.date().meta({ examples: ['2026-11-01'] }),
    end_date: z.iso.date().meta({ examples: ['2026-11-22'] }),
    group_by: z.string().meta({ examples: ['month'] }),
    total: z.object(sums).meta({ id: 'SavingsTotal' }),
    groups: z
      .array(
        z
          .object({
            key: z
              .string()
              .nullable()
              .meta({
                description: 'Month, policy, provider id or value of the tag; null: none',
                examples: ['2026-11'],
              }),
            ...sums,
          })
          .meta({ id: 'SavingsGroup' }),
      )
      .describe('Most observed first; months in their order'),
    unpriced_stops: z
      .int()
      .meta({ description: 'Stops of machines whose price nobody knew: not counted', examples: [0] }),
    unconverted: z
      .array(z.object({ currency: Currency, observed: Money }).meta({ id: 'SavingsUnconverted' }))
      .describe('Amounts whose day has no rate into `currency`: listed, never added up'),
    simulated: z.boolean().describe('true: some of it is made up'),
  })
  .meta({ id: 'SavingsSummary' });
